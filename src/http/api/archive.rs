//! Everything about a person in one archive, however much that is.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write};
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Serialize;

use super::between::Between;
use super::file;
use super::held_events::{HeldEventDocument, document as held_event};
use crate::app::App;
use crate::http::admin::person;
use crate::http::answers::Nothing;
use crate::http::ask::history;
use crate::http::documents::{self, ConsentsDocument, EventDocument, ProfileDocument};
use crate::http::{ApiError, SignedIn, masked};
use crate::lake::ask::{Archive, ArchiveLine, Scope, SessionRow};
use crate::lake::{LakeError, ScratchFile};

/// Everything about a person. Only described: it is written piece by piece.
#[derive(utoipa::ToSchema)]
#[schema(as = PersonArchive)]
#[expect(dead_code, reason = "the shape of what is written")]
struct Person {
    /// The profile document.
    profile: ProfileDocument,
    /// What they have agreed to, with every word that is kept of it.
    consents: ConsentsDocument,
    /// Their sessions, as the table `sessions` has them.
    sessions: Vec<SessionRow>,
    /// Their events, the newest first.
    events: Vec<EventDocument>,
    /// Those that did not fit and are kept apart, the newest first.
    held_events: Vec<HeldEventDocument>,
}

/// Everything about a person: the profile, the sessions, the events, newest first. One JSON document
/// that is written to disk and sent from there, so that nothing is cut off. Where the address has a time,
/// the events of it, and the sessions that were under way then.
///
/// # Errors
/// 401 without a token, 404 when the id leads nowhere, 408 when it took too long, 503 when too many
/// questions are being answered.
#[utoipa::path(
    get, path = "/api/profiles/{id}/export", tag = "history",
    params(("id" = String, Path, description = "Any id the person ever had"), Between),
    responses(
        (status = 200, description = "Everything about them", body = Person),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn export(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(between): Query<Between>,
) -> Result<Response, ApiError> {
    let scope = between.within(Scope::default(), &app)?;
    let person = person(&app, id).await?;
    let person = person.ok_or_else(ApiError::not_found)?;
    let (lines, file) = (app.lake.scratch_file("jsonl"), app.lake.scratch_file("json"));
    let (id, to) = (person.id.to_string(), lines.path().to_owned());
    let time = scope.clone();
    history(&app, &user, Archive { person: id, scope, to }).await?;
    let masking = masked::from(&app, &user);
    let consents = documents::consents(&person, app.clock.now(), &masking);
    let profile = documents::profile(&person).masked(&masking);
    let work = move || {
        let held = |sessions: &[String]| {
            let held = app.storage.held_events_of(&person.ids, sessions)?;
            let held = held.into_iter().filter(|held| time.has(held.time, held.received_at));
            Ok(held.map(|held| held_event(held, &masking)).collect())
        };
        put_together((&profile, &consents), (&lines, &held), file)
    };
    let file = tokio::task::spawn_blocking(work).await;
    let file = file.map_err(|error| LakeError::Disk(error.to_string()))??;
    let mut response = file::send(file, "application/json").await?;
    let kept = HeaderValue::from_static("attachment; filename=\"person.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, kept);
    Ok(response)
}

/// What is kept apart of somebody, by their visits.
type Held<'a> = dyn Fn(&[String]) -> Result<Vec<HeldEventDocument>, LakeError> + 'a;

/// The document of what history has told line by line: nobody holds all of it at once.
fn put_together(
    person: (&ProfileDocument, &ConsentsDocument),
    (lines, held): (&ScratchFile, &Held<'_>),
    file: ScratchFile,
) -> Result<ScratchFile, LakeError> {
    let to = BufWriter::new(File::create(file.path()).map_err(disk)?);
    let mut document = Document::begin(to, person)?;
    let mut sessions = Vec::new();
    for line in BufReader::new(File::open(lines.path()).map_err(disk)?).lines() {
        match serde_json::from_str(&line.map_err(disk)?) {
            Ok(ArchiveLine::Session(session)) => {
                document.session(&session)?;
                sessions.push(session.id);
            }
            Ok(ArchiveLine::Event(event)) => document.event(&documents::event(event))?,
            Err(error) => return Err(disk(error.into())),
        }
    }
    document.end(&held(&sessions)?)?;
    Ok(file)
}

/// A [`Person`] whose parts come one by one, the sessions first.
struct Document<W> {
    to: W,
    before: &'static [u8],
    is_at_events: bool,
}

/// What stands between the last session and the first event.
const EVENTS: &[u8] = b"],\"events\":[";

impl<W: Write> Document<W> {
    fn begin(
        mut to: W,
        (profile, consents): (&ProfileDocument, &ConsentsDocument),
    ) -> Result<Self, LakeError> {
        put(&mut to, b"{\"profile\":", profile)?;
        put(&mut to, b",\"consents\":", consents)?;
        to.write_all(b",\"sessions\":[").map_err(disk)?;
        Ok(Self { to, before: b"", is_at_events: false })
    }

    fn session(&mut self, session: &SessionRow) -> Result<(), LakeError> {
        put(&mut self.to, std::mem::replace(&mut self.before, b","), session)
    }

    fn event(&mut self, event: &EventDocument) -> Result<(), LakeError> {
        let before = if self.is_at_events { b"," } else { EVENTS };
        self.is_at_events = true;
        put(&mut self.to, before, event)
    }

    fn end(mut self, held: &[HeldEventDocument]) -> Result<(), LakeError> {
        let before = if self.is_at_events { &b""[..] } else { EVENTS };
        self.to.write_all(before).map_err(disk)?;
        put(&mut self.to, b"],\"held_events\":", &held)?;
        self.to.write_all(b"}").and_then(|()| self.to.flush()).map_err(disk)
    }
}

fn put(to: &mut impl Write, before: &[u8], value: &impl Serialize) -> Result<(), LakeError> {
    let written = to.write_all(before).and_then(|()| Ok(serde_json::to_writer(&mut *to, value)?));
    written.map_err(disk)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn disk(error: std::io::Error) -> LakeError {
    LakeError::Disk(error.to_string())
}
