//! A request as it came, for the doors that lead to the committer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::http::{HeaderMap, Method};

use crate::app::App;

/// See the module.
pub(in crate::http) struct Call {
    pub(in crate::http) peer: Option<SocketAddr>,
    pub(in crate::http) query: String,
    pub(in crate::http) method: Method,
    pub(in crate::http) headers: HeaderMap,
    pub(in crate::http) body: Body,
}

impl FromRequest<Arc<App>> for Call {
    type Rejection = Infallible;

    async fn from_request(request: Request, _app: &Arc<App>) -> Result<Self, Infallible> {
        let (parts, body) = request.into_parts();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self { peer, query, method: parts.method, headers: parts.headers, body })
    }
}
