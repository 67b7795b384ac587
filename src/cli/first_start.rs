//! The first start: an administrator, a first source, and what to try.

use std::sync::Arc;
use std::time::Duration;

use super::healthcheck::from_here;
use super::{in_shell, say, user};
use crate::accounts::new_link;
use crate::app::App;
use crate::config::Config;
use crate::model::{Bridge, Source, SourceId};
use crate::registry::Author;
use crate::storage::By;

/// The administrator's name until somebody adds others.
const ADMINISTRATOR: &str = "admin@kith.local";
/// Who makes all this, for the audit log; the name of the lease, too.
const AUTHOR: &str = "first start";

/// What whoever starts a new installation is told.
pub(super) struct Welcome {
    /// The administrator's, if this start has made one; it exists nowhere else.
    secrets: Option<Secrets>,
    /// A source that takes what the line below sends.
    source: SourceId,
}

/// What lets the administrator in.
struct Secrets {
    password: String,
    /// For the link to the console: once, and for an hour.
    link: String,
}

/// How long the link of the greeting lets somebody in: whoever has started Kith opens it soon.
const LINK_LASTS: Duration = Duration::from_secs(3600);
/// How long other nodes leave the first start to one of them: longer than it can take.
const TURN: Duration = Duration::from_secs(60);
/// How often those who wait look whether it is done.
const LOOK: Duration = Duration::from_millis(250);

/// Makes what an installation lacks to be used: an administrator, a source. Called when the server
/// listens already: what is made must also be told.
pub(super) fn prepare(app: &App) -> Result<Option<Welcome>, String> {
    let prepared = if app.storage.is_shared() {
        take_turn(app, || make(app))
    } else {
        // The folder is this process' own: nobody else can be at it.
        make(app)
    };
    let welcome = prepared?;
    if welcome.is_some() {
        app.registry.renew().map_err(|error| error.to_string())?;
    }
    Ok(welcome)
}

/// Of several nodes that start at the same time, one makes it. The others wait until it is made, or
/// until whoever began it must have died.
fn take_turn<T>(
    app: &App,
    make: impl FnOnce() -> Result<Option<T>, String>,
) -> Result<Option<T>, String> {
    let node = app.ids.uuid(app.clock.now()).to_string();
    let lease = |length| app.storage.lease(AUTHOR, &node, app.clock.now(), length);
    let mut is_told = false;
    while is_due(app)? {
        if lease(TURN).map_err(|error| error.to_string())? {
            let made = make();
            // Should that fail, the others wait for a minute.
            drop(lease(Duration::ZERO));
            return made;
        }
        if !std::mem::replace(&mut is_told, true) {
            let seconds = TURN.as_secs();
            say(&format!("Another node makes its first start; waiting up to {seconds} seconds."));
        }
        std::thread::sleep(LOOK);
    }
    Ok(None)
}

/// As long as nobody may administer or nobody may send, Kith is of no use. Whoever has made both by
/// hand knows what they are doing, even if no source takes what the greeting would send.
fn is_due(app: &App) -> Result<bool, String> {
    Ok(!has_user(app)? || sources(app)?.is_empty())
}

fn make(app: &App) -> Result<Option<Welcome>, String> {
    if !is_due(app)? {
        return Ok(None);
    }
    let (source, new) = source(app)?;
    if let Some(new) = new {
        let saved = app.registry.put(&new, Author::named(AUTHOR));
        saved.map_err(|why| why.to_string())?;
    }
    // Last: a start that is cut off before has made no user, and the next one goes on.
    let secrets = if has_user(app)? { None } else { Some(administrator(app)?) };
    Ok(Some(Welcome { secrets, source }))
}

/// Makes the administrator.
fn administrator(app: &App) -> Result<Secrets, String> {
    let (password, now) = (app.ids.secret(), app.clock.now());
    let user = user::user(ADMINISTRATOR, &password, &app.clock, &app.ids)?;
    let by = By { who: AUTHOR, address: None, at: now };
    app.storage.add_user(&user, by).map_err(|error| error.to_string())?;
    let (link, stored) = new_link(&app.ids, &app.hashing, &user, (now, LINK_LASTS));
    app.storage.put_link(&stored, now).map_err(|error| error.to_string())?;
    Ok(Secrets { password, link })
}

