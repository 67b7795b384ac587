//! Asking history, and what its refusals say to whoever asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use serde::de::{DeserializeOwned, IgnoredAny};
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

use super::{ApiError, Code, SignedIn, body, masked, objects};
use crate::app::App;
use crate::lake::ask::{Invalid, Question};
use crate::lake::{LakeError, Sight};
use crate::suggestion::nearest;

/// So much of an unknown name is said again, in letters.
const NAME_LETTERS_MAX: usize = 64;

/// A question that was posted as JSON, whatever its content type says, and read as every other body is.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body = body::read(&parts.headers, body, app).await?;
        objects::posted(&body).map(Self).map_err(|error| unreadable(&error).into())
    }
}

/// The same of an address of the reference, whose clients may say more than is read: of the keys that nobody knows
/// only what is almost one of ours is refused. Passed over, it would be another question that is answered.
pub(super) struct AskedAsThere<T>(pub(super) T);

impl<T: DeserializeOwned + PartialSchema> FromRequest<Arc<App>> for AskedAsThere<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body = body::read(&parts.headers, body, app).await?;
        refuse_misspelt::<T>(&body)?;
        objects::posted(&body).map(Self).map_err(|error| unreadable(&error).into())
    }
}

/// What is wrong with a question, and where. Of the parser's words only the names: others may hold what was
/// posted.
fn unreadable(error: &serde_json::Error) -> Invalid {
    unknown_key(error)
        .unwrap_or_else(|| Invalid(format!("The body is no question: {}.", place(error))))
}

/// The same where that is a key which is none, with the one that was meant.
pub(super) fn unknown_key(error: &serde_json::Error) -> Option<Invalid> {
    let said = error.to_string();
    let mut names = said.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    let (name, known): (String, Vec<&str>) = (cut(names.next()?), names.collect());
    let instead = match nearest(&name, known.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are {}.", known.join(", ")),
    };
    Some(Invalid(format!("There is no key {name} there ({}); {instead}", place(error))))
}

fn place(error: &serde_json::Error) -> String {
    format!("see line {}, column {}", error.line(), error.column())
}

fn cut(name: &str) -> String {
    name.chars().take(NAME_LETTERS_MAX).collect()
}

/// Refuses a key that is almost one of those that are read.
fn refuse_misspelt<T: PartialSchema>(body: &[u8]) -> Result<(), Invalid> {
    // What is no object is told of where it is read.
    let Ok(sent) = objects::posted::<BTreeMap<String, IgnoredAny>>(body) else { return Ok(()) };
    let RefOr::T(Schema::Object(object)) = T::schema() else { return Ok(()) };
    let known = || object.properties.keys().map(String::as_str);
    let unknown = |key: &&String| !object.properties.contains_key(*key);
    let meant = |key: &String| Some((cut(key), nearest(key, known())?.to_owned()));
    match sent.keys().filter(unknown).find_map(meant) {
        Some((key, near)) => {
            Err(Invalid(format!("There is no key {key} there; did you mean {near}?")))
        }
        None => Ok(()),
    }
}

/// Asks history as it is now, as `user` may see it; refuses what shows people to whoever may not read them. When
/// whoever asked has gone, the question ends.
pub(super) async fn history<Q: Question>(
    app: &Arc<App>,
    user: &SignedIn,
    question: Q,
) -> Result<Q::Answer, ApiError> {
    if question.shows_people() {
        user.looks_at_people()?;
    }
    let sight = if masked::may_see(user) { Sight::Everything } else { Sight::Masked };
    Ok(app.questions.ask(&question, sight).await?)
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::new(Code::QuestionInvalid, invalid.to_string())
    }
}

impl From<LakeError> for ApiError {
    fn from(error: LakeError) -> Self {
        match error {
            LakeError::Storage(error) => error.into(),
            LakeError::Refused(why) => why.into(),
            LakeError::Again(_) => {
                let message = "Others change the same at this moment; ask again later.";
                Self::new(Code::Contended, message)
            }
            LakeError::NoThread(_) => {
                tracing::error!(%error, "a question could not begin");
                let message = "The machine does as much as it can; ask again later.";
                Self::new(Code::Overloaded, message)
            }
            LakeError::Question(said) => Self::new(Code::QuestionInvalid, said),
            LakeError::Broke(why) => {
                tracing::warn!(why, "a question ended the process that was answering it");
                Self::new(Code::QuestionBroke, format!("The question cannot be answered: {why}."))
            }
            LakeError::Waits => Code::QuestionsRunning.into(),
            LakeError::Nobody(_) => {
                tracing::error!(%error, "a question could not begin");
                let message = "Nobody can answer at this moment; ask again later.";
                Self::new(Code::QuestionsRunning, message)
            }
            LakeError::TooLarge => Code::QuestionTooLarge.into(),
            LakeError::Stopped => Code::QuestionTooSlow.into(),
            LakeError::TooManyFiles { .. } => {
                Self::new(Code::QuestionNeedsTooManyFiles, format!("{error}."))
            }
            LakeError::Busy => {
                let message = "Other questions use the room for files; ask again later.";
                Self::new(Code::QuestionsRunning, message)
            }
            LakeError::Defect(_) => {
                tracing::error!(%error, "the lake has a defect");
                Code::Defect.into()
            }
            LakeError::Disk(_) | LakeError::Missing(_) | LakeError::Setting(_) => {
                tracing::error!(%error, "the lake failed");
                Code::LakeUnavailable.into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::committer::Unavailable;

    #[test]
    fn a_refusal_says_what_the_caller_can_do() {
        let said = || String::from("said");
        for (error, code) in [
            (LakeError::Refused(Unavailable::Overloaded), Code::Overloaded),
            (LakeError::Refused(Unavailable::Stopping), Code::Stopping),
            (LakeError::Again(said()), Code::Contended),
            (LakeError::NoThread(said()), Code::Overloaded),
            (LakeError::Disk(said()), Code::LakeUnavailable),
            (LakeError::Missing(said()), Code::LakeUnavailable),
            (LakeError::Defect(said()), Code::Defect),
            (LakeError::Broke(said()), Code::QuestionBroke),
            (LakeError::Waits, Code::QuestionsRunning),
            (LakeError::Nobody(said()), Code::QuestionsRunning),
        ] {
            assert_eq!(ApiError::from(error.clone()).code, code, "{error:?}");
        }
    }
}
