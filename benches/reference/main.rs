//! What Kith is compared with: the same stack, which parses the payload and answers, and keeps nothing.
#![allow(clippy::print_stdout, reason = "a program for people")]

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use kith::clock::Clock;
use kith::http::dialects::tracardi;
use kith::ids::Ids;
use serde_json::{Value, json};

async fn track(body: Bytes) -> Result<Json<Value>, StatusCode> {
    let events = tracardi::parse(&body).map_err(|_| StatusCode::UNPROCESSABLE_ENTITY)?;
    if events == 0 {
        return Ok(Json(Value::Null));
    }
    let (ids, now) = (Ids::system(), Clock::system().now());
    Ok(Json(json!({
        "task": ids.uuid(now), "ux": [], "response": {}, "events": [],
        "profile": {"id": ids.uuid(now)}, "session": {"id": ids.uuid(now)},
        "errors": [], "warnings": [],
    })))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listens on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap_or_default());
    let router =
        Router::new().route("/track", post(track)).route("/health", get(|| async { "ok" }));
    axum::serve(listener, router).await
}
