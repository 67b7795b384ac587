//! What of addresses a source's events do not keep, on the wire.

use serde::{Deserialize, Serialize};

use crate::model::UrlSecrets;

/// Parameters of addresses that are not kept.
#[derive(Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceUrlSecrets {
    /// Off: everything is kept. On unless said.
    #[serde(default = "on")]
    cut: bool,
    /// Names that are secrets, beside those that always are.
    #[serde(default)]
    more: Vec<String>,
    /// Names that are none here, whatever the list says.
    #[serde(default)]
    keep: Vec<String>,
}

fn on() -> bool {
    true
}

impl Default for SourceUrlSecrets {
    fn default() -> Self {
        UrlSecrets::default().into()
    }
}

impl From<UrlSecrets> for SourceUrlSecrets {
    fn from(UrlSecrets { cut, more, kept }: UrlSecrets) -> Self {
        Self { cut, more, keep: kept }
    }
}

impl From<SourceUrlSecrets> for UrlSecrets {
    fn from(SourceUrlSecrets { cut, more, keep }: SourceUrlSecrets) -> Self {
        Self { cut, more, kept: keep }
    }
}
