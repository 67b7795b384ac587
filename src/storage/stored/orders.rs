//! The orders of a person as stored, in the body of the profile.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{maybe_moment, moment};
use crate::model::{EventId, Millionths, Order, Orders, Time, Told, Totals};

/// All of them. Amounts are millionths.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct StoredOrders {
    #[serde(default)]
    known: BTreeMap<String, StoredOrder>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    before: BTreeMap<String, StoredTotals>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredOrder {
    #[serde(with = "moment")]
    at: Time,
    #[serde(with = "moment")]
    told: Time,
    /// Absent in what older builds have kept.
    #[serde(default, with = "maybe_moment", skip_serializing_if = "Option::is_none")]
    received: Option<Time>,
    #[serde(default)]
    position: i64,
    event: String,
    value: Millionths,
    currency: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredTotals {
    count: u64,
    value: Millionths,
    #[serde(with = "moment")]
    first: Time,
    #[serde(with = "moment")]
    last: Time,
}

impl StoredOrders {
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.before.is_empty()
    }
}

impl From<&Orders> for StoredOrders {
    fn from(orders: &Orders) -> Self {
        let order = |order: &Order| StoredOrder {
            at: order.at,
            told: order.told.at,
            received: order.told.received,
            position: order.told.position,
            event: order.told.event.to_string(),
            value: order.value,
            currency: order.currency.clone(),
        };
        let totals = |totals: &Totals| StoredTotals {
            count: totals.count,
            value: totals.value,
            first: totals.first,
            last: totals.last,
        };
        Self {
            known: orders.known.iter().map(|(key, one)| (key.clone(), order(one))).collect(),
            before: orders.before.iter().map(|(key, all)| (key.clone(), totals(all))).collect(),
        }
    }
}

impl From<StoredOrders> for Orders {
    fn from(stored: StoredOrders) -> Self {
        let order = |order: StoredOrder| Order {
            at: order.at,
            told: Told {
                at: order.told,
                received: order.received,
                position: order.position,
                event: EventId::new(order.event),
            },
            value: order.value,
            currency: order.currency,
        };
        let totals = |totals: StoredTotals| Totals {
            count: totals.count,
            value: totals.value,
            first: totals.first,
            last: totals.last,
        };
        Self {
            known: stored.known.into_iter().map(|(key, one)| (key, order(one))).collect(),
            before: stored.before.into_iter().map(|(key, all)| (key, totals(all))).collect(),
        }
    }
}
