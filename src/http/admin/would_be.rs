//! Rules of identity as they would be: what somebody thinks of changing, checked as a change would be.

use std::sync::Arc;

use serde::Deserialize;

use super::entities::tried;
use super::{identity, namespace};
use crate::app::App;
use crate::http::{ApiError, Code, SignedIn};
use crate::model::{Namespace, NamespaceRules};
use crate::rebuild::Rules;

/// The code of rules that do not fit.
const INVALID: Code = Code::IdentityInvalid;

/// A change of the rules. What is not named stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct WouldBe {
    /// As posted to `/api/identity/settings`.
    #[serde(default)]
    settings: Option<identity::Posted>,
    /// Each as posted to `/api/identity/namespaces`.
    #[serde(default)]
    namespaces: Vec<namespace::Posted>,
    /// Names of namespaces that would be removed.
    #[serde(default)]
    removed: Vec<String>,
}

impl WouldBe {
    /// The rules, as the configuration is now and with the change.
    pub(in crate::http) async fn rules(
        self,
        app: &Arc<App>,
        user: &SignedIn,
    ) -> Result<Rules, ApiError> {
        let known = app.registry.now();
        let settings = self.settings.map(identity::settings).transpose()?;
        let settings = settings.map(|one| tried(app, user, INVALID, &known, &one)).transpose()?;
        let (mut put, mut under): (Vec<NamespaceRules>, _) = (Vec::new(), known.as_ref().clone());
        for posted in self.namespaces {
            let one = tried(app, user, INVALID, &under, &namespace::rules(posted)?)?;
            under = under.with(one.clone());
            put.push(one);
        }
        let changed: Vec<Namespace> = put.iter().map(|one| one.name.clone()).collect();
        let would_be = known.would_be(settings, put, &self.removed);
        Ok(Rules::of(app, &would_be, &changed).await?)
    }
}
