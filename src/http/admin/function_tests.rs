//! What a function must make of its tests: as it is posted, shown, put back and told of.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rule::{self, INVALID};
use crate::app::App;
use crate::functions::{Difference, Unfit};
use crate::http::intake::{Fault, Place};
use crate::http::{ApiError, Code, SignedIn, masked, masked_rules};
use crate::model::{Map, Sample};

/// What is told instead of what was there.
const UNSEEN: &str = "it is not as expected; what was there is hidden from you";

/// What a function must make of an event.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FunctionTest {
    /// For people.
    name: String,
    /// What of the event is not as usual.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    event: Map,
    /// An event, a list of them, or null for none; of each, only what is said is compared.
    expected: Value,
}

impl FunctionTest {
    /// As it is posted and shown.
    pub(super) fn of(Sample { name, event, expected }: Sample) -> Self {
        Self { name, event, expected }
    }

    /// As it is kept.
    pub(super) fn read(self) -> Sample {
        let Self { name, event, expected } = self;
        Sample { name, event, expected }
    }
}

/// Puts what is kept where this user posts tests as they were shown, and refuses `***` anywhere else. Tests are known
/// again by their names. Whether any of them holds now what is hidden from whoever posts them.
pub(super) fn put_back(
    app: &App,
    user: &SignedIn,
    posted: &mut [FunctionTest],
    kept: &[FunctionTest],
) -> Result<bool, ApiError> {
    let mut hides = false;
    if masked::may_see(user) {
        return Ok(hides);
    }
    let names: Vec<String> = posted.iter().map(|test| test.name.clone()).collect();
    for (at, test) in posted.iter_mut().enumerate() {
        let before = same(at, &names, kept).map_or(Value::Null, |test| json!(test));
        let mut shown = json!({"tests": [before]});
        masked_rules::hide(app, user, &mut shown);
        let mut said = json!(test);
        masked::put_back(app, user, INVALID, &mut said, (&shown["tests"][0], &before))?;
        if said != json!(test) {
            *test = serde_json::from_value(said).map_err(|_| Code::Defect)?;
            hides = true;
        }
    }
    Ok(hides)
}

/// The test that this one was: of several of one name the one in the same place among them, where they are as many as
/// before.
fn same<'a>(at: usize, names: &[String], kept: &'a [FunctionTest]) -> Option<&'a FunctionTest> {
    let name = names.get(at)?;
    let is_it = |one: &&String| *one == name;
    let of_name: Vec<&FunctionTest> = kept.iter().filter(|test| test.name == *name).collect();
    let are_as_many = names.iter().filter(is_it).count() == of_name.len();
    let before = names.iter().take(at).filter(is_it).count();
    of_name.get(before).copied().filter(|_| are_as_many)
}

/// Why a function is not stored; where its tests hide something, nothing of what was there.
pub(super) fn refusal(why: Unfit, hides: bool) -> ApiError {
    match why {
        Unfit::Code(fault) => rule::wrong(format!(
            "code must be JavaScript with a function transform: {}",
            fault.said()
        )),
        Unfit::Samples(differences) => {
            let problem = |Difference { sample, place, told }: Difference| {
                let test = Place::root().key("tests").index(sample);
                // Code may carry over from one test to the next, and keys tell, too.
                if hides {
                    return Fault::new("test_failed", UNSEEN.to_owned()).at(&test);
                }
                let place = place.iter().fold(test, |place, key| place.key(key));
                Fault::new("test_failed", told).at(&place)
            };
            let problems = differences.into_iter().map(problem).collect();
            ApiError::with_problems(Code::FunctionTestsFailed, problems)
        }
    }
}
