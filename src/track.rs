//! THE WAY OF A PAYLOAD, from the queue to the answer: start reading here.
//!
//! Before this, `http` has parsed and `admission` has let in; after this, the committer writes what
//! the working set has gathered and then sends the answer. Nothing here waits, fails, looks at the
//! clock or draws an id: a round can be folded again and gives the same.

use crate::identification;
use crate::model::Payload;
use crate::processing::{self, Before};
use crate::response::{self, Response};
use crate::working_set::WorkingSet;

/// Folds one payload over the working set of its round.
pub fn track(mut payload: Payload, people: &mut WorkingSet) -> Response {
    // 1  What of it do we have already? Repeated events are told of and left out.
    people.drop_repeated(&mut payload);
    // Where somebody signs in after somebody else, each has the events of their own turn.
    let mut rest = people.next_turn(&mut payload);
    let mut response = fold(payload, people);
    while let Some(mut turn) = rest {
        turn.session = response.session.clone().or(turn.session);
        rest = people.next_turn(&mut turn);
        response = response.followed_by(fold(turn, people));
    }
    response
}

/// Folds what is one person's.
fn fold(mut payload: Payload, people: &mut WorkingSet) -> Response {
    // 2  Whose is it?
    let known = people.known(&payload);
    let decision = identification::decide(&payload, &known);
    payload.warnings.extend(decision.warnings.iter().cloned());
    // 3  Those who turn out to be one person become one.
    people.merge(&decision, &payload);
    people.adopt(decision.adopts.as_ref(), &decision.whose);
    // What would unite more than it should waits for a decision.
    people.doubt(&decision, &payload);
    let link = people.link(&payload, &decision.whose);
    let profile = people.lend(&payload, &decision.whose);
    let under = profile.as_deref().map(|person| people.origin(&payload, &decision.whose, person));
    profile.iter().for_each(|person| person.comes_after_mergers(&mut payload.received_at));
    // 4  What does it change?
    let before = Before {
        profile,
        under,
        merged: !decision.merges.is_empty() || decision.adopts.is_some(),
        session: payload.session.as_ref().and_then(|id| people.session(id)),
        session_is_anothers: decision.is_after_another(known.session.as_ref(), link.is_some()),
        link,
        session_has_profile: known.session.is_some_and(|session| session.has_person()),
    };
    let after = processing::process(&payload, &decision.whose, before);
    // 5  What does the tracker hear back?
    let response = response::respond(&payload, &decision, &after);
    // 6  All of it goes into the round, to be written at once or not at all.
    people.keep(&payload, &decision, after);
    response
}
