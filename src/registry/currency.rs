//! Tables of currencies.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rule::{AboutBody, check_id, check_rule, check_type};
use super::{Entity, Misfit, Snapshot};
use crate::model::{Amount, ConvertedTo, CurrencyTable, Decimal, Path, Rate, Time};
use crate::storage::moment;

/// Most tables, and most amounts of one.
const TABLES_MAX: usize = 20;
const AMOUNTS_MAX: usize = 50;
/// Most rates of a table: those of thirty currencies for two years, day by day.
const RATES_MAX: usize = 20_000;
/// Most event types of an amount.
const TYPES_MAX: usize = 100;

impl Entity for CurrencyTable {
    const KIND: &'static str = "currency_table";

    type Body = CurrencyTableBody;

    fn id(&self) -> &str {
        &self.id
    }

    fn check(&self, known: &Snapshot) -> Result<(), Misfit> {
        check_id(&self.id)?;
        check_rule(&self.about)?;
        if known.get::<Self>(&self.id).is_none() && known.all::<Self>().len() >= TABLES_MAX {
            let wanted = format!("must be one of the {TABLES_MAX} that there are");
            return Err(Misfit::new("id", wanted));
        }
        if !is_currency(&self.base) {
            return Err(Misfit::new("base", "must be a currency's code: EUR"));
        }
        self.check_amounts()?;
        self.check_rates()
    }

    /// Both are stored by what is below `properties`.
    fn named(&self) -> Option<Value> {
        let places = |one: &Amount| {
            let [amount, currency] =
                [&one.amount, &one.currency].map(|path| path.written_below("properties"));
            [amount, currency, one.into.written()]
        };
        Some(self.amounts.iter().flat_map(places).collect())
    }

    fn to_body(&self) -> CurrencyTableBody {
        CurrencyTableBody {
            about: AboutBody::from(&self.about),
            enabled: self.enabled,
            base: self.base.clone(),
            amounts: self.amounts.iter().map(AmountBody::from).collect(),
            rates: self.rates.iter().map(|(code, rates)| (code.clone(), bodies(rates))).collect(),
        }
    }

    /// What a newer node has written and this one cannot read is left out.
    fn from_body(id: String, body: CurrencyTableBody) -> Self {
        let rates = body.rates.into_iter();
        let rates: BTreeMap<_, Vec<Rate>> = rates
            .map(|(code, rates)| (code, rates.into_iter().filter_map(RateBody::read).collect()))
            .collect();
        Self {
            id,
            about: body.about.into(),
            enabled: body.enabled,
            base: body.base,
            amounts: body.amounts.into_iter().filter_map(AmountBody::read).collect(),
            rates: Arc::new(rates),
        }
    }
}

impl CurrencyTable {
    fn check_amounts(&self) -> Result<(), Misfit> {
        if self.amounts.is_empty() || self.amounts.len() > AMOUNTS_MAX {
            return Err(Misfit::new("amounts", format!("must be 1 to {AMOUNTS_MAX} amounts")));
        }
        if self.amounts.iter().any(|amount| amount.event_types.len() > TYPES_MAX) {
            let wanted = format!("must each be for at most {TYPES_MAX} event types");
            return Err(Misfit::new("amounts", wanted));
        }
        let mut types = self.amounts.iter().flat_map(|amount| &amount.event_types);
        types.try_for_each(|kind| check_type("amounts", kind))
    }

    fn check_rates(&self) -> Result<(), Misfit> {
        if self.rates.values().map(Vec::len).sum::<usize>() > RATES_MAX {
            return Err(Misfit::new("rates", format!("must be at most {RATES_MAX} in all")));
        }
        if !self.rates.keys().all(|code| is_currency(code) && *code != self.base) {
            let wanted = "must be of currencies by their codes, other than the base: USD";
            return Err(Misfit::new("rates", wanted));
        }
        if !self.rates.values().flatten().all(|rate| rate.rate.is_positive()) {
            return Err(Misfit::new("rates", "must each be more than 0"));
        }
        let rises = |rates: &Vec<Rate>| rates.is_sorted_by(|one, next| one.since < next.since);
        if !self.rates.values().all(rises) {
            return Err(Misfit::new("rates", "must name each day once"));
        }
        Ok(())
    }
}

