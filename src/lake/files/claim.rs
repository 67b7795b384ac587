//! Whose bucket is it? The first installation to use a place leaves its mark there.
//!
//! Each removes files that its catalogue does not know, so two must not share a place.

use std::time::Duration;

use object_store::{Error, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions};

use super::s3::Bucket;
use crate::lake::LakeError;

/// The mark's name below the prefix.
const MARK: &str = "kith.json";
/// How long a start waits for the bucket.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a claim has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lake) enum Claim {
    /// The place is ours.
    Ours,
    /// S3 does not answer now, and says or shows why.
    NotNow(String),
}

impl Bucket {
    /// Leaves the mark of `installation`, or finds it there.
    ///
    /// # Errors
    /// When the place is another's, when there is no such bucket, when we may not use it: waiting
    /// does not help.
    pub(super) fn claim(&self, installation: &str) -> Result<Claim, LakeError> {
        match self.try_to(PATIENCE, self.leave_mark(installation))? {
            Some(Ok(found)) if found == installation => Ok(Claim::Ours),
            Some(Ok(_)) => {
                Err(LakeError::Setting(self.said("the files of another Kith lie there")))
            }
            Some(Err(error)) if is_final(&error) => Err(self.error(&error)),
            Some(Err(error)) => Ok(Claim::NotNow(self.said(error))),
            None => Ok(Claim::NotNow(self.said("it does not answer"))),
        }
    }

    /// Whose mark is there now.
    async fn leave_mark(&self, installation: &str) -> Result<String, Error> {
        let key = self.key(MARK);
        let mark = serde_json::json!({"installation": installation}).to_string();
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(&key, mark.into(), options).await {
            Ok(_) => return Ok(installation.to_owned()),
            Err(Error::AlreadyExists { .. }) => {}
            Err(error) => return Err(error),
        }
        let found = self.store.get(&key).await?.bytes().await?;
        let found: serde_json::Value = serde_json::from_slice(&found).unwrap_or_default();
        Ok(found["installation"].as_str().unwrap_or_default().to_owned())
    }
}

fn is_final(error: &Error) -> bool {
    matches!(
        error,
        Error::NotFound { .. } | Error::PermissionDenied { .. } | Error::Unauthenticated { .. }
    )
}
