//! The first start: an administrator, a first source, and what to try.

use std::time::Duration;

use super::folder::Folder;
use super::{say, user};
use crate::config::Config;
use crate::model::{Bridge, Source, SourceId};
use crate::storage::Edit;

/// The administrator's name until somebody adds others.
const ADMINISTRATOR: &str = "admin@kith.local";

/// What a new installation was given; the password exists nowhere else.
pub(super) struct Welcome {
    password: String,
    source: String,
}

/// How long other nodes leave the first start to one of them.
const TURN: Duration = Duration::from_secs(60);

/// Makes an administrator and a source where there is no user yet. Of several nodes that start at
/// the same time, one does it.
pub(super) fn prepare(folder: &Folder) -> Result<Option<Welcome>, String> {
    let (storage, now) = (&folder.storage, folder.clock.now());
    let node = folder.ids.uuid(now).to_string();
    let is_ours = storage.lease("first start", &node, now, TURN);
    if !is_ours.map_err(|error| error.to_string())? {
        return Ok(None);
    }
    let welcome = make(folder);
    // Should that fail, the others wait for a minute.
    drop(storage.lease("first start", &node, now, Duration::ZERO));
    welcome
}

fn make(folder: &Folder) -> Result<Option<Welcome>, String> {
    if !folder.storage.users().map_err(|error| error.to_string())?.is_empty() {
        return Ok(None);
    }
    let now = folder.clock.now();
    let (password, id) = (folder.ids.secret(), folder.ids.uuid(now).to_string());
    let administrator = user::user(ADMINISTRATOR, &password, &folder.clock, &folder.ids)?;
    if folder.storage.config("source").map_err(|error| error.to_string())?.is_empty() {
        let source =
            Source::new(SourceId::new(id.clone()), "First source", vec![Bridge::Rest], now);
        folder.edit(Edit::PutSource(Box::new(source)))?;
    }
    folder.edit(Edit::PutUser(administrator))?;
    let sources = folder.storage.config("source").map_err(|error| error.to_string())?;
    let source = sources.into_iter().next().map_or(id, |(id, _)| id);
    Ok(Some(Welcome { password, source }))
}

/// Where a database is, without whoever may go there: `db.internal:5432/kith`.
fn without_secrets(url: &str) -> &str {
    let place = url.split('?').next().unwrap_or_default();
    let place = place.split_once("://").map_or(place, |(_, rest)| rest);
    place.rsplit_once('@').map_or(place, |(_, rest)| rest)
}

/// Says where Kith is, and at the first start what to do with it.
pub(super) fn greet(config: &Config, address: std::net::SocketAddr, welcome: Option<&Welcome>) {
    say(&format!("Kith {} listens on http://{address}", env!("CARGO_PKG_VERSION")));
    say(&format!("  data       {}", config.data_dir.display()));
    if !config.database_url.is_empty() {
        say(&format!("  database   {}", without_secrets(&config.database_url)));
    }
    if !config.events_url.is_empty() {
        say(&format!("  history    {}", config.events_url));
    }
    say(&format!("  API        http://{address}/docs"));
    if config.demo {
        say(&format!("  demo       http://{address}/demo"));
    }
    let Some(Welcome { password, source }) = welcome else { return };
    say(&format!("  source     {source}"));
    say(&format!("  user       {ADMINISTRATOR}"));
    say(&format!("  password   {password}   (shown only now)"));
    say("\nSend a first event:\n");
    let body = format!(
        r#"{{"source":{{"id":"{source}"}},"events":[{{"type":"page-view","properties":{{"page":"home"}}}}]}}"#
    );
    say(&format!(
        "  curl http://{address}/track -H 'content-type: application/json' -d '{body}'\n"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_tells_no_password() {
        let url = "postgres://kith:p@ss:word@db.internal:5432/kith?sslmode=require&password=x";
        assert_eq!(without_secrets(url), "db.internal:5432/kith");
        assert_eq!(without_secrets("postgres:///kith?host=/run"), "/kith");
    }
}