/// Three capital letters, and more for money that has no standard.
fn is_currency(code: &str) -> bool {
    (3..=8).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The body of a `config` row of kind `currency_table`.
#[derive(Debug, Serialize, Deserialize)]
pub struct CurrencyTableBody {
    #[serde(flatten)]
    about: AboutBody,
    enabled: bool,
    base: String,
    amounts: Vec<AmountBody>,
    rates: BTreeMap<String, Vec<RateBody>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct AmountBody {
    #[serde(default)]
    event_types: Vec<String>,
    amount: String,
    currency: String,
    into: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct RateBody {
    #[serde(with = "moment")]
    since: Time,
    rate: String,
}

fn bodies(rates: &[Rate]) -> Vec<RateBody> {
    rates.iter().map(|rate| RateBody { since: rate.since, rate: rate.rate.to_string() }).collect()
}

impl RateBody {
    fn read(self) -> Option<Rate> {
        Some(Rate { since: self.since, rate: Decimal::parse(&self.rate)? })
    }
}

impl From<&Amount> for AmountBody {
    fn from(amount: &Amount) -> Self {
        Self {
            event_types: amount.event_types.clone(),
            amount: amount.amount.to_string(),
            currency: amount.currency.to_string(),
            into: amount.into.written(),
        }
    }
}

impl AmountBody {
    fn read(self) -> Option<Amount> {
        Some(Amount {
            event_types: self.event_types,
            amount: Path::parse(&self.amount).ok()?,
            currency: Path::parse(&self.currency).ok()?,
            into: ConvertedTo::read(&self.into)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::About;

    fn table() -> CurrencyTable {
        let rate = |day: i64, rate: &str| Rate {
            since: Time::from_micros(day * 86_400_000_000),
            rate: Decimal::parse(rate).unwrap(),
        };
        let usd = vec![rate(20_454, "0.92"), rate(20_455, "0.921")];
        CurrencyTable {
            id: "ecb".into(),
            about: About { name: "ECB".into(), ..About::default() },
            enabled: true,
            base: "EUR".into(),
            amounts: vec![Amount {
                event_types: vec!["order".into()],
                amount: Path::known("total"),
                currency: Path::known("currency"),
                into: ConvertedTo::read("traits.total_eur").unwrap(),
            }],
            rates: Arc::new(BTreeMap::from([("USD".to_owned(), usd)])),
        }
    }

    fn misfit(change: impl FnOnce(&mut CurrencyTable)) -> Option<&'static str> {
        let mut one = table();
        change(&mut one);
        one.check(&Snapshot::default()).err().map(|misfit| misfit.place)
    }

    fn rates(change: impl FnOnce(&mut BTreeMap<String, Vec<Rate>>)) -> Option<&'static str> {
        misfit(|one| change(Arc::make_mut(&mut one.rates)))
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_place() {
        assert_eq!(misfit(|_| {}), None);
        assert_eq!(misfit(|one| one.base = "eur".into()), Some("base"));
        assert_eq!(misfit(|one| one.base = "USD".into()), Some("rates"));
        assert_eq!(misfit(|one| one.amounts.clear()), Some("amounts"));
        assert_eq!(misfit(|one| one.amounts[0].event_types = vec!["A B".into()]), Some("amounts"));
        assert_eq!(rates(|all| all.get_mut("USD").unwrap().reverse()), Some("rates"));
        assert_eq!(rates(|all| drop(all.insert("us".into(), Vec::new()))), Some("rates"));
        let nothing = Decimal::parse("0").unwrap();
        assert_eq!(rates(|all| all.get_mut("USD").unwrap()[0].rate = nothing), Some("rates"));
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let text = serde_json::to_string(&table().to_body()).unwrap();
        let read = serde_json::from_str(&text).unwrap();
        assert_eq!(CurrencyTable::from_body("ecb".into(), read), table());
    }
}
