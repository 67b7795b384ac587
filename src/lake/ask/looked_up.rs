//! What questions look up in JSON, under names: many rules ask the same of an event, and it is looked up once.
//!
//! DuckDB finds out that two expressions are the same only where both are always worked out, and conditions
//! are not: each would read the event's JSON anew, which takes four times as long as all the rest.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::{Invalid, fields};
use crate::conditions::{Condition, Place, Tree};
use crate::events::Kind;

/// How what is in JSON is looked up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    /// Where it is asked for.
    InPlace,
    /// Before: a name is asked for, which [`LookedUp`] gives it.
    Named,
}

/// Expressions that look something up, by their names.
pub(super) type LookedUp = BTreeMap<String, String>;

impl Look {
    /// What is written where `sql` looks something up.
    pub(super) fn up(self, sql: String) -> String {
        match self {
            Self::InPlace => sql,
            Self::Named => name(&sql),
        }
    }
}

/// All that a condition looks up.
pub(super) fn of_condition(condition: &Condition) -> Result<LookedUp, Invalid> {
    let mut places = Vec::new();
    condition.tree.each_leaf(&mut |leaf| {
        if let Tree::Test(test) = leaf {
            places.extend(test.operands().map(|operand| &operand.place));
        }
    });
    let mut all = LookedUp::new();
    for place in places {
        all.extend(of_place(place)?);
    }
    Ok(all)
}

/// What is looked up at a place: as JSON, and as text. Nothing where no JSON is.
pub(super) fn of_place(place: &Place) -> Result<LookedUp, Invalid> {
    let (column, within) = fields::column(place)?;
    if column.kind != Kind::Json {
        return Ok(LookedUp::new());
    }
    let both = [fields::json(column, within), fields::text(column, within)];
    Ok(both.map(|sql| (name(&sql), sql)).into())
}

/// A name of its own: DuckDB takes names in capitals and small letters for the same, and paths into JSON are not.
fn name(sql: &str) -> String {
    let digest = Sha256::digest(sql.as_bytes());
    let digits = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    format!("looked_up_{}", digits.collect::<String>())
}
