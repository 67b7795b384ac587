//! Facts of JSON documents.

use super::{Fact, Facts, Place};
use crate::conditions::Root;
use crate::model::{Map, Time};

/// Documents, those that are there. Nothing is copied.
///
/// A number of a [`serde_json::Value`] has 64 bits: longer whole ones are floats before anybody here sees
/// them. Facts of a [`crate::model::Json`] have all of their digits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Documents<'a> {
    /// The event's.
    pub event: Option<&'a Map>,
    /// The profile's.
    pub profile: Option<&'a Map>,
    /// The session's.
    pub session: Option<&'a Map>,
    /// What was sent.
    pub payload: Option<&'a Map>,
    /// What `now()` is.
    pub now: Time,
}

impl Facts for Documents<'_> {
    fn at<'a>(&'a self, place: &Place) -> Fact<'a> {
        let document = match place.root {
            Root::Event => self.event,
            Root::Profile => self.profile,
            Root::Session => self.session,
            Root::Payload => self.payload,
        };
        Fact::from(document.and_then(|document| place.path.get(document)))
    }

    fn now(&self) -> Time {
        self.now
    }
}
