//! The hall: all seats, how many there may be, and who gives way when it is full.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bounds::Bounds;
use super::seat::{Group, Seat, Stage, Steps, Word};
use crate::admission::Room;
use crate::telemetry::ConnectionMetrics;

/// Sent away at one time when the hall is full: looking around costs as much for one.
const SENT_AWAY: usize = 16;
/// Of those who were told to leave, so many may not have gone yet when others come in; they are part
/// of the reserve of descriptors.
const LEAVING_MAX: usize = 128;

/// See the module.
pub(super) struct Hall {
    pub(super) bounds: Bounds,
    pub(super) steps: Arc<Steps>,
    pub(super) metrics: ConnectionMetrics,
    pub(super) bodies: Arc<Room>,
    inside: Mutex<Inside>,
}

#[derive(Default)]
pub(super) struct Inside {
    pub(super) seats: Vec<Arc<Seat>>,
    groups: HashMap<u64, Arc<Group>>,
    leaving: usize,
    number: u64,
}

/// Who makes room for a newcomer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GivesWay {
    /// Some were told to leave, or there is room.
    Some,
    /// Those who would have to have not had their first turn.
    Soon,
    /// Everybody waits for us.
    Nobody,
}

/// What comes of a newcomer.
pub(super) enum Entrance {
    /// It has a place.
    Open(Place),
    /// Those who were told to leave have not gone yet, or nobody can leave: soon.
    Full,
    /// Its address has its share, and nobody of it waits.
    Closed,
}

/// A seat that is taken. Dropped, it is free.
pub(super) struct Place {
    pub(super) hall: Arc<Hall>,
    pub(super) seat: Arc<Seat>,
    key: u64,
}

impl Hall {
    pub(super) fn new(bounds: Bounds, metrics: ConnectionMetrics, bodies: Arc<Room>) -> Self {
        metrics.bound(bounds.connections_max);
        let (steps, inside) = (Arc::default(), Mutex::default());
        Self { bounds, steps, metrics, bodies, inside }
    }

    /// A seat for a connection from there.
    pub(super) fn enter(self: &Arc<Self>, peer: SocketAddr, begins: Stage) -> Entrance {
        let per_address = self.bounds.connections_per_address_max;
        let key = per_address.map_or(0, |_| key(peer.ip()));
        let mut inside = self.inside();
        if inside.seats.len() >= self.bounds.connections_max + LEAVING_MAX {
            return Entrance::Full;
        }
        let group = Arc::clone(inside.groups.entry(key).or_default());
        let is_alone = per_address.is_some_and(|max| group.0.load(Ordering::Relaxed) >= max);
        let gives_way = if is_alone {
            self.send_away(&mut inside, 1, "address", |seat| Arc::ptr_eq(&seat.group, &group))
        } else if inside.seats.len() - inside.leaving < self.bounds.connections_max {
            GivesWay::Some
        } else {
            self.send_away(&mut inside, self.sent_away(), "full", |_| true)
        };
        if gives_way != GivesWay::Some {
            inside.forget(key, &group);
            let is_closed = is_alone && gives_way == GivesWay::Nobody;
            return if is_closed { Entrance::Closed } else { Entrance::Full };
        }
        inside.number += 1;
        let seat = Arc::new(Seat::new(&self.steps, group, inside.number, begins));
        inside.sit(&seat);
        Entrance::Open(Place { hall: Arc::clone(self), seat, key })
    }

    /// Few of a small hall: in it, many would be nearly all.
    fn sent_away(&self) -> usize {
        SENT_AWAY.min(self.bounds.connections_max / 32).max(1)
    }

