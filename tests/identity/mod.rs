//! Whose is it: the decision table, merging, passing over, trust, and the models.

mod careful;
mod consents;
mod crowds;
mod decision_table;
mod erased_mergers;
mod guards;
mod manual;
mod meaningless;
mod merging;
mod model;
mod money;
mod nobodys_ids;
mod one_each;
mod passing;
mod preview;
mod spellings;
mod static_ids;
mod undoing;
mod undoing_some;
mod undoing_found;
pub(crate) mod rebuilding;
mod rebuilding_values;
mod steady;
mod trust;
mod trust_table;
