//! The look around the hall: whoever is too slow for its stage is sent away.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::body::Cut;
use super::hall::{Hall, Inside};
use super::seat::{Seat, Stage};

/// How often it is looked; the bounds hold to within this.
pub(super) const STEP: Duration = Duration::from_millis(250);
/// While bodies take more than half of their room, those that have come for so long and are not there
/// give way.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks again and again, for ever.
#[expect(clippy::disallowed_methods, reason = "the net lives in real time")]
pub(super) async fn around(hall: Arc<Hall>) {
    let mut steps = tokio::time::interval(STEP);
    steps.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        steps.tick().await;
        hall.steps.go_on();
        look(&hall);
    }
}

fn look(hall: &Hall) {
    let mut inside = hall.inside();
    let is_short = hall.bodies.is_short();
    // A copy of what they are: sending one away changes what is counted of all.
    let late: Vec<_> = inside.seats.iter().filter(|seat| is_late(hall, seat)).cloned().collect();
    for seat in late {
        send_away(hall, &mut inside, &seat);
    }
    if is_short {
        relieve(hall, &inside);
    }
    hall.metrics.present(inside.seats.len(), hall.bodies.taken());
}

/// How many steps fit into this time.
fn steps(time: Duration) -> u32 {
    u32::try_from(time.as_millis() / STEP.as_millis()).unwrap_or(u32::MAX)
}

fn is_late(hall: &Hall, seat: &Seat) -> bool {
    let bounds = &hall.bounds;
    let (stage, waited) = seat.stage();
    let most = match stage {
        Stage::New | Stage::Handshake | Stage::Fresh | Stage::Head => bounds.head_max,
        Stage::Idle => bounds.idle_max,
        Stage::Body => bounds.body_max,
        Stage::Working => Duration::MAX,
    };
    waited > steps(most) || seat.stalls() > steps(bounds.stall_max)
}

fn send_away(hall: &Hall, inside: &mut Inside, seat: &Seat) {
    let (stage, _) = seat.stage();
    if seat.stalls() > steps(hall.bounds.stall_max) {
        return hall.tell_to_leave(inside, seat, "stalled");
    }
    match stage {
        Stage::New | Stage::Handshake | Stage::Fresh | Stage::Head => {
            hall.tell_to_leave(inside, seat, "head");
        }
        Stage::Idle => hall.tell_to_leave(inside, seat, "idle"),
        // It is answered, so that an honest client knows.
        Stage::Body => {
            if seat.cut(Cut::TooSlow) {
                hall.metrics.closed("body");
            }
        }
        // It has gone on meanwhile.
        Stage::Working => {}
    }
}

/// Whoever holds room and takes long gives it to those who are quick.
fn relieve(hall: &Hall, inside: &Inside) {
    let is_slow = |seat: &&Arc<Seat>| {
        let (stage, waited) = seat.stage();
        let holds = seat.held.load(Ordering::Relaxed) > 0;
        stage == Stage::Body && holds && waited > steps(PATIENCE)
    };
    for seat in inside.seats.iter().filter(is_slow) {
        if seat.cut(Cut::NoRoom) {
            hall.metrics.closed("bodies");
        }
    }
}
