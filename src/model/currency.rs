//! Tables of currencies: what amounts in one are in another, at a day.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{About, Decimal, Path, Time};

/// Rates of a company's own, and which amounts of its events they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrencyTable {
    /// Its id.
    pub id: String,
    /// What it says of itself.
    pub about: About,
    /// Off: nothing is converted by it.
    pub enabled: bool,
    /// The currency that amounts are converted to.
    pub base: String,
    /// What is converted.
    pub amounts: Vec<Amount>,
    /// By currency.
    pub rates: Rates,
}

/// By currency, in upper case: how much of the base one of it is, and since when, the earliest first.
pub type Rates = Arc<BTreeMap<String, Vec<Rate>>>;

/// An amount of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Of which types; none: of all.
    pub event_types: Vec<String>,
    /// Where it stands in the properties.
    pub amount: Path,
    /// Where its currency stands in the properties.
    pub currency: Path,
    /// Where what it is in the base goes.
    pub into: ConvertedTo,
}

/// A place among an event's columns that rules write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertedTo {
    /// In `traits`; else in `data`.
    pub is_trait: bool,
    /// Where in there.
    pub path: Path,
}

/// What one of a currency is from some day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The day begins then, in UTC.
    pub since: Time,
    /// So much of the base.
    pub rate: Decimal,
}

/// An amount with all that it takes to convert it.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// What.
    pub amount: Amount,
    /// Into what.
    pub base: String,
    /// By what.
    pub rates: Rates,
}

impl CurrencyTable {
    /// What follows from it, with the types that each is for.
    pub fn conversions(&self) -> impl Iterator<Item = (&[String], Conversion)> {
        self.amounts.iter().map(|amount| {
            let (base, rates) = (self.base.clone(), Arc::clone(&self.rates));
            (amount.event_types.as_slice(), Conversion { amount: amount.clone(), base, rates })
        })
    }
}

impl Conversion {
    /// What one of `currency` was at that moment; none where nobody has said.
    #[must_use]
    pub fn rate(&self, currency: &str, at: Time) -> Option<Rate> {
        if currency == self.base {
            return Some(Rate { since: Time::from_micros(0), rate: Decimal::parse("1")? });
        }
        let rates = self.rates.get(currency)?;
        rates.get(..rates.partition_point(|rate| rate.since <= at))?.last().copied()
    }
}

impl ConvertedTo {
    /// Reads `traits.total` or `data.total`; none of any other place.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (first, path) =
            Path::parse(text.trim()).ok()?.split_first().map(|(k, p)| (k.to_owned(), p))?;
        let is_trait = match first.as_str() {
            "traits" => true,
            "data" => false,
            _ => return None,
        };
        (!path.steps().is_empty()).then_some(Self { is_trait, path })
    }

    /// As it is read.
    #[must_use]
    pub fn written(&self) -> String {
        let part = if self.is_trait { "traits" } else { "data" };
        self.path.written_below(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_a_moment_is_the_last_that_had_begun() {
        let rate = |since: i64, rate| Rate {
            since: Time::from_micros(since),
            rate: Decimal::parse(rate).unwrap(),
        };
        let rates = BTreeMap::from([("USD".to_owned(), vec![rate(10, "0.9"), rate(20, "0.8")])]);
        let place = || Path::known("x");
        let into = ConvertedTo::read("traits.x").unwrap();
        let amount = Amount { event_types: Vec::new(), amount: place(), currency: place(), into };
        let conversion = Conversion { amount, base: "EUR".into(), rates: Arc::new(rates) };
        let at = |currency, at| {
            let rate = conversion.rate(currency, Time::from_micros(at));
            rate.map(|rate| rate.rate.to_string())
        };
        assert_eq!(at("USD", 9), None);
        assert_eq!(at("USD", 10).as_deref(), Some("0.9"));
        assert_eq!(at("USD", 19).as_deref(), Some("0.9"));
        assert_eq!(at("USD", 20).as_deref(), Some("0.8"));
        assert_eq!(at("EUR", 0).as_deref(), Some("1"));
        assert_eq!(at("CHF", 20), None);
    }

    #[test]
    fn a_place_is_written_as_it_was_read() {
        for text in ["traits.total_eur", "data.ec.order.base", "traits[\"a.b\"]"] {
            assert_eq!(ConvertedTo::read(text).unwrap().written(), text);
        }
        for no in ["traits", "properties.x", "context.x", "", "data..x"] {
            assert_eq!(ConvertedTo::read(no), None, "{no}");
        }
    }
}
