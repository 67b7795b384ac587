//! Amounts in a company's base currency, beside what was sent.

use serde_json::{Value, json};

use super::has_nothing;
use crate::model::{Conversion, Decimal, Event, Map, Warning};

/// Writes what each amount is in its base into the event's columns. What was sent stays as it is, and an
/// amount that is not there is none.
pub(in crate::processing) fn convert<'a>(
    conversions: impl Iterator<Item = &'a Conversion>,
    event: &mut Event,
) {
    let mut conversions = conversions.peekable();
    if conversions.peek().is_none() {
        return;
    }
    let properties = event.properties.read();
    for conversion in conversions {
        let converted = converted(conversion, event, &properties);
        match converted
            .and_then(|value| value.map_or(Ok(()), |value| put(conversion, event, value)))
        {
            Ok(()) => {}
            Err(why) => {
                let place = &conversion.amount.amount;
                let text = format!("the amount at {place} was not converted: {why}");
                event.warnings.push(Warning::new("amount_not_converted", text).about(&event.id));
            }
        }
    }
}

fn put(conversion: &Conversion, event: &mut Event, value: Value) -> Result<(), &'static str> {
    let into = &conversion.amount.into;
    let column = if into.is_trait { &mut event.traits } else { &mut event.data };
    let is_set = into.path.set(column, value);
    is_set.then_some(()).ok_or("a part of the way to where it goes is a value")
}

/// None where there is no amount.
fn converted(
    conversion: &Conversion,
    event: &Event,
    properties: &Map,
) -> Result<Option<Value>, &'static str> {
    let sent = conversion.amount.amount.get(properties).filter(|value| !has_nothing(value));
    let Some(sent) = sent else { return Ok(None) };
    let amount = Decimal::of(sent).ok_or("it is no number of at most 18 digits")?;
    let currency = conversion.amount.currency.get(properties).and_then(Value::as_str);
    let currency = currency.map(|code| code.trim().to_ascii_uppercase());
    let currency = currency.ok_or("its currency is not said")?;
    let rate = conversion.rate(&currency, event.time).ok_or("there is no rate of its currency")?;
    let value = amount.times(rate.rate).and_then(Decimal::number).ok_or("it is too large")?;
    let mut told = json!({"value": value, "currency": conversion.base, "rate": rate.rate.number()});
    if currency != conversion.base {
        told["since"] = json!(rate.since.to_string());
    }
    Ok(Some(told))
}
