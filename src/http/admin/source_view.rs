//! What a source hears of people, as it is posted and shown.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event_source::KIND;
use super::refuse_unknown;
use crate::http::{ApiError, Code};
use crate::model::{Map, Path, ProfileView};

/// What of the person each answer tells.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = SourcePostedView)]
pub(super) struct PostedView {
    /// Ids of audiences: those of them that the person is in are told. `*` for all, for trusted sources.
    #[serde(default)]
    audiences: Vec<String>,
    /// Places of the profile: `traits.plan`, `computed.spent`.
    #[serde(default)]
    traits: Vec<String>,
}

/// What of the person each answer tells.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceView {
    /// Ids of audiences, or `*`.
    audiences: Vec<String>,
    /// Places of the profile.
    traits: Vec<String>,
}

impl From<&ProfileView> for SourceView {
    fn from(view: &ProfileView) -> Self {
        let traits = view.traits.iter().map(ToString::to_string).collect();
        Self { audiences: view.audiences.clone(), traits }
    }
}

/// As it is meant.
pub(super) fn view(sent: Map) -> Result<ProfileView, ApiError> {
    refuse_unknown::<PostedView>(sent.keys(), KIND.body())?;
    let wrong = |_| ApiError::new(Code::SourceInvalid, "profile_view holds lists of texts");
    let posted: PostedView = serde_json::from_value(Value::Object(sent)).map_err(wrong)?;
    let wrong =
        |why: &str| ApiError::new(Code::SourceInvalid, format!("profile_view.traits: {why}"));
    let path = |text: &String| {
        Path::meant(text.trim()).map_err(|why| wrong(&why))?;
        let path = Path::parse(text.trim().trim_start_matches("profile@"));
        path.map_err(|why| wrong(&why.to_string()))
    };
    let audiences = posted.audiences.iter().map(|id| id.trim().to_owned()).collect();
    let traits = posted.traits.iter().map(path).collect::<Result<_, _>>()?;
    Ok(ProfileView { audiences, traits })
}
