//! Intake: from a request to payloads that were admitted, whatever dialect they came in.
//!
//! A dialect turns what was sent into plain values, [`Incoming`], one for each person that the
//! request speaks of. [`Intake`] understands them and asks admission; [`take`] commits what was
//! admitted, counts each payload once, and gives the dialect an answer for each, in order.

mod call;
mod incoming;
mod problem;
mod bounds;
mod clock;
mod credentials;
mod secrets;
mod visitor;
mod identifiers;
mod nobodys;
mod past;
mod signed;
mod link;
mod kind;
mod events;
mod validity;
mod remade;
mod private;
mod shaping;
mod calling;
mod understand;

pub(in crate::http) use bounds::Bounds;
pub(in crate::http) use call::Call;
pub(in crate::http) use calling::Ready;
pub(in crate::http) use incoming::{Incoming, IncomingEvent, Object};
pub use past::Past;
pub use problem::Problem;
pub(in crate::http) use problem::{Fault, PROBLEMS_MAX, Place};
pub(in crate::http) use understand::Intake;
pub use visitor::TEXT_BYTES_MAX;

use std::time::Duration;

use tokio::sync::oneshot::Receiver;

use super::error::ApiError;
use crate::admission::Admitted;
use crate::app::App;
use crate::committer::Unavailable;
use crate::outcome::{Outcome, Ticket};
use crate::response::Response;
use crate::telemetry::{Line, traces};

/// What became of one payload: admitted, without any events, or refused.
pub(in crate::http) type Understood = Result<Option<Ready>, ApiError>;
/// The same before the committer, once functions were called with its events.
type Called = Result<Option<Admitted>, ApiError>;
/// What became of it in the end; no response when it had no events.
pub(in crate::http) type Answered = Result<Option<Response>, ApiError>;

/// Counts a request, whatever becomes of it, and commits its payloads. The answers are in the order
/// of the payloads: one that is refused does not keep the others.
///
/// # Errors
/// The request could not be read; it counts as one payload then.
pub(in crate::http) async fn take(
    app: &App,
    read: impl Future<Output = Result<Vec<Understood>, ApiError>>,
) -> Result<Vec<Answered>, ApiError> {
    let started = app.clock.elapsed();
    // Before anything is known of it: whoever goes away now has sent something that came too slowly.
    let ticket = Ticket::open(&app.telemetry);
    let payloads = match read.await {
        Ok(payloads) => payloads,
        Err(error) => {
            ticket.settle(Outcome::Refused(error.code.as_str()));
            tell(app, &error);
            return Err(error);
        }
    };
    let called = all_called(app, payloads).await;
    let traced = traces::current();
    if let Some(request) = &traced {
        request.admitted(started, called.len());
    }
    let submitted = submit(app, ticket, called);
    let mut answers = Vec::with_capacity(submitted.len());
    for one in submitted {
        answers.push(one.answer(app, started).await);
    }
    if let Some(request) = &traced {
        request.is_decided();
    }
    Ok(answers)
}

/// The same for a request that brings one payload.
///
/// # Errors
/// It was refused, or could not be kept.
pub(in crate::http) async fn take_one(
    app: &App,
    read: impl Future<Output = Understood>,
) -> Answered {
    let mut answers = take(app, async { Ok(vec![Ok(read.await?)]) }).await?;
    answers.pop().unwrap_or(Ok(None))
}

/// All of a request's payloads have one patience with functions.
async fn all_called(app: &App, payloads: Vec<Understood>) -> Vec<Called> {
    let patience = app.functions.patience();
    let mut called = Vec::with_capacity(payloads.len());
    for one in payloads {
        called.push(match one {
            Ok(Some(ready)) => ready.called(app, patience).await,
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        });
    }
    called
}

/// A payload with what functions make of its events, for whoever only looks at what would become of it.
///
/// # Errors
/// None of its events may be kept.
pub(in crate::http) async fn called(app: &App, ready: Option<Ready>) -> Called {
    match ready {
        Some(ready) => ready.called(app, app.functions.patience()).await,
        None => Ok(None),
    }
}

/// Hands over everything that was admitted before any of it is waited for, so that it is committed in
/// one round and in its order. Nothing is waited for here, so that nobody can go away in between and
/// leave a payload uncounted.
fn submit(app: &App, ticket: Ticket, payloads: Vec<Called>) -> Vec<Submitted> {
    if payloads.is_empty() {
        ticket.settle(Outcome::Kept);
        return Vec::new();
    }
    // The first payload's account is the request's own.
    let others = std::iter::repeat_with(|| Ticket::open(&app.telemetry));
    let tickets = std::iter::once(ticket).chain(others);
    // Payloads come first: the other way round, one ticket too many is opened.
    payloads.into_iter().zip(tickets).map(|(one, ticket)| Submitted::of(app, one, ticket)).collect()
}

/// From now on the committer's.
fn arrived(ticket: Ticket) -> Ticket {
    ticket.arrived().with(traces::current())
}

/// Those who look at what happens hear of a payload that is not kept.
fn tell(app: &App, error: &ApiError) {
    app.live.refused(|| error.shown(app.clock.now()));
}

/// One payload of a request on its way.
enum Submitted {
    Ended(Answered),
    Waiting(Receiver<Result<Response, Unavailable>>),
}

impl Submitted {
    fn of(app: &App, called: Called, ticket: Ticket) -> Self {
        match called {
            Ok(Some(admitted)) => match app.committer.submit(admitted, arrived(ticket)) {
                Ok(waiting) => Self::Waiting(waiting),
                Err(why) => {
                    let error = ApiError::from(why);
                    tell(app, &error);
                    Self::Ended(Err(error))
                }
            },
            Ok(None) => {
                ticket.settle(Outcome::Kept);
                Self::Ended(Ok(None))
            }
            Err(error) => {
                ticket.settle(Outcome::Refused(error.code.as_str()));
                tell(app, &error);
                Self::Ended(Err(error))
            }
        }
    }

    async fn answer(self, app: &App, started: Duration) -> Answered {
        let waiting = match self {
            Self::Ended(answered) => return answered,
            Self::Waiting(waiting) => waiting,
        };
        let response = waiting.await.unwrap_or(Err(Unavailable::Stopping));
        let response = response.map_err(ApiError::from).inspect_err(|error| tell(app, error))?;
        tell_of_doubts(app, &response);
        app.telemetry.tracked(app.clock.elapsed().saturating_sub(started));
        Ok(Some(response))
    }
}

/// A guard that held is a reason to look: a till, a shared address, or somebody who tries.
fn tell_of_doubts(app: &App, response: &Response) {
    for reason in &response.doubts {
        app.telemetry.quarantined(reason.as_str());
        if reason.is_of_a_guard() {
            let (reason, source) = (reason.as_str(), response.source.as_str());
            let others = app.telemetry.passed_over(Line::Doubt, app.clock.elapsed());
            if let Some(others) = others {
                tracing::warn!(
                    reason,
                    source.id = source,
                    others,
                    "an identifier unites too many; it waits"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests;
