//! Everything about a person in one archive, however much that is.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Serialize;

use super::file;
use crate::app::App;
use crate::http::admin::ask;
use crate::http::answers::Nothing;
use crate::http::ask::history;
use crate::http::documents::{self, EventDocument, ProfileDocument};
use crate::http::{ApiError, SignedIn, masked};
use crate::lake::ask::{Archive, Question, SessionRow};
use crate::lake::{Lake, LakeError, Moment, ScratchFile, Span};
use crate::model::{Masking, Profile};

/// Everything about a person. Only described: it is written piece by piece.
#[derive(utoipa::ToSchema)]
#[schema(as = PersonArchive)]
#[expect(dead_code, reason = "the shape of what is written")]
struct Person {
    /// The profile document.
    profile: ProfileDocument,
    /// Their sessions, as the table `sessions` has them.
    sessions: Vec<SessionRow>,
    /// Their events, the newest first.
    events: Vec<EventDocument>,
}

/// Everything about a person: the profile, the sessions, the events, newest first. One JSON document
/// that is written to disk and sent from there, so that nothing is cut off.
///
/// # Errors
/// 401 without a token, 404 when the id leads nowhere, 408 when it took too long, 503 when too many
/// questions are being answered.
#[utoipa::path(
    get, path = "/api/profiles/{id}/export", tag = "history",
    params(("id" = String, Path, description = "Any id the person ever had")),
    responses(
        (status = 200, description = "Everything about them", body = Person),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn export(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let person = ask(&app, move |storage| storage.profile(&id)).await?;
    let person = person.ok_or_else(ApiError::not_found)?;
    let file = history(&app, Export { person, masking: masked::from(&app, &user) }).await?;
    let mut response = file::send(file, "application/json").await?;
    let kept = HeaderValue::from_static("attachment; filename=\"person.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, kept);
    Ok(response)
}

/// The archive of a person, as a file.
struct Export {
    person: Profile,
    masking: Masking,
}

impl Export {
    fn archive(&self) -> Archive {
        Archive { person: self.person.id.to_string() }
    }
}

impl Question for Export {
    type Answer = ScratchFile;

    fn span(&self) -> Span {
        self.archive().span()
    }

    fn answer(self, lake: &Lake, moment: &Moment) -> Result<ScratchFile, LakeError> {
        let file = lake.scratch_file("json");
        let mut to = BufWriter::new(File::create(file.path()).map_err(disk)?);
        write(&mut to, moment, &self)?;
        to.flush().map_err(disk)?;
        Ok(file)
    }
}

fn write(to: &mut impl Write, moment: &Moment, export: &Export) -> Result<(), LakeError> {
    let archive = export.archive();
    let masking = &export.masking;
    put(to, b"{\"profile\":", &documents::profile(&export.person).masked(masking))?;
    list(to, "sessions", |to| archive.sessions(moment, &mut |session| to.put(&session)))?;
    list(to, "events", |to| {
        archive.events(moment, &mut |event| to.put(&documents::masked(event, masking)))
    })?;
    to.write_all(b"}").map_err(disk)
}

/// A list whose members come one by one.
struct List<'a, W> {
    to: &'a mut W,
    before: &'static [u8],
}

impl<W: Write> List<'_, W> {
    fn put(&mut self, value: &impl Serialize) -> Result<(), LakeError> {
        put(self.to, std::mem::replace(&mut self.before, b","), value)
    }
}

/// A key and its list.
fn list<W: Write>(
    to: &mut W,
    name: &str,
    fill: impl FnOnce(&mut List<'_, W>) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    write!(to, ",\"{name}\":[").map_err(disk)?;
    fill(&mut List { to, before: b"" })?;
    to.write_all(b"]").map_err(disk)
}

fn put(to: &mut impl Write, before: &[u8], value: &impl Serialize) -> Result<(), LakeError> {
    let written = to.write_all(before).and_then(|()| Ok(serde_json::to_writer(&mut *to, value)?));
    written.map_err(disk)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn disk(error: std::io::Error) -> LakeError {
    LakeError::Disk(error.to_string())
}
