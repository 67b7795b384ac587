//! The session document (docs/wire.md §4.1).

use super::session_parts::{App, Device, Empty, Metadata, Named, Os, SessionDocument, Times};
use crate::model::{Session, Time};

/// The whole session. Its profile is the living id its own leads to.
#[must_use]
pub(crate) fn session(session: &Session) -> SessionDocument {
    let os = &session.client.os;
    SessionDocument {
        id: session.id.to_string(),
        metadata: metadata(session),
        profile: session.profile.as_ref().map(|id| Named { id: id.to_string() }),
        source: Named { id: session.source.to_string() },
        device: device(session),
        os: Os { name: os.name.clone(), version: os.version.clone() },
        app: app(session),
        utm: (&session.utm).into(),
        context: session.context_shown(),
        properties: session.properties.read(),
        traits: Empty {},
        aux: Empty {},
    }
}

fn metadata(session: &Session) -> Metadata {
    Metadata {
        time: Times {
            insert: session.created.to_string(),
            create: None,
            update: session.touched.to_string(),
            timestamp: session.created.seconds_since(Time::default()),
            duration: session.duration_seconds(),
            weekday: session.created.weekday(),
        },
        channel: session.channel.clone(),
        aux: Empty {},
        status: session.status.as_str(),
        events: session.events,
    }
}

fn device(session: &Session) -> Device {
    let device = &session.client.device;
    Device {
        name: device.name.clone(),
        brand: device.brand.clone(),
        model: device.model.clone(),
        r#type: device.kind,
        touch: device.touch,
        ip: session.ip.clone(),
        resolution: device.resolution.clone(),
        color_depth: device.color_depth,
        orientation: device.orientation.clone(),
        geo: (&session.geo).into(),
    }
}

fn app(session: &Session) -> App {
    let app = &session.client.app;
    App {
        r#type: app.kind.clone(),
        name: app.name.clone(),
        version: app.version.clone(),
        language: app.language.clone(),
        bot: app.bot,
        resolution: session.client.device.resolution.clone(),
    }
}
