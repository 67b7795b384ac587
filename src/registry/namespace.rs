//! Namespaces of identifiers: what names somebody.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Entity, Misfit, Snapshot};
use crate::model::{
    Country, MEANINGLESS_MAX, Namespace, NamespaceRules, Normalise, Path, Pattern, PublicMode,
    ReadFrom, Trust, VALUES_MAX_MOST,
};
use crate::rules;

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// Longest word that identifies nobody, and longest type and path, in bytes.
const TEXT_BYTES_MAX: usize = 256;
/// Most properties that one namespace is read from besides.
const READ_FROM_MAX: usize = 100;

impl Entity for NamespaceRules {
    const KIND: &'static str = "namespace";

    type Body = NamespaceBody;

    fn id(&self) -> &str {
        self.name.as_str()
    }

    fn check(&self, _: &Snapshot) -> Result<(), Misfit> {
        let misfit = |place, wanted: String| Err(Misfit::new(place, wanted));
        if !is_name(self.name.as_str()) {
            let wanted = format!("must have 1 to {NAME_BYTES_MAX} of a-z, 0-9, _ and -");
            return misfit("id", wanted);
        }
        if !(1..=VALUES_MAX_MOST).contains(&self.values_max) {
            return misfit("values_max", format!("must be 1 to {VALUES_MAX_MOST}"));
        }
        if self.country.is_some() && self.normalise != Normalise::Phone {
            return misfit("country", "is for phone numbers: normalise must be phone".to_owned());
        }
        let is_word = |word: &String| {
            let stars = word.bytes().filter(|byte| *byte == b'*').count();
            word.len() <= TEXT_BYTES_MAX && stars <= 1 && !word.trim_matches('*').is_empty()
        };
        if self.meaningless.len() > MEANINGLESS_MAX || !self.meaningless.iter().all(is_word) {
            let wanted = format!(
                "must be at most {MEANINGLESS_MAX} texts of at most {TEXT_BYTES_MAX} bytes, each \
                 with at most one * and something beside it"
            );
            return misfit("meaningless", wanted);
        }
        let is_text = |text: &str| !text.is_empty() && text.len() <= TEXT_BYTES_MAX;
        let is_place = |one: &ReadFrom| is_text(&one.event_type) && is_text(&one.property);
        if self.read_from.len() > READ_FROM_MAX || !self.read_from.iter().all(is_place) {
            let wanted =
                format!("must be at most {READ_FROM_MAX} pairs of an event type and a property");
            return misfit("read_from", wanted);
        }
        let meant = self.read_from.iter().try_for_each(|one| Path::meant(&one.property));
        meant.or_else(|why| {
            misfit("read_from", format!("must have properties as they are meant: {why}"))
        })
    }

    /// What is read is stored by what is below `properties`. Whose it is tells what stands there; so does which values
    /// count, wherever they are read from.
    fn named(&self) -> Option<Value> {
        let more = self.read_from.iter().map(|one| one.property.as_str());
        let chooses = self.pattern.is_some() || self.meaningless != Self::of(self.id()).meaningless;
        let rules = rules::built_in();
        let known = rules.types().into_iter().flat_map(|kind| rules.identifying(kind));
        let known = known.filter(|one| chooses && one.namespace == self.name);
        let all = more.chain(known.map(|one| one.property.as_str()));
        Some(all.map(|property| format!("properties.{property}")).collect())
    }

    fn to_body(&self) -> NamespaceBody {
        NamespaceBody {
            unique: self.unique,
            values_max: self.values_max,
            normalise: self.normalise.as_str().to_owned(),
            country: self.country.map(Country::code),
            pattern: self.pattern.as_ref().map(|pattern| pattern.as_str().to_owned()),
            meaningless: self.meaningless.clone(),
            read_from: self.read_from.iter().map(ReadFromBody::from).collect(),
            believed: self.believed.as_str().to_owned(),
            public: self.public.map(|mode| mode.as_str().to_owned()),
        }
    }

    /// What a newer node has written and this one does not know is at its default.
    fn from_body(id: String, body: NamespaceBody) -> Self {
        let plain = Self::of(&id);
        Self {
            name: Namespace::new(id),
            unique: body.unique,
            values_max: body.values_max,
            normalise: Normalise::named(&body.normalise).unwrap_or(plain.normalise),
            country: body.country.as_deref().and_then(Country::of),
            pattern: body.pattern.and_then(|pattern| Pattern::new(&pattern).ok()),
            meaningless: body.meaningless,
            read_from: body.read_from.into_iter().map(ReadFrom::from).collect(),
            believed: Trust::named(&body.believed).unwrap_or(Trust::Trusted),
            public: body.public.as_deref().and_then(PublicMode::named),
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_of_name = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_of_name)
}

/// The body of a `config` row of kind `namespace`.
#[derive(Debug, Serialize, Deserialize)]
pub struct NamespaceBody {
    unique: bool,
    values_max: usize,
    normalise: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    meaningless: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    read_from: Vec<ReadFromBody>,
    believed: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReadFromBody {
    event_type: String,
    property: String,
}

impl From<&ReadFrom> for ReadFromBody {
    fn from(one: &ReadFrom) -> Self {
        Self { event_type: one.event_type.clone(), property: one.property.clone() }
    }
}

impl From<ReadFromBody> for ReadFrom {
    fn from(body: ReadFromBody) -> Self {
        Self { event_type: body.event_type, property: body.property }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misfit(change: impl FnOnce(&mut NamespaceRules)) -> Option<&'static str> {
        let mut rules = NamespaceRules::of("loyalty");
        change(&mut rules);
        rules.check(&Snapshot::default()).err().map(|misfit| misfit.place)
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_place() {
        assert_eq!(misfit(|_| {}), None);
        assert_eq!(misfit(|rules| rules.name = Namespace::new("Card No")), Some("id"));
        assert_eq!(misfit(|rules| rules.values_max = 0), Some("values_max"));
        assert_eq!(misfit(|rules| rules.country = Country::of("PL")), Some("country"));
        assert_eq!(misfit(|rules| rules.meaningless.push("*".into())), Some("meaningless"));
        assert_eq!(misfit(|rules| rules.meaningless.push("a*b*".into())), Some("meaningless"));
        let nowhere = ReadFrom { event_type: "order".into(), property: String::new() };
        assert_eq!(misfit(|rules| rules.read_from.push(nowhere)), Some("read_from"));
        let starred = ReadFrom { event_type: "order".into(), property: "buyer.*".into() };
        assert_eq!(misfit(|rules| rules.read_from.push(starred)), Some("read_from"));
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let mut rules = NamespaceRules::of("phone");
        rules.country = Country::of("PL");
        rules.pattern = Pattern::new(r"\+48.*").ok();
        rules.read_from =
            vec![ReadFrom { event_type: "order".into(), property: "buyer.phone".into() }];
        (rules.believed, rules.public) = (Trust::Signed, Some(PublicMode::Ask));
        let text = serde_json::to_string(&rules.to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(NamespaceRules::from_body("phone".into(), read), rules);
    }
}
