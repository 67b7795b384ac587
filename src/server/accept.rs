//! Takes connections in until it is told to stop, and then waits for those that are there.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::task::TaskTracker;

use super::bounds::Bounds;
use super::connection::{Serving, attend};
use super::hall::{Entrance, Hall, Place};
use super::look;
use super::seat::Stage;
use super::tls::Certificates;
use crate::admission::Room;
use crate::telemetry::Telemetry;

/// How long nobody is taken in after the system has refused: others must give something back first.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections that wait to be taken in, so far as the system allows it. Whoever finds no place there
/// tries again only after a second, so that a short flood would keep others out for long.
const WAITING_MAX: u32 = 8192;

/// What the system keeps of an answer for a client that does not read it. Left to itself it would take
/// megabytes for each.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;

/// How often it is tried to seat one in a full hall, and how long it is waited in between.
const TRIES: usize = 200;
const TRY: Duration = Duration::from_millis(5);

/// What is between the net and the router.
pub struct Doors {
    /// How much there may be.
    pub bounds: Bounds,
    /// What all bodies may take together.
    pub bodies: Arc<Room>,
    /// Whom clients are to see; none for connections without TLS.
    pub certificates: Option<Arc<Certificates>>,
    /// Where it is counted.
    pub telemetry: Arc<Telemetry>,
}

/// Listens there.
///
/// # Errors
/// What the system says.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A new start need not wait until the connections of the one before are forgotten.
    socket.set_reuseaddr(true)?;
    // Those who are taken in have it from here.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(WAITING_MAX)
}

/// Serves until `stop` is done, and then answers what was accepted.
///
/// # Errors
/// A sentence for people.
pub async fn serve(
    doors: Doors,
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), String> {
    let tls = doors.certificates.as_ref().map(Certificates::acceptor).transpose()?;
    let stage = if tls.is_some() { Stage::Handshake } else { Stage::Fresh };
    let serving = Serving { router, tls };
    let hall = Arc::new(Hall::new(doors.bounds, doors.telemetry.connections(), doors.bodies));
    let tracker = TaskTracker::new();
    let accepting = async {
        loop {
            let (stream, peer) = accept(&listener).await;
            // Whoever gets no seat is closed by forgetting it.
            if let Some(place) = seat(&hall, peer, stage).await {
                tracker.spawn(attend(serving.clone(), stream, peer, place));
            }
        }
    };
    let beside = async {
        match doors.certificates {
            Some(certificates) => certificates.watch().await,
            None => std::future::pending().await,
        }
    };
    let looking = look::around(Arc::clone(&hall));
    tokio::pin!(looking);
    tokio::select! {
        () = accepting => {}
        () = &mut looking => {}
        () = beside => {}
        () = stop => {}
    }
    drop(listener);
    hall.finish();
    tracker.close();
    // Slow ones are sent away to the end.
    tokio::select! {
        () = tracker.wait() => {}
        () = looking => {}
    }
    Ok(())
}

/// A seat, as soon as there is one. Meanwhile others wait where the system has them: nobody else would
/// get one either.
async fn seat(hall: &Arc<Hall>, peer: SocketAddr, begins: Stage) -> Option<Place> {
    for _ in 0..TRIES {
        match hall.enter(peer, begins) {
            Entrance::Open(place) => return Some(place),
            Entrance::Full => pause(TRY).await,
            Entrance::Closed => break,
        }
    }
    hall.metrics.refused();
    None
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are small and complete: waiting to fill a packet would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY was refused");
                }
                return (stream, peer);
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "the system gives no connection");
                pause(PAUSE).await;
            }
        }
    }
}

/// Errors of a connection that ended before it was taken in.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    matches!(error.kind(), K::ConnectionRefused | K::ConnectionAborted | K::ConnectionReset)
}

#[expect(clippy::disallowed_methods, reason = "waits for the system, in real time")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
