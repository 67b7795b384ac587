//! What is counted of connections and of the bodies that come over them.

use metrics::{Counter, Gauge, Label};

use super::{Telemetry, gauge, register};

/// What is counted of connections.
pub(crate) struct ConnectionMetrics {
    present: Gauge,
    max: Gauge,
    bodies: Gauge,
    refused: Counter,
    /// How many were closed before their client wanted it, by why.
    closed: Vec<(&'static str, Counter)>,
}

/// Why a connection is closed, or a body cut off.
const CLOSED: [&str; 7] = ["address", "full", "head", "idle", "body", "bodies", "stalled"];

impl Telemetry {
    /// The handles of connections.
    pub(crate) fn connections(&self) -> ConnectionMetrics {
        let closed = CLOSED.map(|reason| {
            let help = "Connections closed and bodies cut off by Kith, by why.";
            let labels = vec![Label::new("reason", reason)];
            let name = "kith_connections_closed_total";
            (reason, register(&self.recorder, name, help, labels))
        });
        let help = "Connections that got no place.";
        ConnectionMetrics {
            present: gauge(&self.recorder, "kith_connections"),
            max: gauge(&self.recorder, "kith_connections_max"),
            bodies: gauge(&self.recorder, "kith_bodies_bytes"),
            refused: register(&self.recorder, "kith_connections_refused_total", help, Vec::new()),
            closed: closed.into(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "connections and bytes are far below 2^53")]
impl ConnectionMetrics {
    /// How many there may be.
    pub(crate) fn bound(&self, connections: usize) {
        self.max.set(connections as f64);
    }

    /// How many there are, and what their bodies take.
    pub(crate) fn present(&self, connections: usize, bodies_bytes: usize) {
        self.present.set(connections as f64);
        self.bodies.set(bodies_bytes as f64);
    }

    /// One got no place.
    pub(crate) fn refused(&self) {
        self.refused.increment(1);
    }

    /// One was closed, or its body cut off.
    pub(crate) fn closed(&self, reason: &'static str) {
        let counter = self.closed.iter().find(|(known, _)| *known == reason);
        if let Some((_, counter)) = counter {
            counter.increment(1);
        }
    }
}
