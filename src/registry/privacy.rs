//! Rules of privacy, and the consents that there are.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entity::said;
use super::rule::{AboutBody, check_id, check_room, check_rule, check_tags, check_type};
use super::{Entity, Misfit, Snapshot};
use crate::model::{Compliance, ConsentType, Path, PrivateAction, PrivateField};

/// Most fields of one rule.
const FIELDS_MAX: usize = 100;
/// Most consents, and most purposes, of one field; longest of them, in bytes, as profiles have it.
const NAMES_MAX: usize = 20;
const NAME_BYTES_MAX: usize = 128;
/// Longest that a consent holds by itself: a century.
const HOLDS_SECONDS_MAX: u64 = 36_500 * 86_400;

impl Entity for Compliance {
    const KIND: &'static str = "compliance";

    type Body = ComplianceBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_id(&self.id)?;
        check_room::<Self>(&self.id, known)?;
        check_rule(&self.about)?;
        check_tags(&self.tags)?;
        if let Some(kind) = &self.event_type {
            check_type("event_type", kind)?;
        }
        if self.settings.is_empty() || self.settings.len() > FIELDS_MAX {
            return Err(Misfit::new("settings", format!("must be 1 to {FIELDS_MAX} fields")));
        }
        let is_name = |name: &String| (1..=NAME_BYTES_MAX).contains(&name.len());
        let fits = |names: &[String]| names.len() <= NAMES_MAX && names.iter().all(is_name);
        let is_needed = |field: &PrivateField| {
            fits(&field.consents)
                && fits(&field.purposes)
                && !(field.consents.is_empty() && field.purposes.is_empty())
        };
        if !self.settings.iter().all(is_needed) {
            let wanted = format!("must each name 1 to {NAMES_MAX} consents or purposes");
            return Err(Misfit::new("settings", wanted));
        }
        Ok(())
    }

    /// What becomes of a field tells who has given the consents that it needs; one that asks for a purpose, all of them.
    fn named(&self) -> Option<Value> {
        let of = |name: &String| Path::of_key(name).written_below("profile@consents");
        let consents = self.settings.iter().flat_map(|field| &field.consents).map(of);
        let asks = self.settings.iter().any(|field| !field.purposes.is_empty());
        let any = asks.then(|| "profile@consents".to_owned());
        Some(json!([said(self), consents.chain(any).collect::<Vec<String>>()]))
    }

    fn to_body(&self) -> ComplianceBody {
        ComplianceBody {
            about: AboutBody::from(&self.about),
            enabled: self.enabled,
            event_type: self.event_type.clone(),
            settings: self.settings.iter().map(FieldBody::from).collect(),
            tags: self.tags.clone(),
        }
    }

    /// Fields that a newer node has written and this one does not know are left out.
    fn from_body(id: String, body: ComplianceBody) -> Self {
        Self {
            id,
            about: body.about.into(),
            enabled: body.enabled,
            event_type: body.event_type,
            settings: body.settings.into_iter().filter_map(FieldBody::read).collect(),
            tags: body.tags,
        }
    }
}

/// The body of a `config` row of kind `compliance`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ComplianceBody {
    #[serde(flatten)]
    about: AboutBody,
    enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    settings: Vec<FieldBody>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FieldBody {
    field: String,
    action: String,
    #[serde(default)]
    consents: Vec<String>,
    #[serde(default)]
    purposes: Vec<String>,
}

impl From<&PrivateField> for FieldBody {
    fn from(field: &PrivateField) -> Self {
        Self {
            field: field.written(),
            action: field.action.as_str().to_owned(),
            consents: field.consents.clone(),
            purposes: field.purposes.clone(),
        }
    }
}

impl FieldBody {
    fn read(self) -> Option<PrivateField> {
        let (part, path) = PrivateField::place(&self.field)?;
        // What is to be done with it and is not known here: as little as may be is kept.
        let action = PrivateAction::named(&self.action).unwrap_or(PrivateAction::Remove);
        Some(PrivateField { part, path, action, consents: self.consents, purposes: self.purposes })
    }
}

impl Entity for ConsentType {
    const KIND: &'static str = "consent_type";

    type Body = ConsentTypeBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        if self.id.is_empty() || self.id.len() > NAME_BYTES_MAX {
            return Err(Misfit::new("id", format!("must have 1 to {NAME_BYTES_MAX} bytes")));
        }
        check_room::<Self>(&self.id, known)?;
        check_rule(&self.about)?;
        check_tags(&self.tags)?;
        if self.holds_seconds > HOLDS_SECONDS_MAX {
            return Err(Misfit::new("auto_revoke", "must be at most 36500d"));
        }
        Ok(())
    }

    /// It names no place.
    fn named(&self) -> Option<Value> {
        Some(Value::Null)
    }

    fn to_body(&self) -> ConsentTypeBody {
        ConsentTypeBody {
            about: AboutBody::from(&self.about),
            enabled: self.enabled,
            revokable: self.revokable,
            granted_by_default: self.granted_by_default,
            required: self.required,
            holds_seconds: self.holds_seconds,
            tags: self.tags.clone(),
        }
    }

    fn from_body(id: String, body: ConsentTypeBody) -> Self {
        Self {
            id,
            about: body.about.into(),
            enabled: body.enabled,
            revokable: body.revokable,
            granted_by_default: body.granted_by_default,
            required: body.required,
            holds_seconds: body.holds_seconds,
            tags: body.tags,
        }
    }
}

/// The body of a `config` row of kind `consent_type`.
#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the reference's")]
pub struct ConsentTypeBody {
    #[serde(flatten)]
    about: AboutBody,
    enabled: bool,
    revokable: bool,
    granted_by_default: bool,
    required: bool,
    #[serde(default)]
    holds_seconds: u64,
    #[serde(default)]
    tags: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::About;

    fn compliance() -> Compliance {
        let (part, path) = PrivateField::place("event@properties.buyer[\"e mail\"]").unwrap();
        let (consents, purposes) = (vec!["ads".into()], vec!["marketing".into()]);
        Compliance {
            id: "mail".into(),
            about: About { name: "Mail".into(), ..About::default() },
            enabled: true,
            event_type: Some("order".into()),
            settings: vec![PrivateField {
                part,
                path,
                action: PrivateAction::Hash,
                consents,
                purposes,
            }],
            tags: vec!["General".into()],
        }
    }

    fn misfit(change: impl FnOnce(&mut Compliance)) -> Option<&'static str> {
        let mut one = compliance();
        change(&mut one);
        one.check(&Snapshot::default()).err().map(|misfit| misfit.place)
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        assert_eq!(misfit(|_| {}), None);
        assert_eq!(misfit(|one| one.event_type = Some("A".into())), Some("event_type"));
        assert_eq!(misfit(|one| one.settings.clear()), Some("settings"));
        let nobody = |one: &mut Compliance| {
            one.settings[0].consents.clear();
            one.settings[0].purposes.clear();
        };
        assert_eq!(misfit(nobody), Some("settings"), "nobody could ever allow it");
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let text = serde_json::to_string(&compliance().to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(Compliance::from_body("mail".into(), read), compliance());
        let consent = ConsentType {
            id: "ads".into(),
            about: compliance().about,
            enabled: true,
            revokable: true,
            granted_by_default: false,
            required: false,
            holds_seconds: 900,
            tags: Vec::new(),
        };
        let text = serde_json::to_string(&consent.to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(ConsentType::from_body("ads".into(), read), consent);
    }
}
