//! Whose is it: the decision table, merging, passing over, and the model.

mod crowds;
mod decision_table;
mod meaningless;
mod merging;
mod model;
mod one_each;
mod passing;
mod static_ids;