/// A source that may send as the greeting says, and the same whole where it is yet to be stored.
fn source(app: &App) -> Result<(SourceId, Option<Source>), String> {
    let takes = |source: &&Arc<Source>| source.enabled && source.bridges.contains(&Bridge::Rest);
    if let Some(source) = sources(app)?.iter().find(takes) {
        return Ok((source.id.clone(), None));
    }
    let now = app.clock.now();
    let id = SourceId::new(app.ids.uuid(now).to_string());
    let source = Source::new(id.clone(), "First source", vec![Bridge::Rest], now);
    Ok((id, Some(source)))
}

fn has_user(app: &App) -> Result<bool, String> {
    app.storage.users().map(|users| !users.is_empty()).map_err(|error| error.to_string())
}

/// As they are now, whoever has made them.
fn sources(app: &App) -> Result<Vec<Arc<Source>>, String> {
    app.registry.renew().map_err(|error| error.to_string())?;
    let known = app.registry.now();
    Ok(known.all::<Source>().into_iter().map(|source| Arc::clone(&source.entity)).collect())
}

/// Where a database is, without whoever may go there: `db.internal:5432/kith`.
pub(super) fn without_secrets(url: &str) -> &str {
    let place = url.split('?').next().unwrap_or_default();
    let place = place.split_once("://").map_or(place, |(_, rest)| rest);
    place.rsplit_once('@').map_or(place, |(_, rest)| rest)
}

/// Says where Kith is, and at the first start what to do with it.
pub(super) fn greet(config: &Config, address: std::net::SocketAddr, welcome: Option<&Welcome>) {
    let scheme = if config.tls.certificate.is_empty() { "http" } else { "https" };
    let here = origin(scheme, address);
    say(&format!("Kith {} listens on {scheme}://{address}", env!("CARGO_PKG_VERSION")));
    say(&format!("  data       {}", config.data_dir.display()));
    if !config.database_url.is_empty() {
        say(&format!("  database   {}", without_secrets(&config.database_url)));
    }
    if !config.events_url.is_empty() {
        say(&format!("  history    {}", config.events_url));
    }
    say(&format!("  API        {here}/docs"));
    if config.demo {
        say(&format!("  demo       {here}/demo"));
    }
    if config.console {
        say(&format!("  console    {here}/console/"));
    }
    let Some(Welcome { secrets, source }) = welcome else { return };
    say(&format!("  source     {source}"));
    if let Some(Secrets { password, .. }) = secrets {
        say(&format!("  user       {ADMINISTRATOR}"));
        say(&format!("  password   {password}   (shown only now)"));
    }
    if let Some(Secrets { link, .. }) = secrets.as_ref().filter(|_| config.console) {
        // Behind the #, which browsers send to nobody: so it stands in no log.
        say("\nOpen the console; this link lets you in once, within an hour:\n");
        say(&format!("  {here}/console/#welcome={link}"));
    }
    say("\nSend a first event:\n");
    let body = in_shell(&first_event(source));
    say(&format!("  curl {here}/track -H 'content-type: application/json' -d {body}\n"));
}

/// Where whoever sits at this machine finds Kith.
fn origin(scheme: &str, address: std::net::SocketAddr) -> String {
    format!("{scheme}://{}", from_here(address))
}

/// The body of a first event.
fn first_event(source: &SourceId) -> String {
    let id = serde_json::Value::from(source.as_str());
    format!(
        r#"{{"source":{{"id":{id}}},"events":[{{"type":"page-view","properties":{{"page":"home"}}}}]}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_event_is_json_whatever_the_source_is_called() {
        let body = first_event(&SourceId::new(r#"ann's "shop""#));
        assert!(body.starts_with(r#"{"source":{"id":"ann's \"shop\""},"events""#), "{body}");
    }

    #[test]
    fn a_greeting_leads_to_where_a_browser_can_go() {
        let origin = |listen: &str| origin("http", listen.parse().unwrap());
        assert_eq!(origin("0.0.0.0:8686"), "http://127.0.0.1:8686");
        assert_eq!(origin("10.0.0.7:80"), "http://10.0.0.7:80");
    }

    #[test]
    fn a_greeting_tells_no_password() {
        let url = "postgres://kith:p@ss:word@db.internal:5432/kith?sslmode=require&password=x";
        assert_eq!(without_secrets(url), "db.internal:5432/kith");
        assert_eq!(without_secrets("postgres:///kith?host=/run"), "/kith");
    }
}
