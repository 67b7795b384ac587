//! Rules as they would be: what somebody thinks of storing, checked as a change would be.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use utoipa::PartialSchema;

use super::entities::tried;
use super::{
    Kind, compliance, consent_type, currency_table, each_configured, event_to_profile, event_type,
    function, reshaping, rule, tracking_plan, validator,
};
use crate::app::App;
use crate::http::{ApiError, SignedIn};
use crate::model::{
    Compliance, ConsentType, CurrencyTable, EventToProfile, EventType, Function, Reshaping,
    TrackingPlan, Validator,
};
use crate::registry::{Entity, Snapshot};

/// Most rules that are tried at once.
const DRAFTS_MAX: usize = 100;

/// Rules of a kind, each as it was posted: it is read as its own address reads it.
type Parts = Vec<Box<RawValue>>;

/// Rules that are laid over those there are. Each is on, whatever it says.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Drafts {
    /// Each as posted to `/event-type/mapping`.
    #[serde(default)]
    event_types: Parts,
    /// Each as posted to `/event-to-profile`.
    #[serde(default)]
    event_to_profile: Parts,
    /// Each as posted to `/event-validator`.
    #[serde(default)]
    validators: Parts,
    /// Each as posted to `/api/tracking-plans`.
    #[serde(default)]
    tracking_plans: Parts,
    /// Each as posted to `/consent/compliance/field`.
    #[serde(default)]
    compliance: Parts,
    /// Each as posted to `/consent/type`.
    #[serde(default)]
    consent_types: Parts,
    /// Each as posted to `/api/currency-tables`.
    #[serde(default)]
    currency_tables: Parts,
    /// Each as posted to `/event-reshape-schema`.
    #[serde(default)]
    reshapings: Parts,
    /// Each as posted to `/api/functions`; their tests are not run.
    #[serde(default)]
    functions: Parts,
}

impl Drafts {
    /// The configuration with them.
    pub(in crate::http) fn over(
        &self,
        app: &App,
        known: &Snapshot,
        user: &SignedIn,
    ) -> Result<Snapshot, ApiError> {
        if self.count() > DRAFTS_MAX {
            return Err(rule::wrong(format!("at most {DRAFTS_MAX} rules are tried at once")));
        }
        let who = user.who().name;
        let mut would_be = Laid { app, user, known, laid: None };
        would_be.lay_each(("event_types", &self.event_types), &event_type::KIND, |posted| {
            Ok(EventType { enabled: true, ..event_type::read(app, known, &who, posted)? })
        })?;
        would_be.lay_each(
            ("event_to_profile", &self.event_to_profile),
            &event_to_profile::KIND,
            |posted| {
                Ok(EventToProfile {
                    enabled: true,
                    ..event_to_profile::read(app, known, &who, posted)?
                })
            },
        )?;
        would_be.lay_each(("validators", &self.validators), &validator::KIND, |posted| {
            Ok(Validator { enabled: true, ..validator::read(app, known, &who, posted)? })
        })?;
        would_be.lay_each(
            ("tracking_plans", &self.tracking_plans),
            &tracking_plan::KIND,
            |posted| {
                Ok(TrackingPlan { enabled: true, ..tracking_plan::read(app, known, &who, posted)? })
            },
        )?;
        would_be.lay_each(("compliance", &self.compliance), &compliance::KIND, |posted| {
            Ok(Compliance { enabled: true, ..compliance::read(app, known, &who, posted)? })
        })?;
        would_be.lay_each(
            ("consent_types", &self.consent_types),
            &consent_type::KIND,
            |posted| {
                Ok(ConsentType { enabled: true, ..consent_type::read(app, known, &who, posted)? })
            },
        )?;
        would_be.lay_each(("reshapings", &self.reshapings), &reshaping::KIND, |posted| {
            Ok(Reshaping { enabled: true, ..reshaping::read(app, known, &who, posted) })
        })?;
        would_be.lay_each(("functions", &self.functions), &function::KIND, |posted| {
            Ok(Function { enabled: true, ..function::read(app, known, &who, posted) })
        })?;
        would_be.lay_each(
            ("currency_tables", &self.currency_tables),
            &currency_table::KIND,
            |posted| {
                Ok(CurrencyTable {
                    enabled: true,
                    ..currency_table::read(app, known, &who, posted)?
                })
            },
        )?;
        Ok(would_be.laid.unwrap_or_else(|| known.clone()))
    }

    fn count(&self) -> usize {
        let lists = [
            &self.event_types,
            &self.event_to_profile,
            &self.validators,
            &self.tracking_plans,
            &self.compliance,
            &self.consent_types,
            &self.currency_tables,
            &self.reshapings,
            &self.functions,
        ];
        lists.into_iter().map(Vec::len).sum()
    }
}

/// What is known, and what was laid over it so far.
struct Laid<'a> {
    app: &'a App,
    user: &'a SignedIn,
    known: &'a Snapshot,
    laid: Option<Snapshot>,
}

impl Laid<'_> {
    /// Lays each of a list, as it is read.
    fn lay_each<P: DeserializeOwned + PartialSchema, T: Entity>(
        &mut self,
        (list, parts): (&str, &Parts),
        kind: &Kind,
        read: impl Fn(P) -> Result<T, ApiError>,
    ) -> Result<(), ApiError> {
        let posted = each_configured(parts, kind, &format!("rules.{list}"))?;
        posted.into_iter().try_for_each(|one| self.lay(&read(one)?))
    }

    fn lay<T: Entity>(&mut self, one: &T) -> Result<(), ApiError> {
        let under = self.laid.as_ref().unwrap_or(self.known);
        let one = tried(self.app, self.user, rule::INVALID, under, one)?;
        self.laid = Some(under.with(one));
        Ok(())
    }
}
