//! `GET /api/events/live`: what happens at this moment, as server-sent events.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;
use crate::conditions::{Columns, Condition, Language, Tree, parse};
use crate::http::access::Group;
use crate::http::documents::{self, EventDocument};
use crate::http::{ApiError, Code, SignedIn, masked};
use crate::live::{Kept, Moment, Refused, Watcher};
use crate::model::{Map, Masking, Time};

/// How often it is looked whether whoever looks still may, and told that the line is open.
const LOOK: Duration = Duration::from_secs(2);

/// What is looked for. All that are given must hold.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Wanted {
    /// Of this type.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// Of this source; refusals, too.
    source: Option<String>,
    /// In the filter language, for any field.
    #[serde(rename = "where")]
    #[param(rename = "where")]
    filter: Option<String>,
    /// `kept` or `refused`: only those. Both unless said.
    only: Option<String>,
}

/// A payload that was not kept.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RefusedPayload {
    /// When.
    time: String,
    /// Stable, for programs.
    code: &'static str,
    /// The answer's status.
    status: u16,
    /// A sentence.
    message: String,
    /// Who says to have sent it; empty where that could not be read.
    source: String,
    /// What is wrong, and where.
    problems: Vec<RefusedPart>,
}

/// One thing that is wrong with a payload.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RefusedPart {
    /// Keys and indices from `body` on: `body.events.0.type`.
    place: String,
    /// A sentence.
    message: String,
}

/// What was not told of, since it was too much.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LeftOut {
    /// Events.
    events: u64,
    /// Refusals.
    refusals: u64,
}

/// The data of one message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LiveMessage)]
#[serde(untagged)]
pub(in crate::http) enum Told {
    /// `kept`.
    Kept(Box<EventDocument>),
    /// `refused`.
    Refused(RefusedPayload),
    /// `left_out`.
    LeftOut(LeftOut),
}

impl Told {
    /// As server-sent events are written.
    fn message(&self) -> String {
        let name = match self {
            Self::Kept(_) => "kept",
            Self::Refused(_) => "refused",
            Self::LeftOut(_) => "left_out",
        };
        let data = serde_json::to_string(self).unwrap_or_default();
        format!("event: {name}\ndata: {data}\n\n")
    }
}

