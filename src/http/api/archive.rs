//! Everything about a person in one archive, however much that is.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde_json::Value;

use super::unlinked::Unlinked;
use crate::app::App;
use crate::http::ApiError;
use crate::http::admin::{SignedIn, ask};
use crate::http::ask::history;
use crate::http::documents;
use crate::lake::{LakeError, Moment, Span, literal};
use crate::model::Profile;

/// Everything about a person: the profile, the sessions, the events, newest first. One JSON document
/// that is written to disk and sent from there, so that nothing is cut off.
///
/// # Errors
/// 401 without a token, 404 when the id leads nowhere, 408 when it took too long, 503 when too many
/// questions are being answered.
#[utoipa::path(
    get, path = "/api/profiles/{id}/export", tag = "history", security(("bearer" = [])),
    params(("id" = String, Path, description = "Any id the person ever had")),
    responses(
        (status = 200, description = "`{profile, sessions, events}`", body = Value),
        (status = 404, description = "`null`", body = Value),
    ),
)]
pub(in crate::http) async fn export(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let person = ask(&app, move |storage| storage.profile(&id)).await?;
    let person = person.ok_or_else(ApiError::not_found)?;
    let file = history(&app, Span::ALWAYS, move |lake, moment| {
        let file = Unlinked::new(lake.scratch_file("json"));
        let to = File::create(file.path()).map_err(disk)?;
        let mut to = BufWriter::new(to);
        write(&mut to, moment, &person)?;
        to.flush().map_err(disk)?;
        Ok(file)
    })
    .await?;
    let mut response = file.send("application/json").await?;
    let kept = HeaderValue::from_static("attachment; filename=\"person.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, kept);
    Ok(response)
}

fn write(to: &mut impl Write, moment: &Moment, person: &Profile) -> Result<(), LakeError> {
    let id = literal(person.id.as_str());
    put(to, b"{\"profile\":", &documents::profile(person))?;
    let sessions = format!("SELECT * FROM sessions WHERE profile_id = {id} ORDER BY id");
    list(to, "sessions", |each| moment.each(&sessions, &mut |row| each(&Value::Object(row))))?;
    let events =
        format!("SELECT * FROM events WHERE profile_id = {id} ORDER BY time DESC, id DESC");
    list(to, "events", |each| {
        moment.each_event(&events, &mut |event| each(&documents::event(&event)))
    })?;
    to.write_all(b"}").map_err(disk)
}

/// A key and its list, whose members come one by one.
fn list(
    to: &mut impl Write,
    name: &str,
    fill: impl FnOnce(&mut dyn FnMut(&Value) -> Result<(), LakeError>) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    write!(to, ",\"{name}\":[").map_err(disk)?;
    let mut before: &[u8] = b"";
    fill(&mut |value| put(to, std::mem::replace(&mut before, b","), value))?;
    to.write_all(b"]").map_err(disk)
}

fn put(to: &mut impl Write, before: &[u8], value: &Value) -> Result<(), LakeError> {
    let written = to.write_all(before).and_then(|()| Ok(serde_json::to_writer(&mut *to, value)?));
    written.map_err(disk)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn disk(error: std::io::Error) -> LakeError {
    LakeError::Disk(error.to_string())
}
