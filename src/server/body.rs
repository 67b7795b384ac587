//! A request's body on its way in: counted as it is read, and cut off when it is too slow.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

use super::seat::{Seat, Stage};
use crate::admission::Held;

/// What a body may take without asking for room, in bytes: as much as most payloads are, so that
/// large bodies of others never keep small ones out.
const FREE: usize = 16 * 1024;

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[repr(u8)]
pub enum Cut {
    /// It came too slowly.
    #[error("the body came too slowly")]
    TooSlow = 1,
    /// Bodies take as much memory as they may.
    #[error("the bodies of others take all the room there is")]
    NoRoom = 2,
}

impl Cut {
    /// Whether this is why reading a body has failed.
    #[must_use]
    pub fn of(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut all = std::iter::successors(Some(error), |error| error.source());
        all.find_map(|error| error.downcast_ref::<Self>().copied())
    }
}

/// A body, and what it takes.
pub(super) struct Metered {
    inner: Incoming,
    seat: Arc<Seat>,
    held: Held,
    read: usize,
}

impl Metered {
    pub(super) fn new(inner: Incoming, seat: &Arc<Seat>, held: Held) -> Self {
        seat.begin_body();
        Self { inner, seat: Arc::clone(seat), held, read: 0 }
    }

    fn count(&mut self, bytes: usize) -> Result<(), Cut> {
        self.read += bytes;
        let beyond = self.read.saturating_sub(FREE);
        self.held.grow_to(beyond).map_err(|_| Cut::NoRoom)?;
        self.seat.held.store(beyond, Ordering::Relaxed);
        Ok(())
    }
}

impl Body for Metered {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.inner).poll_frame(context);
        if polled.is_pending() {
            this.seat.waits_for_body(context.waker());
            // Asked after it is known whom to wake.
            return match this.seat.is_cut() {
                Some(why) => Poll::Ready(Some(Err(why.into()))),
                None => Poll::Pending,
            };
        }
        let frame = ready!(polled).transpose()?;
        if let Some(data) = frame.as_ref().and_then(Frame::data_ref) {
            this.count(data.len())?;
        }
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        self.seat.held.store(0, Ordering::Relaxed);
        self.seat.enter(Stage::Working);
    }
}