    /// Tells some of those who wait for their client to leave: of the address with most connections
    /// first, and of its, those who have waited longest. Whoever has yet to have their first turn is
    /// not sent away, and nobody else instead of them.
    fn send_away(
        &self,
        inside: &mut Inside,
        some: usize,
        reason: &'static str,
        may: impl Fn(&Seat) -> bool,
    ) -> GivesWay {
        let waits = |seat: &&Arc<Seat>| {
            seat.stage().0 != Stage::Working && seat.word() != Word::Leave && may(seat)
        };
        let rank = |seat: &Arc<Seat>| {
            (seat.group.0.load(Ordering::Relaxed), seat.stage().1, Reverse(seat.number))
        };
        let mut waiting: Vec<_> =
            inside.seats.iter().filter(waits).map(|seat| (rank(seat), Arc::clone(seat))).collect();
        if waiting.is_empty() {
            return GivesWay::Nobody;
        }
        let some = some.min(waiting.len());
        waiting.select_nth_unstable_by_key(some - 1, |(rank, _)| Reverse(*rank));
        let mut gives_way = GivesWay::Soon;
        for (_, seat) in waiting[..some].iter().filter(|(_, seat)| seat.stage().0 != Stage::New) {
            self.tell_to_leave(inside, seat, reason);
            gives_way = GivesWay::Some;
        }
        gives_way
    }

    /// Whoever was told is counted no more: another may have the place.
    pub(super) fn tell_to_leave(&self, inside: &mut Inside, seat: &Seat, reason: &'static str) {
        if seat.tell(Word::Leave) {
            inside.leaving += 1;
            seat.group.0.fetch_sub(1, Ordering::Relaxed);
            self.metrics.closed(reason);
        }
    }

    /// Everybody ends after the request that is under way.
    pub(super) fn finish(&self) {
        for seat in &self.inside().seats {
            seat.tell(Word::Finish);
        }
    }

    pub(super) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn sit(&mut self, seat: &Arc<Seat>) {
        seat.group.0.fetch_add(1, Ordering::Relaxed);
        seat.place.store(self.seats.len(), Ordering::Relaxed);
        self.seats.push(Arc::clone(seat));
    }

    fn leave(&mut self, seat: &Seat, key: u64) {
        let place = seat.place.load(Ordering::Relaxed);
        self.seats.swap_remove(place);
        if let Some(moved) = self.seats.get(place) {
            moved.place.store(place, Ordering::Relaxed);
        }
        if seat.word() == Word::Leave {
            self.leaving -= 1;
        } else {
            seat.group.0.fetch_sub(1, Ordering::Relaxed);
        }
        self.forget(key, &seat.group);
    }

    /// An address without connections is not remembered: the map and one who asks hold its group then.
    fn forget(&mut self, key: u64, group: &Arc<Group>) {
        if Arc::strong_count(group) <= 2 {
            self.groups.remove(&key);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.hall.inside().leave(&self.seat, self.key);
    }
}

/// One for each address; of IPv6, one for each /64, which is what one customer has.
fn key(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        // No network of theirs begins with 32 bits of zeros, so they are none of the above.
        IpAddr::V6(address) => u64::try_from(address.to_bits() >> 64).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::telemetry::Telemetry;

    #[test]
    fn a_network_of_long_addresses_has_the_share_of_one_address() {
        let mut limits = Config::for_testing("unused".into()).limits;
        limits.connections_per_address_max = 3;
        let (bounds, metrics) = (Bounds::new(&limits, false, None), Telemetry::new().connections());
        let hall = Arc::new(Hall::new(bounds, metrics, Arc::new(Room::new(0))));
        // All of them are worked for, so none has to go for another.
        let enter = |address: &str| match hall
            .enter(SocketAddr::new(address.parse().unwrap(), 1), Stage::Working)
        {
            Entrance::Open(place) => Some(place),
            Entrance::Full | Entrance::Closed => None,
        };
        let mut inside: Vec<_> =
            (1..4).map(|end| enter(&format!("2001:db8::{end}:1")).unwrap()).collect();
        assert!(enter("2001:db8::ffff:ffff:ffff:ffff").is_none(), "the same /64");
        for other in ["2001:db8:0:1::1", "192.0.2.1", "::ffff:192.0.2.1"] {
            inside.push(enter(other).unwrap());
        }
        inside.push(enter("192.0.2.1").unwrap());
        assert!(enter("::ffff:192.0.2.1").is_none(), "one address, written in two ways");
        drop(inside.remove(0));
        enter("2001:db8::9").unwrap();
    }
}
