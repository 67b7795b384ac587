//! Rules as they would be: what somebody thinks of storing, checked as a change would be.

use serde::Deserialize;

use super::{
    compliance, consent_type, currency_table, event_to_profile, event_type, function, reshaping,
    rule, tracking_plan, validator,
};
use crate::app::App;
use crate::http::{ApiError, SignedIn};
use crate::registry::{Entity, Snapshot};

/// Most rules that are tried at once.
const DRAFTS_MAX: usize = 100;

/// Rules that are laid over those there are. Each is on, whatever it says.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Drafts {
    /// Each as posted to `/event-type/mapping`.
    #[serde(default)]
    event_types: Vec<event_type::Posted>,
    /// Each as posted to `/event-to-profile`.
    #[serde(default)]
    event_to_profile: Vec<event_to_profile::Posted>,
    /// Each as posted to `/event-validator`.
    #[serde(default)]
    validators: Vec<validator::Posted>,
    /// Each as posted to `/api/tracking-plans`.
    #[serde(default)]
    tracking_plans: Vec<tracking_plan::Posted>,
    /// Each as posted to `/consent/compliance/field`.
    #[serde(default)]
    compliance: Vec<compliance::Posted>,
    /// Each as posted to `/consent/type`.
    #[serde(default)]
    consent_types: Vec<consent_type::Posted>,
    /// Each as posted to `/api/currency-tables`.
    #[serde(default)]
    currency_tables: Vec<currency_table::Posted>,
    /// Each as posted to `/event-reshape-schema`.
    #[serde(default)]
    reshapings: Vec<reshaping::Posted>,
    /// Each as posted to `/api/functions`; their tests are not run.
    #[serde(default)]
    functions: Vec<function::Posted>,
}

impl Drafts {
    /// The configuration with them.
    pub(in crate::http) fn over(
        self,
        app: &App,
        known: &Snapshot,
        user: &SignedIn,
    ) -> Result<Snapshot, ApiError> {
        let lists = [
            self.event_types.len(),
            self.event_to_profile.len(),
            self.validators.len(),
            self.tracking_plans.len(),
            self.compliance.len(),
            self.consent_types.len(),
            self.currency_tables.len(),
            self.reshapings.len(),
            self.functions.len(),
        ];
        if lists.iter().sum::<usize>() > DRAFTS_MAX {
            return Err(rule::wrong(format!("at most {DRAFTS_MAX} rules are tried at once")));
        }
        let who = user.who().name;
        let mut would_be = Laid { known, laid: None };
        for posted in self.event_types {
            let mut one = event_type::read(app, known, &who, posted)?;
            one.enabled = true;
            would_be.lay(one)?;
        }
        for posted in self.event_to_profile {
            let mut one = event_to_profile::read(app, known, &who, posted)?;
            one.enabled = true;
            would_be.lay(one)?;
        }
        for posted in self.validators {
            let mut one = validator::read(app, known, &who, posted)?;
            one.enabled = true;
            would_be.lay(one)?;
        }
        for posted in self.tracking_plans {
            let mut one = tracking_plan::read(app, known, &who, posted)?;
            one.enabled = true;
            would_be.lay(one)?;
        }
        for posted in self.compliance {
            let mut one = compliance::read(app, known, &who, posted)?;
            one.enabled = true;
            would_be.lay(one)?;
        }
        for posted in self.consent_types {
            let mut one = consent_type::read(app, known, &who, posted)?;
            one.enabled = true;
            would_be.lay(one)?;
        }
        for posted in self.reshapings {
            let mut one = reshaping::read(app, known, &who, posted);
            one.enabled = true;
            would_be.lay(one)?;
        }
        for posted in self.functions {
            let mut one = function::read(app, known, &who, posted);
            one.enabled = true;
            would_be.lay(one)?;
        }
        for posted in self.currency_tables {
            let mut one = currency_table::read(app, known, &who, posted)?;
            one.enabled = true;
            would_be.lay(one)?;
        }
        Ok(would_be.laid.unwrap_or_else(|| known.clone()))
    }
}

/// What is known, and what was laid over it so far.
struct Laid<'a> {
    known: &'a Snapshot,
    laid: Option<Snapshot>,
}

impl Laid<'_> {
    fn lay<T: Entity>(&mut self, one: T) -> Result<(), ApiError> {
        let under = self.laid.as_ref().unwrap_or(self.known);
        let before = self.known.get::<T>(one.id()).map(|stored| stored.entity.as_ref());
        let check = one.check(under).and_then(|()| under.check_changed(&one, before));
        check.map_err(|misfit| rule::wrong(misfit.to_string()))?;
        self.laid = Some(under.with(one));
        Ok(())
    }
}
