//! What holds for all namespaces: one entity, which is at its defaults until somebody stores it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Entity, Misfit, Snapshot};
use crate::model::{Guards, IdentitySettings, Links, PublicMode};

/// Its only id.
pub const IDENTITY: &str = "identity";
/// Highest bounds that guards may have: what a person has is held in memory as a whole.
const IDS_MOST: u64 = 10_000;
const MERGES_A_DAY_MOST: u64 = 10_000;

impl Entity for IdentitySettings {
    const KIND: &'static str = "identity";

    type Body = IdentityBody;

    fn id(&self) -> &str {
        IDENTITY
    }

    fn check(&self, _: &Snapshot) -> Result<(), Misfit> {
        if !(1..=IDS_MOST).contains(&self.guards.ids_max) {
            return Err(Misfit::new("guards.ids_max", format!("must be 1 to {IDS_MOST}")));
        }
        if self.guards.merges_a_day_max > MERGES_A_DAY_MOST {
            let wanted = format!("must be at most {MERGES_A_DAY_MOST}");
            return Err(Misfit::new("guards.merges_a_day_max", wanted));
        }
        Ok(())
    }

    /// They name no place.
    fn named(&self) -> Option<Value> {
        Some(Value::Null)
    }

    fn to_body(&self) -> IdentityBody {
        IdentityBody {
            public: self.public.as_str().to_owned(),
            links: self.links.as_str().to_owned(),
            ids_max: self.guards.ids_max,
            merges_a_day_max: self.guards.merges_a_day_max,
        }
    }

    fn from_body(_: String, body: IdentityBody) -> Self {
        let (ids_max, merges_a_day_max) = (body.ids_max, body.merges_a_day_max);
        Self {
            public: PublicMode::named(&body.public).unwrap_or_default(),
            links: Links::named(&body.links).unwrap_or_default(),
            guards: Guards { ids_max, merges_a_day_max },
        }
    }
}

/// The body of the `config` row of kind `identity`.
#[derive(Debug, Serialize, Deserialize)]
pub struct IdentityBody {
    public: String,
    links: String,
    ids_max: u64,
    merges_a_day_max: u64,
}
