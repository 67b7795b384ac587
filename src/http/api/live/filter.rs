//! What somebody wants to hear of.

use memchr::memmem;
use serde_json::Value;

use super::{RefusedPart, RefusedPayload, Wanted};
use crate::conditions::{Columns, Condition, Language, Tree, parse};
use crate::events::whole;
use crate::http::documents::{self, EventDocument};
use crate::http::{ApiError, Code};
use crate::live::Refused;
use crate::model::{Masking, Time, kept_id, kept_type};

/// Events a second that each who looks is told of: more than anybody reads.
const TOLD_PER_SECOND_MAX: u32 = 250;

/// See the module.
pub(super) struct Filter {
    wanted: Wanted,
    condition: Condition,
    masking: Masking,
    /// What stands in the line of an event that is wanted, as the tail writes it.
    marks: Vec<String>,
}

impl Filter {
    pub(super) fn of(mut wanted: Wanted, masking: Masking) -> Result<Self, ApiError> {
        wanted.kind = wanted.kind.as_deref().map(kept_type);
        wanted.source = wanted.source.as_deref().map(kept_id);
        let text = wanted.filter.as_deref().unwrap_or_default();
        let condition = if text.trim().is_empty() {
            Condition { language: Language::History, tree: Tree::All(Vec::new()) }
        } else {
            parse(Language::History, text)?
        };
        let marks = [("type", &wanted.kind), ("source_id", &wanted.source)];
        let marks = marks.into_iter().filter_map(|(column, value)| mark(column, value.as_deref()?));
        let marks = marks.collect();
        match wanted.only.as_deref() {
            None | Some("kept" | "refused") => Ok(Self { wanted, condition, masking, marks }),
            Some(_) => Err(ApiError::new(Code::QuestionInvalid, "only is one of kept, refused")),
        }
    }

    /// Events a second that are told, if as many happen.
    pub(super) fn rate(&self) -> u32 {
        self.wanted.rate.unwrap_or(TOLD_PER_SECOND_MAX).clamp(1, TOLD_PER_SECOND_MAX)
    }

    /// Whether that is what it hides.
    pub(super) fn hides(&self, masking: &Masking) -> bool {
        self.masking == *masking
    }

    pub(super) fn takes(&self, what: &str) -> bool {
        self.wanted.only.as_deref().is_none_or(|only| only == what)
    }

    /// Whether this line may be of an event that is wanted. Told without reading it, at a hundredth of
    /// the price: of a busy shop's events most are not.
    pub(super) fn may_take(&self, line: &[u8]) -> bool {
        self.marks.iter().all(|mark| memmem::find(line, mark.as_bytes()).is_some())
    }

    /// Whether each line must be read to tell whether it is wanted: what is not read counts as left out.
    pub(super) fn needs_reading(&self) -> bool {
        self.marks.is_empty()
    }

    /// The event of a line, if it is wanted. What is hidden is hidden before it is looked at, so that
    /// nothing can be found by it.
    pub(super) fn event(&self, line: &[u8], now: Time) -> Option<EventDocument> {
        let mut columns = whole(line)?;
        self.masking.hide_columns(&mut columns);
        let is = |column: &str, wanted: &Option<String>| {
            wanted
                .as_deref()
                .is_none_or(|one| columns.get(column).and_then(Value::as_str) == Some(one))
        };
        let is_wanted = is("type", &self.wanted.kind)
            && is("source_id", &self.wanted.source)
            && self.condition.holds(&Columns { columns: &columns, now });
        is_wanted.then(|| documents::event(columns))
    }

    pub(super) fn refusal(&self, refused: &Refused) -> Option<RefusedPayload> {
        let wanted =
            self.wanted.source.as_deref().is_none_or(|source| kept_id(&refused.source) == source);
        let part = |(place, message): &(String, String)| RefusedPart {
            place: place.clone(),
            message: message.clone(),
        };
        wanted.then(|| RefusedPayload {
            time: refused.at.to_string(),
            code: refused.code,
            status: refused.status,
            message: refused.message.clone(),
            source: refused.source.clone(),
            problems: refused.problems.iter().map(part).collect(),
        })
    }
}

/// How a column with this value stands in a line.
fn mark(column: &str, value: &str) -> Option<String> {
    let value = serde_json::to_string(value).ok()?;
    Some(format!("\"{column}\":{value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1e-7, which makes the line keep its object as a text.
    #[test]
    fn nothing_is_found_by_what_is_hidden_however_its_object_is_kept() {
        let line = |value: &str| {
            let properties = format!(r#"{{"email":"ann@x.example","v":{value}}}"#);
            let text = Value::from(properties.as_str()).to_string();
            let kept = if value == "1e-7" { &text } else { &properties };
            format!(r#"{{"id":"e","type":"x","time":"2026-01-05T10:00:00Z","properties":{kept}}}"#)
        };
        for value in ["0.5", "1e-7"] {
            for (filter, is_found) in [
                (r#"properties CONTAINS "ann@""#, false),
                (r#"properties.email = "ann@x.example""#, false),
                ("properties.v < 1", true),
            ] {
                let wanted = Wanted { filter: Some(filter.to_owned()), ..Wanted::default() };
                let masking = Masking::parse("properties.email").unwrap();
                let filter = Filter::of(wanted, masking).unwrap_or_else(|_| panic!("{filter}"));
                let event = filter.event(line(value).as_bytes(), Time::from_micros(0));
                let told = event.map(|event| serde_json::to_value(event).unwrap());
                assert_eq!(told.is_some(), is_found, "{value}");
                assert!(!told.unwrap_or_default().to_string().contains("ann@"), "{value}");
            }
        }
    }

    #[test]
    fn what_is_made_of_something_hidden_is_neither_shown_nor_looked_at() {
        let line = br#"{"id":"e","type":"v","page_url":"SEC","bot":true,"context":{"page":{"url":"SEC"}}}"#;
        let told = |filter: &str, hidden: &str| {
            let wanted = Wanted { filter: Some(filter.to_owned()), ..Wanted::default() };
            let filter = Filter::of(wanted, Masking::parse(hidden).unwrap()).ok().unwrap();
            let event = filter.event(line, Time::default())?;
            Some(serde_json::to_value(event).unwrap())
        };
        let seen = told("", "context.page.url context.browser").unwrap();
        assert_eq!((&seen["hit"]["url"], &seen["app"]["bot"]), (&"***".into(), &Value::Null));
        assert!(!seen.to_string().contains("SEC"), "{seen}");
        for filter in ["page_url CONTAINS SEC", "hit.url = SEC", "bot = true", "bot EXISTS"] {
            assert!(told(filter, "context.page.url context.browser").is_none(), "{filter}");
            assert!(told(filter, "context.page.title").is_some(), "{filter}");
        }
    }
}
