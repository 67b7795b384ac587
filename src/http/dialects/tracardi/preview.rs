//! `POST /api/identity/preview`: what a payload would do to people, without doing it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{translate, wire};
use crate::app::App;
use crate::http::SignedIn;
use crate::http::admin::would_be::WouldBe;
use crate::http::admin::{Sent, read};
use crate::http::body;
use crate::http::code::Code;
use crate::http::error::ApiError;
use crate::http::intake::{Bounds, Call, Intake, called};
use crate::http::objects;
use crate::identification::Decision;
use crate::model::{Bridge, Warning};
use crate::rebuild::{self, Example, Figures, Report};

/// What would become of a payload.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Preview {
    /// One for each person who follows another in it; most payloads have one.
    turns: Vec<Turn>,
    /// What would be found wrong.
    warnings: Vec<PreviewWarning>,
    /// What would become of everybody, where a change of the rules was posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<People>,
}

/// What a change of the rules would do, over all that is known.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PreviewPeople)]
#[serde(deny_unknown_fields)]
struct People {
    /// How many would be otherwise.
    difference: Figures,
    /// Some of them.
    examples: Vec<Example>,
}

/// A change of the rules instead of a payload.
#[derive(Deserialize)]
struct Change {
    rules: Option<Box<RawValue>>,
}

/// What would become of what one person says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PreviewTurn)]
#[serde(deny_unknown_fields)]
struct Turn {
    /// Whose the events would be: of somebody `known`, of somebody `new`, of somebody who is only
    /// named (`linked`), or `nobody`'s.
    person: &'static str,
    /// Their id; null when they are new, or nobody.
    #[schema(required)]
    profile: Option<String>,
    /// Who would be united with them.
    unites: Vec<String>,
    /// What they would be recognised by from then on: namespaces.
    binds: Vec<String>,
    /// Who would wait for a decision.
    asks: Vec<Asked>,
}

/// Somebody who would wait for a decision.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = PreviewAsked)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// What kind of key.
    namespace: String,
    /// Who holds it.
    holder: String,
    /// Why: `public`, `ids_max`, `merges_a_day_max`.
    reason: &'static str,
}

/// Something that would be found wrong.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PreviewWarning {
    /// Stable, for programs.
    code: &'static str,
    /// A sentence.
    message: String,
    /// The event concerned, if it is one.
    #[schema(required)]
    event_id: Option<String>,
}

/// Says whose a payload's events would be, whom it would unite, and what would be found wrong. It is
/// looked at as it is now; of several people who follow each other, each for itself. It counts as one
/// of what its source may send.
///
/// `{"rules": {"settings", "namespaces", "removed"}}` in place of a payload says what a change of the
/// rules would unite and take apart, over all that is known: counts first, examples after.
///
/// # Errors
/// As `POST /track`.
#[utoipa::path(
    post, path = "/api/identity/preview", tag = "identity", operation_id = "preview_identity",
    request_body(content = Value, description = "Tracker payload", content_type = "application/json"),
    responses((status = 200, description = "What would become of it", body = Preview)),
)]
pub(crate) async fn preview(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Call { peer, headers, body, .. }: Call,
) -> Result<Json<Preview>, ApiError> {
    let limits = &app.config.limits;
    let body = body::read(&headers, body, &app).await?;
    if let Some(change) = change(&body)? {
        let rules = change.rules(&app, &user).await?;
        let report = rebuild::preview(&app, rules, rebuild::Bounds::PREVIEW).await?;
        let Report { figures: difference, mut examples } = report;
        // What it comes to is for whoever sets up rules.
        if user.looks_at_people().is_err() {
            examples.clear();
        }
        let people = Some(People { difference, examples });
        return Ok(Json(Preview { turns: Vec::new(), warnings: Vec::new(), people }));
    }
    let intake = Intake::begin(&app, &headers, peer, Bridge::Rest).handed_in();
    let ready = wire::read(&body, &Bounds::from(limits), |wire| {
        intake.understand(translate::incoming(wire, limits.json_depth_max))
    })??;
    let Some(admitted) = called(&app, ready).await? else {
        return Ok(Json(Preview { turns: Vec::new(), warnings: Vec::new(), people: None }));
    };
    let payload = admitted.into_payload();
    let turns = app.committer.preview(payload).await?.take();
    let warnings = turns.iter().flat_map(|turn| &turn.after.warnings).map(warning).collect();
    let turns: Vec<_> = turns.into_iter().map(|turn| turn.decision).collect();
    if turns.iter().any(is_about_people) {
        user.looks_at_people()?;
    }
    let turns = turns.iter().map(|turn| Turn {
        person: turn.whose.name(),
        profile: turn.whose.profile().filter(|_| turn.whose.is_known()).map(ToString::to_string),
        unites: turn.merges.iter().map(|union| union.loser.to_string()).collect(),
        binds: turn.binds.iter().map(|key| key.namespace.to_string()).collect(),
        asks: turn
            .doubts
            .iter()
            .map(|doubt| Asked {
                namespace: doubt.key.namespace.to_string(),
                holder: doubt.holder.to_string(),
                reason: doubt.reason.as_str(),
            })
            .collect(),
    });
    Ok(Json(Preview { turns: turns.collect(), warnings, people: None }))
}

/// The change of the rules that was posted, if it is one.
fn change(body: &[u8]) -> Result<Option<WouldBe>, ApiError> {
    let Ok(Change { rules: Some(rules) }) = objects::read(body) else { return Ok(None) };
    let sent = Sent::part("change of the rules", "rules");
    read(rules.get().as_bytes(), Code::IdentityInvalid, sent).map(Some)
}

fn warning(warning: &Warning) -> PreviewWarning {
    PreviewWarning {
        code: warning.code,
        message: warning.message.to_string(),
        event_id: warning.event.as_ref().map(ToString::to_string),
    }
}

/// Whether it tells of people who are there already.
pub(super) fn is_about_people(turn: &Decision) -> bool {
    turn.whose.is_known() || !turn.merges.is_empty() || !turn.doubts.is_empty()
}
