//! Whose is it: the decision table, merging, passing over, and the model.

mod consents;
mod crowds;
mod decision_table;
mod merging;
mod model;
mod money;
mod passing;
mod static_ids;
