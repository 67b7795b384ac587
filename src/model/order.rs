//! Orders: what somebody has bought, each counted once, and what it comes to in each currency.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{EventId, Fixed, Map, Time};

/// Most orders of one person that are known one by one. Older ones are only counted.
pub const ORDERS_MAX: usize = 100;
/// Most currencies of one person.
pub const CURRENCIES_MAX: usize = 20;
/// An amount of money in millionths, so that sums are exact and do not depend on their order.
pub type Millionths = i64;

/// One order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// When it was first told of.
    pub at: Time,
    /// By which event it was last told of: that one's value counts.
    pub told: Told,
    /// What it is worth.
    pub value: Millionths,
    /// In which currency.
    pub currency: String,
}

/// Which event has told of something. Of two, the one that happened later, and of one moment the one that was sent later:
/// clients often say whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// When it happened.
    pub at: Time,
    /// When it was received. Unknown of what older builds have kept.
    pub received: Option<Time>,
    /// Its place in its payload.
    pub position: i64,
    /// Its id.
    pub event: EventId,
}

/// What orders of one currency come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub count: u64,
    /// All of them together.
    pub value: Millionths,
    /// When the first one was.
    pub first: Time,
    /// When the last one was.
    pub last: Time,
}

/// The orders of one person. Uniting two people's counts an order that both know once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// The newest, by their keys: their ids, or their events' where they have none.
    pub known: BTreeMap<String, Order>,
    /// Those before, by currency.
    pub before: BTreeMap<String, Totals>,
}

impl Totals {
    fn of(order: &Order) -> Self {
        Self { count: 1, value: order.value, first: order.at, last: order.at }
    }

    fn add(&mut self, more: &Self) {
        self.count = self.count.saturating_add(more.count);
        self.value = self.value.saturating_add(more.value);
        self.first = self.first.min(more.first);
        self.last = self.last.max(more.last);
    }
}

impl Orders {
    /// No order was ever told of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && self.before.is_empty()
    }

    /// Takes an order. One that is known is the same order: what was told last of it counts. False when
    /// it says nothing new.
    pub fn take(&mut self, key: String, order: Order) -> bool {
        let is_news = self.insert(key, order);
        self.trim();
        is_news
    }

    /// Takes the orders of somebody who turned out to be the same person.
    pub fn unite(&mut self, other: &Self) {
        add(&mut self.before, &other.before);
        for (key, order) in &other.known {
            self.insert(key.clone(), order.clone());
        }
        self.trim();
    }

    /// Takes over what tells of an order where it was kept without its receipt, as older builds did: folded again, the
    /// same event has one.
    pub fn take_as_kept(&mut self, kept: &Self) {
        for (key, own) in &mut self.known {
            let same = |was: &&Told| {
                was.received.is_none() && (was.at, &was.event) == (own.told.at, &own.told.event)
            };
            let was = kept.known.get(key).map(|order| &order.told).filter(same);
            if let Some(was) = was.cloned() {
                own.told = was;
            }
        }
    }

    /// Whether the currency is known, or one more finds room.
    #[must_use]
    pub fn has_room_for(&self, currency: &str) -> bool {
        let totals = self.totals();
        totals.len() < CURRENCIES_MAX || totals.contains_key(currency)
    }

    /// What they come to, by currency.
    #[must_use]
    pub fn totals(&self) -> BTreeMap<String, Totals> {
        let mut totals = self.before.clone();
        for order in self.known.values() {
            count(&mut totals, &order.currency, &Totals::of(order));
        }
        totals
    }

    /// Writes what they come to into the metrics of a profile: `orders` by currency, and `ltv` while
    /// there is but one, since sums of several would be of no currency at all.
    pub fn show(&self, data: &mut Map) {
        let totals = self.totals();
        let metrics = data.entry("metrics").or_insert_with(|| Value::Object(Map::new()));
        let Some(metrics) = metrics.as_object_mut() else { return };
        let mut all = totals.values();
        let ltv = match (all.next(), all.next()) {
            (Some(only), None) => amount(only.value),
            _ => Value::Null,
        };
        metrics.insert("ltv".to_owned(), ltv);
        let shown = totals.iter().map(|(currency, totals)| (currency.clone(), shown(totals)));
        metrics.insert("orders".to_owned(), Value::Object(shown.collect()));
    }

    /// What it takes in memory, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        const ORDER_BYTES: usize = 256;
        ORDER_BYTES * (self.known.len() + self.before.len())
    }

    /// False when nothing changes.
    fn insert(&mut self, key: String, order: Order) -> bool {
        let Some(known) = self.known.get_mut(&key) else {
            self.known.insert(key, order);
            return true;
        };
        let before = known.clone();
        let at = known.at.min(order.at);
        if order.told > known.told {
            *known = order;
        }
        known.at = at;
        *known != before
    }

    fn trim(&mut self) {
        while self.known.len() > ORDERS_MAX {
            let oldest = self.known.iter().min_by_key(|(key, order)| (order.at, *key));
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            if let Some(order) = self.known.remove(&key) {
                count(&mut self.before, &order.currency, &Totals::of(&order));
            }
        }
    }
}