/// What happens from now on, as server-sent events: `kept` with an event document, `refused` with code
/// and place, `left_out` with how many could not be told of.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read, 503 while as many look as may.
#[utoipa::path(
    get, path = "/api/events/live", tag = "history", params(Wanted),
    responses(
        (
            status = 200,
            description = "Server-sent events, until whoever looks goes away or may look no more",
            body = Told, content_type = "text/event-stream",
        ),
        (status = 503, description = "As many look as may at one time"),
    ),
)]
pub(in crate::http) async fn watch(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let filter = Filter::of(wanted, masked::from(&app, &user))?;
    let message = "As many look as may at one time; ask again later.";
    let watcher = app.live.watch().ok_or_else(|| ApiError::new(Code::Overloaded, message))?;
    let seen = watcher.seen;
    let line =
        Line { app: Arc::downgrade(&app), headers, filter, watcher, seen, out: VecDeque::new() };
    let body = Body::from_stream(stream::unfold(line, |mut line| async move {
        line.next().await.map(|chunk| (Ok::<_, std::convert::Infallible>(chunk), line))
    }));
    let kind = HeaderValue::from_static("text/event-stream");
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// What somebody wants to hear of.
struct Filter {
    wanted: Wanted,
    condition: Condition,
    masking: Masking,
}

impl Filter {
    fn of(wanted: Wanted, masking: Masking) -> Result<Self, ApiError> {
        let text = wanted.filter.as_deref().unwrap_or_default();
        let condition = if text.trim().is_empty() {
            Condition { language: Language::History, tree: Tree::All(Vec::new()) }
        } else {
            parse(Language::History, text)?
        };
        match wanted.only.as_deref() {
            None | Some("kept" | "refused") => Ok(Self { wanted, condition, masking }),
            Some(_) => Err(ApiError::new(Code::QuestionInvalid, "only is one of kept, refused")),
        }
    }

    fn takes(&self, what: &str) -> bool {
        self.wanted.only.as_deref().is_none_or(|only| only == what)
    }

    /// The event of a line, if it is wanted. What is hidden is hidden before it is looked at, so that
    /// nothing can be found by it.
    fn event(&self, line: &[u8], now: Time) -> Option<EventDocument> {
        let mut columns: Map = serde_json::from_slice(line).ok()?;
        for (root, value) in &mut columns {
            self.masking.hide(root, value);
        }
        let is = |column: &str, wanted: &Option<String>| {
            wanted
                .as_deref()
                .is_none_or(|one| columns.get(column).and_then(Value::as_str) == Some(one))
        };
        let is_wanted = is("type", &self.wanted.kind)
            && is("source_id", &self.wanted.source)
            && self.condition.holds(&Columns { columns: &columns, now });
        is_wanted.then(|| documents::event(columns))
    }

    fn refusal(&self, refused: &Refused) -> Option<RefusedPayload> {
        let wanted = self.wanted.source.as_deref().is_none_or(|source| refused.source == source);
        let part = |(place, message): &(String, String)| RefusedPart {
            place: place.clone(),
            message: message.clone(),
        };
        wanted.then(|| RefusedPayload {
            time: refused.at.to_string(),
            code: refused.code,
            status: refused.status,
            message: refused.message.clone(),
            source: refused.source.clone(),
            problems: refused.problems.iter().map(part).collect(),
        })
    }
}

/// What is being sent to somebody who looks.
struct Line {
    /// Whoever looks does not keep the server running.
    app: Weak<App>,
    headers: HeaderMap,
    filter: Filter,
    watcher: Watcher,
    /// Events and refusals that were heard of.
    seen: (u64, u64),
    out: VecDeque<Bytes>,
}

impl Line {
    /// What is sent next; none at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(chunk) = self.out.pop_front() {
                return Some(chunk);
            }
            match within(LOOK, self.watcher.next()).await {
                Some(Some(Ok(Moment::Kept(kept)))) => self.kept(&kept),
                Some(Some(Ok(Moment::Refused(refused)))) => self.refused(&refused),
                // What was missed shows in the number of the next.
                Some(Some(Err(RecvError::Lagged(_)))) => {}
                Some(Some(Err(RecvError::Closed)) | None) => return None,
                None => {
                    self.may_still().await?;
                    self.out.push_back(Bytes::from_static(b":\n\n"));
                }
            }
        }
    }

    /// What is taken away ends at once: the token is looked at again and again.
    async fn may_still(&self) -> Option<()> {
        let app = self.app.upgrade()?;
        let user = SignedIn::of(&app, &self.headers, None).await.ok()?;
        user.may(Group::Events).then_some(())
    }

    fn kept(&mut self, kept: &Kept) {
        let told = kept.lines.len() as u64;
        let missed = kept.total.saturating_sub(self.seen.0).saturating_sub(told);
        self.seen.0 = kept.total;
        if !self.filter.takes("kept") {
            return;
        }
        self.left_out(LeftOut { events: missed, refusals: 0 });
        let Some(now) = self.app.upgrade().map(|app| app.clock.now()) else { return };
        let wanted = kept.lines.iter().filter_map(|line| self.filter.event(line, now));
        let text: String = wanted.map(|event| Told::Kept(Box::new(event)).message()).collect();
        if !text.is_empty() {
            self.out.push_back(Bytes::from(text));
        }
    }

    fn refused(&mut self, refused: &Refused) {
        let missed = refused.total.saturating_sub(self.seen.1).saturating_sub(1);
        self.seen.1 = refused.total;
        if !self.filter.takes("refused") {
            return;
        }
        self.left_out(LeftOut { events: 0, refusals: missed });
        if let Some(refused) = self.filter.refusal(refused) {
            self.out.push_back(Bytes::from(Told::Refused(refused).message()));
        }
    }

    fn left_out(&mut self, left_out: LeftOut) {
        if left_out.events + left_out.refusals > 0 {
            self.out.push_back(Bytes::from(Told::LeftOut(left_out).message()));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever looks waits in the real world")]
async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time, work).await.ok()
}
