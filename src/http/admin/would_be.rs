//! Rules of identity as they would be: what somebody thinks of changing, checked as a change would be.

use std::sync::Arc;

use serde::Deserialize;

use super::{identity, namespace};
use crate::app::App;
use crate::http::{ApiError, Code, SignedIn, masked};
use crate::model::{IdentitySettings, Namespace, NamespaceRules};
use crate::rebuild::Rules;
use crate::registry::Entity;

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
        let put = self.namespaces.into_iter().map(namespace::rules);
        let put: Vec<NamespaceRules> = put.collect::<Result<_, _>>()?;
        put.iter().try_for_each(|one| masked::refuse_entity(app, user, INVALID, one))?;
        let misfits = put.iter().filter_map(|one| one.check(&known).err());
        let misfit = settings.as_ref().and_then(|one: &IdentitySettings| one.check(&known).err());
        if let Some(misfit) = misfits.chain(misfit).next() {
            return Err(ApiError::new(INVALID, misfit.to_string()));
        }
        let changed: Vec<Namespace> = put.iter().map(|one| one.name.clone()).collect();
        let would_be = known.would_be(settings, put, &self.removed);
        Ok(Rules::of(app, &would_be, &changed).await?)
    }
}
