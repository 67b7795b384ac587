//! Dialects: each has its doors, its wire, and its own words for an answer; intake does the rest.

pub mod tracardi;
