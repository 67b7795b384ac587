//! `kith openapi`: the document that the server describes its addresses with.

use super::say;

/// Prints what `/openapi.json` answers, without a server.
pub(super) fn run() -> Result<(), String> {
    let document = crate::http::document().to_pretty_json();
    say(&document.map_err(|error| error.to_string())?);
    Ok(())
}
