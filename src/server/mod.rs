//! Connections: who may have one, how long for, and how much of a request they may take up.
//!
//! Strangers open connections before anybody knows who they are, so this is where a flood is met.
//! Every connection has a [`Seat`](seat::Seat) in the [`Hall`](hall::Hall), which says what it waits
//! for and since when. One look around the hall, a few times a second, sends away whoever is too
//! slow; so no request pays for a timer. A full hall makes room by sending away those who have waited
//! longest, of the address that has most connections.

mod bounds;
mod descriptors;
mod seat;
mod hall;
mod look;
mod watched;
mod body;
mod answer;
mod connection;
mod tls;
mod accept;

pub use accept::{Doors, listen, serve};
pub use body::Cut;
pub use bounds::Bounds;
pub use descriptors::{check as check_descriptors, raise as raise_descriptors};
pub use tls::Certificates;
