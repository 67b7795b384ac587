//! Whose is it: the decision table, merging, passing over, and the model.

mod crowds;
mod decision_table;
mod merging;
mod model;
mod passing;
mod static_ids;
mod undoing;
