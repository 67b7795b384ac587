//! Audiences and computed traits: what somebody did, counted, and what follows from it.
//!
//! Pure: the rules are compiled once for all configuration of a moment, payloads carry them, and the same
//! functions answer when something happens, when time goes by, when a rule is tried on history, and when
//! somebody asks why. See docs/decisions/0026-audiences.md.

mod leaf;
mod list;
mod computed;
mod worked;
mod formula;
mod halving;
mod facts;
mod memberships;
mod chains;
mod pair;
mod sequence;
mod due;
mod covered;
mod check;
mod narrow;
mod rules;
mod settle;
mod turns;
mod why;
mod past;
mod json;
mod json_did;

pub use check::{Unfit, check_condition, check_measure, lists_of, segments_named, traits_of};
pub use computed::{Computed, check_formula, check_written};
pub use covered::{hidden_in, is_of_hidden};
pub use json::{NotACondition, quote, read as read_json};
pub use leaf::{Leaf, TooLarge, event_hash, event_key, number_worth, text_worth};
pub use list::{listed, taken_off};
pub use rules::Rules;
pub use why::{Done, Part, Why};
