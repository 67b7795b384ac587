//! Asking history: on a thread of its own, within its bounds, and stopped when nobody waits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use duckdb::InterruptHandle;
use tokio::sync::oneshot;

use super::{ApiError, Code};
use crate::app::App;
use crate::lake::ask::{Invalid, Question};
use crate::lake::{Lake, LakeError, weigh_less};

/// How long a question waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the thread is to be stopped by.
#[derive(Default)]
struct Brake {
    is_pulled: bool,
    handle: Option<Arc<InterruptHandle>>,
}

/// Dropped, it stops the question: the client has gone, or time is up.
struct Waiting(Arc<Mutex<Brake>>);

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut brake = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        brake.is_pulled = true;
        if let Some(handle) = &brake.handle {
            handle.interrupt();
        }
    }
}

/// Asks history as it is now.
pub(super) async fn history<Q>(app: &Arc<App>, question: Q) -> Result<Q::Answer, ApiError>
where
    Q: Question + Send + 'static,
    Q::Answer: Send + 'static,
{
    question.check()?;
    let place = within(PATIENCE, Arc::clone(&app.questions).acquire_owned()).await;
    let place = place.and_then(Result::ok).ok_or(Code::QuestionsRunning)?;
    let (answer, answered) = oneshot::channel();
    let brake = Arc::new(Mutex::new(Brake::default()));
    let waiting = Waiting(Arc::clone(&brake));
    let lake = Arc::clone(&app.lake);
    let thread = std::thread::Builder::new().name("kith-question".to_owned());
    let work = move || {
        weigh_less();
        let worked = work(&lake, &brake, question);
        drop(place);
        // Whoever asked may have gone.
        drop(answer.send(worked));
    };
    thread.spawn(work).map_err(|error| LakeError::NoThread(error.to_string()))?;
    let answer = within(Duration::from_secs(app.config.query.seconds_max), answered).await;
    drop(waiting);
    match answer {
        Some(Ok(answer)) => Ok(answer?),
        Some(Err(_)) => Err(LakeError::Question("the question broke DuckDB".to_owned()).into()),
        None => Err(LakeError::Stopped.into()),
    }
}

fn work<Q: Question>(
    lake: &Lake,
    brake: &Mutex<Brake>,
    question: Q,
) -> Result<Q::Answer, LakeError> {
    let moment = lake.moment(question.span())?;
    {
        let mut brake = brake.lock().unwrap_or_else(PoisonError::into_inner);
        brake.handle = Some(moment.stop());
        if brake.is_pulled {
            return Err(LakeError::Stopped);
        }
    }
    let answer = question.answer(lake, &moment);
    brake.lock().unwrap_or_else(PoisonError::into_inner).handle = None;
    answer
}

#[expect(clippy::disallowed_methods, reason = "a bound on real time")]
async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(time, future).await.ok()
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
        ] {
            assert_eq!(ApiError::from(error.clone()).code, code, "{error:?}");
        }
    }
}
