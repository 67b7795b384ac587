//! `POST /track`: what it takes, what it answers, what it refuses.

mod answers;
mod bodies;
mod bridges;
mod consents;
mod browsers;
mod console;
mod bounds;
mod digits;
mod documents;
mod integration_page;
mod options;
mod order;
mod outcomes;
mod pages;
mod places;
mod refusals;
mod repetition;
mod rules;
mod validity;
mod privacy;
mod reshaping;
mod functions;
mod secrets;
mod times;
mod visits;
