//! One connection, from its first byte to its last: HTTP/1.1 and nothing else.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::answer::Answer;
use super::body::Metered;
use super::hall::Place;
use super::seat::{Seat, Stage, Word};
use super::watched::Watched;

/// What a connection is served with.
#[derive(Clone)]
pub(super) struct Serving {
    pub(super) router: Router,
    pub(super) tls: Option<TlsAcceptor>,
}

/// Serves a connection until it ends, or is told to.
pub(super) async fn attend(serving: Serving, stream: TcpStream, peer: SocketAddr, place: Place) {
    let Serving { router, tls } = serving;
    let stream = Watched::new(stream, &place.seat);
    let Some(tls) = tls else { return converse(router, stream, peer, &place).await };
    let shaken = tokio::select! {
        shaken = tls.accept(stream) => shaken,
        _ = place.seat.told(Word::Nothing) => return,
    };
    match shaken {
        Ok(stream) => {
            place.seat.enter(Stage::Fresh);
            converse(router, stream, peer, &place).await;
        }
        Err(error) => tracing::debug!(%error, "a handshake failed"),
    }
}

async fn converse<S>(router: Router, stream: S, peer: SocketAddr, place: &Place)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = Requests { router, peer, seat: Arc::clone(&place.seat), place };
    let head_bytes_max = place.hall.bounds.head_bytes_max;
    // The hall has the time: a timer for each head would cost each request.
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_buf_size(head_bytes_max)
        .max_header_size(head_bytes_max)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut known = Word::Nothing;
    while known < Word::Leave {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke");
                }
                return;
            }
            word = place.seat.told(known) => known = word,
        }
        if known == Word::Finish {
            connection.as_mut().graceful_shutdown();
        }
    }
}

/// Hands requests to the router, one after the other.
struct Requests<'a> {
    router: Router,
    peer: SocketAddr,
    seat: Arc<Seat>,
    place: &'a Place,
}

impl Requests<'_> {
    /// As the router takes it: with the peer's address, and a body that is counted.
    fn received(&self, request: Request<Incoming>) -> Request<Body> {
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(ConnectInfo(self.peer));
        let body = if body.is_end_stream() {
            Body::empty()
        } else {
            Body::new(Metered::new(body, &self.seat, self.place.hall.bodies.hold()))
        };
        Request::from_parts(parts, body)
    }
}

impl Service<Request<Incoming>> for Requests<'_> {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.seat.enter(Stage::Working);
        let request = self.received(request);
        let answer = tower::Service::call(&mut self.router.clone(), request);
        Answering { answer, seat: Arc::clone(&self.seat) }
    }
}

/// The answer, as soon as the router has it.
pub(super) struct Answering {
    answer: axum::routing::future::RouteFuture<Infallible>,
    seat: Arc<Seat>,
}

impl Future for Answering {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        let this = self.get_mut();
        let answer = std::task::ready!(std::pin::Pin::new(&mut this.answer).poll(context));
        let seat = Arc::clone(&this.seat);
        std::task::Poll::Ready(answer.map(|answer| answer.map(|inner| Answer { inner, seat })))
    }
}
