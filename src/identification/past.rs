//! Whose a row of history is that nobody vouches for: its person's, with the power that it had when it was collected.

use super::decide::Row;
use super::{Known, Living};
use crate::model::{Found, Payload, Vouched};

/// The row of the table for what a page once sent and is imported as history, and for what anybody sent where a page
/// had named somebody: it goes to the person whom it says. Whoever was only named in it is only named again: else an
/// import would give strangers what was refused them before.
pub(super) fn row(payload: &Payload, known: &Known) -> Row {
    let was_named = match payload.options.found {
        Some(Found::Own) => false,
        Some(Found::Linked) => true,
        // Whoever is believed knows whose it is, but for where somebody was named by others before.
        Some(Found::Doubted) => payload.vouched != Vouched::All || is_named_there(known),
        // A file that does not say it: what is of one person in another's visit was never shown to be theirs.
        None => known.claimed.is_some() && visitor(known).is_some(),
    };
    if !was_named {
        return Row { visitor: known.claimed.clone(), ..Row::default() };
    }
    Row {
        visitor: visitor(known),
        linked: known.claimed.clone(),
        is_of_nobody_known: known.claimed.is_none(),
    }
}

/// Whether whom the row says was only named in the visit, as far as it was told until now.
fn is_named_there(known: &Known) -> bool {
    let session = known.session.as_ref().filter(|session| session.is_linked);
    session.is_some_and(|session| session.profile.is_some() && session.profile == known.claimed)
}

/// Who visits, where that is another than the one whom the row says.
fn visitor(known: &Known) -> Option<Living> {
    let session = known.session.as_ref()?;
    let visitor = if session.is_linked { &session.visitor } else { &session.profile };
    visitor.clone().filter(|visitor| known.claimed.as_ref() != Some(visitor))
}
