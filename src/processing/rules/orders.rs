//! What an event says of an order (docs/wire.md §5.2).

use serde_json::Value;

use super::{Applied, ProfileFields, Said, has_nothing, path};
use crate::model::{ID_BYTES_MAX, Map, Millionths, Order, Told, fixed_tree, said_at, says_nothing};

/// Longest name of a currency, in bytes: longer than those of ISO 4217, since money is not all.
const CURRENCY_BYTES_MAX: usize = 8;
/// Stands for no currency. Those that are sent are put in capitals.
const NO_CURRENCY: &str = "none";
/// The greatest value of one order.
const VALUE_MAX: f64 = 1e9;

/// Counts the order whose id stands at `from`, with its value. Without a value there is nothing to
/// count.
pub(super) fn take(
    properties: &Map,
    from: &str,
    said: &Said<'_>,
    profile: &mut ProfileFields<'_>,
    applied: &mut Applied,
) {
    let (value, currency) = (
        either(properties, "value", "income.value"),
        either(properties, "currency", "income.currency"),
    );
    let Some(value) = value else { return };
    let (Some(value), Some(currency)) = (amount(value), name(currency)) else {
        let text = "the order was not counted: its value is no amount, or its currency no name";
        applied.warn("trait_type", text.into());
        return;
    };
    if !profile.orders.has_room_for(&currency) {
        applied.warn("trait_too_large", "the order was not counted: too many currencies".into());
        return;
    }
    let id = said_at(properties, from).filter(|id| id.len() <= ID_BYTES_MAX);
    let id = id.filter(|id| {
        // All that are called so would be one order.
        let is_one = !says_nothing(id);
        if !is_one {
            let text = format!("what {from} says is no order's id; it is counted by its event");
            applied.warn("identifier_meaningless", text);
        }
        is_one
    });
    let key = id.map_or_else(|| format!("event:{}", said.event), |id| format!("order:{id}"));
    let changed = format!("data.metrics.orders.{currency}");
    let (received, position) = (Some(said.received), said.position);
    let told = Told { at: said.at, received, position, event: said.event.clone() };
    if !profile.orders.take(key, Order { at: said.at, told, value, currency }) {
        return;
    }
    profile.orders.show(profile.data);
    applied.changed.extend(["data.metrics.ltv".to_owned(), changed]);
}

/// What stands at the first of two places that has anything.
fn either<'a>(properties: &'a Map, first: &str, second: &str) -> Option<&'a Value> {
    let places = [first, second].into_iter();
    places.filter_map(|place| path::get(properties, place)).find(|value| !has_nothing(value))
}

#[expect(clippy::cast_possible_truncation, reason = "bounded above")]
fn amount(value: &Value) -> Option<Millionths> {
    let value = fixed_tree::number(value)?.as_f64()?;
    (0.0..=VALUE_MAX).contains(&value).then(|| (value * 1e6).round() as Millionths)
}

/// A currency in capitals; `none` where there is none.
fn name(currency: Option<&Value>) -> Option<String> {
    let Some(currency) = currency else { return Some(NO_CURRENCY.to_owned()) };
    let name = currency.as_str()?.trim().to_ascii_uppercase();
    let is_name =
        name.len() <= CURRENCY_BYTES_MAX && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then_some(name)
}
