//! What tests stand on: an app with a clock that stands still, the model of identity, servers.

pub(crate) mod app;
pub(crate) mod bytes;
pub(crate) mod careful;
pub(crate) mod certificates;
pub(crate) mod contract;
#[macro_use]
pub(crate) mod engine;
pub(crate) mod failing;
pub(crate) mod people;
pub(crate) mod postgres;
pub(crate) mod proxy;
pub(crate) mod receiver;
pub(crate) mod reply;
pub(crate) mod s3;
pub(crate) mod server;
#[macro_use]
pub(crate) mod snapshot;
pub(crate) mod token;
pub(crate) mod wire;

pub(crate) use app::{Setup, TestApp};
pub(crate) use bytes::files_with;
pub(crate) use reply::Reply;