fn add(totals: &mut BTreeMap<String, Totals>, more: &BTreeMap<String, Totals>) {
    more.iter().for_each(|(currency, more)| count(totals, currency, more));
}

/// Adds up. A currency too many is left out: it takes many people with nonsense for currencies to
/// become one for that.
fn count(totals: &mut BTreeMap<String, Totals>, currency: &str, more: &Totals) {
    let has_room = totals.len() < ORDERS_MAX + CURRENCIES_MAX;
    match totals.get_mut(currency) {
        Some(totals) => totals.add(more),
        None if has_room => drop(totals.insert(currency.to_owned(), more.clone())),
        None => {}
    }
}

fn shown(totals: &Totals) -> Value {
    let average = Fixed::of_millionths(totals.value.into()).over(totals.count);
    json!({
        "count": totals.count,
        "value": amount(totals.value),
        "average": average.value(),
        "first": totals.first.to_string(),
        "last": totals.last.to_string(),
    })
}

fn amount(value: Millionths) -> Value {
    Fixed::of_millionths(value.into()).value()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(at: i64, value: Millionths, currency: &str) -> Order {
        let at = Time::from_micros(at);
        let event = EventId::new(format!("e{}", at.micros()));
        let told = Told { at, received: None, position: 0, event };
        Order { at, told, value: value * 1_000_000, currency: currency.to_owned() }
    }

    fn of(orders: &[(&str, Order)]) -> Orders {
        let mut all = Orders::default();
        for (key, order) in orders {
            all.take((*key).to_owned(), order.clone());
        }
        all
    }

    #[test]
    fn an_order_counts_once_and_currencies_are_never_added() {
        let (first, told_again) = (order(1, 10, "EUR"), order(5, 12, "EUR"));
        let one = of(&[("1", first.clone()), ("2", order(2, 20, "EUR"))]);
        let other = of(&[("1", told_again), ("3", order(3, 7, "PLN"))]);
        let united = |one: &Orders, other: &Orders| {
            let mut all = one.clone();
            all.unite(other);
            all
        };
        let all = united(&one, &other);
        assert_eq!(all, united(&other, &one));
        assert_eq!(all, united(&all, &one), "once more");
        let mut data = Map::new();
        all.show(&mut data);
        let time = |micros: u32| format!("1970-01-01T00:00:00.00000{micros}Z");
        let expected = json!({"ltv": null, "orders": {
            "EUR": {"count": 2, "value": 32, "average": 16, "first": time(1), "last": time(2)},
            "PLN": {"count": 1, "value": 7, "average": 7, "first": time(3), "last": time(3)},
        }});
        assert_eq!(data["metrics"], expected);
        of(&[("1", first)]).show(&mut data);
        assert_eq!(data["metrics"]["ltv"], 10, "of the only currency");
    }

    #[test]
    fn of_one_moment_what_was_sent_later_counts() {
        let sent = |event: &str, received: i64, position: i64, value: Millionths| {
            let event = EventId::new(event);
            let received = Some(Time::from_micros(received));
            let one = order(5, value, "EUR");
            Order { told: Told { received, position, event, ..one.told.clone() }, ..one }
        };
        let all = [sent("z", 7, 0, 10), sent("b", 8, 0, 11), sent("a", 8, 1, 12)];
        for turned in 0..3 {
            let mut orders = all.clone();
            orders.rotate_left(turned);
            let known: Vec<_> = orders.into_iter().map(|one| ("1", one)).collect();
            assert_eq!(of(&known).totals()["EUR"].value, 12_000_000);
        }
    }

    #[test]
    fn sums_of_money_have_every_digit() {
        let orders: Vec<_> = (1..=20)
            .map(|at| {
                (format!("{at}"), Order { value: 999_999_999_123_457, ..order(at, 0, "EUR") })
            })
            .collect();
        let all = of(&orders.iter().map(|(key, one)| (&**key, one.clone())).collect::<Vec<_>>());
        let mut data = Map::new();
        all.show(&mut data);
        let euros = &data["metrics"]["orders"]["EUR"];
        assert_eq!(euros["value"].to_string(), "19999999982.46914");
        assert_eq!(euros["average"].to_string(), "999999999.123457");
    }

    #[test]
    fn old_orders_are_only_counted() {
        let mut all = Orders::default();
        for at in 1..=250 {
            all.take(format!("{at}"), order(at, 1, "EUR"));
        }
        assert_eq!((all.known.len(), all.before["EUR"].count), (ORDERS_MAX, 150));
        let totals = all.totals().remove("EUR").unwrap();
        assert_eq!((totals.count, totals.value), (250, 250_000_000));
        assert_eq!((totals.first.micros(), totals.last.micros()), (1, 250));
    }
}
