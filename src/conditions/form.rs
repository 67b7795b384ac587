//! What tests compare with types and ids, in the form in which those are kept.

use super::{Operand, Pattern, Test, Text, Value};
use crate::model::{kept_id, kept_type, lower_case, part_of_type};

/// The form of a column: of the whole of a value, and of a part of one.
type Form = (fn(&str) -> String, fn(&str) -> String);

impl Test {
    /// The same, so that `type = "Order Placed"` finds what came in under this name.
    #[must_use]
    pub(super) fn in_form(self) -> Self {
        let Some((whole, part)) = form(self.left()) else { return self };
        match self {
            Self::Compare { left, sign, right } => {
                Self::Compare { left, sign, right: value(right, whole, part) }
            }
            Self::Among(left, list) => {
                let list = list.into_iter().map(|one| value(one, whole, part));
                Self::Among(left, list.collect())
            }
            Self::Contains(left, one) => Self::Contains(left, value(one, part, part)),
            Self::Affix(left, affix, text) => {
                Self::Affix(left, affix, Text::new(part(text.as_str())))
            }
            Self::Exists(_) | Self::Null(_) | Self::Empty(_) => self,
        }
    }
}

/// The form of what is looked at; none where values are kept as they were sent.
fn form(operand: &Operand) -> Option<Form> {
    let (column, _) = operand.place.column.as_ref().filter(|_| operand.function.is_none())?;
    match column.name {
        "type" => Some((kept_type, part_of_type)),
        "source_id" | "id" => Some((kept_id, lower_case)),
        _ => None,
    }
}

fn value(value: Value, whole: fn(&str) -> String, part: fn(&str) -> String) -> Value {
    match value {
        Value::Text(text) => Value::Text(Text::new(whole(text.as_str()))),
        Value::Pattern(pattern) => {
            let pieces = pattern.pieces().iter().map(|piece| part(piece)).collect();
            Pattern::new(pieces).map_or(Value::Pattern(pattern), Value::Pattern)
        }
        other @ (Value::Null
        | Value::Truth(_)
        | Value::Number(_)
        | Value::Moment(_)
        | Value::Now(_)
        | Value::Operand(_)) => other,
    }
}
