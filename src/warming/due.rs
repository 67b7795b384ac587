//! Those for whom something changes with time alone: they are looked at again when it is time.

use std::sync::Arc;

use super::NotWarmed;
use crate::app::App;
use crate::audiences::Rules;
use crate::model::Because;
use crate::working_set::Look;

/// People who are looked at again in one commit.
const PEOPLE_AT_ONCE: usize = 256;

/// Looks at people again for whom it is time; whether more of them wait. Blocks.
///
/// # Errors
/// See [`NotWarmed`]: whoever was not looked at is due the next time.
pub fn look_at_due(app: &Arc<App>) -> Result<bool, NotWarmed> {
    let at = app.clock.now();
    let people = app.storage.due(at, PEOPLE_AT_ONCE)?;
    if people.is_empty() {
        return Ok(false);
    }
    let is_more = people.len() == PEOPLE_AT_ONCE;
    let watching = app.registry.now().watching();
    // Where nobody has set up anything any more, everybody leaves what they were in.
    let watching = watching.unwrap_or_else(|| Arc::new(Rules::default()));
    let draw = app.ids.draw(at);
    app.committer.blocking_look(Look { people, watching, at, because: Because::Time, draw })?;
    Ok(is_more)
}
