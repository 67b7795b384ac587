//! A shop's traffic: many types, few of them frequent; many people, few of them busy; visits of one to
//! twenty events, many under way at any moment.

use std::sync::Arc;

use kith::events::Rows;
use kith::model::{
    Client, Event, EventId, Geo, Hit, Json, Map, ProfileId, SessionId, SourceId, Time, Utm,
};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use uuid::Uuid;

/// 2026-01-01T00:00:00Z, in microseconds.
const START: i64 = 1_767_225_600_000_000;
/// 30 days, in microseconds.
const LENGTH: i64 = 30 * 86_400_000_000;
/// Everybody who may come.
const PEOPLE: u64 = 300_000;
/// Who is there at any moment: with ten million events over 30 days, somebody does something about
/// once a minute.
const VISITS_AT_ONCE: usize = 200;
/// The longest visit, in events; the mean is a third of it.
const VISIT_EVENTS: f64 = 20.0;

/// Types with how often they are, in thousandths.
const TYPES: [(&str, u32); 12] = [
    ("page-view", 480),
    ("product-clicked", 170),
    ("product-details-page-view", 120),
    ("search", 70),
    ("product-added-to-cart", 60),
    ("product-removed-from-cart", 15),
    ("checkout-started", 20),
    ("order-completed", 12),
    ("sign-in", 20),
    ("sign-out", 8),
    ("newsletter-opened", 15),
    ("video-watched", 10),
];

pub(crate) struct Shop {
    random: SmallRng,
    sent: u64,
    all: u64,
    client: Arc<Client>,
    visits: Vec<Visit>,
}

/// Somebody who is there.
#[derive(Clone, Debug)]
struct Visit {
    session: SessionId,
    person: Uuid,
    /// How much more they will do.
    events: u32,
}

/// A person that surely came: the busiest.
pub(crate) fn somebody() -> String {
    person(0).to_string()
}

fn person(number: u64) -> Uuid {
    Uuid::from_u64_pair(
        0x0198_0000_0000_7000 | number >> 16,
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
    )
}

impl Shop {
    pub(crate) fn new(all: u64) -> Self {
        let mut client = Client::default();
        client.device.kind = Some("pc");
        client.os.name = Some("Linux".to_owned());
        client.app.name = Some("Chrome".to_owned());
        client.app.version = Some("125.0.0.0".to_owned());
        let mut random = SmallRng::seed_from_u64(1);
        let visits = (0..VISITS_AT_ONCE).map(|_| Visit::begin(&mut random)).collect();
        Self { random, sent: 0, all, client: Arc::new(client), visits }
    }

    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    pub(crate) fn rows(&mut self, count: u64) -> Rows {
        let mut rows = Rows::default();
        for _ in 0..count {
            rows.push(&self.event()).unwrap();
        }
        rows
    }

    fn event(&mut self) -> Event {
        let share = self.sent as f64 / self.all as f64;
        let micros = START + (share * LENGTH as f64) as i64;
        self.sent += 1;
        let Visit { session, person, .. } = self.visit();
        let product = self.random.random_range(0..5_000_u32);
        let time = Time::from_micros(micros);
        let id = Uuid::from_u64_pair(micros as u64, self.random.random());
        let properties = json!({
            "id": format!("P{product}"), "name": "Running shoe", "category": "shoes",
            "price": f64::from(product % 200) + 0.99, "quantity": 1 + product % 3,
        });
        let context = json!({
            "page": {"url": format!("https://shop.example/shoes/{product}"), "title": "Shoes"},
            "screen": {"local": {"width": 1920, "height": 1080}}, "time": {"tz": "Europe/Warsaw"},
        });
        let kind = self.kind();
        Event {
            id: EventId::from(id),
            kind: kind.to_owned(),
            name: kind.replace('-', " "),
            time,
            received_at: time,
            position: 0,
            client_time: None,
            source: SourceId::new("shop"),
            session: Some(session),
            profile: Some(ProfileId::from(person)),
            channel: "web".to_owned(),
            ip: None,
            client: Arc::clone(&self.client),
            utm: Utm::default(),
            geo: Geo::default(),
            hit: Hit {
                url: Some(format!("https://shop.example/shoes/{product}")),
                path: Some(format!("/shoes/{product}")),
                title: Some("Shoes".to_owned()),
                referrer_host: None,
                referrer: None,
            },
            journey: Some("awareness".to_owned()),
            tags: vec!["general".to_owned()],
            warnings: Vec::new(),
            valid: true,
            properties: Json::compact(&properties.to_string(), 16).unwrap(),
            traits: Map::new(),
            data: Map::new(),
            context: Json::compact(&context.to_string(), 16).unwrap(),
            request: Json::empty(),
            config: Json::empty(),
            debug: false,
        }
    }

    /// Whoever does something now: one of those who are there, or somebody who comes instead.
    fn visit(&mut self) -> Visit {
        let at = self.random.random_range(0..VISITS_AT_ONCE);
        if self.visits[at].events == 0 {
            self.visits[at] = Visit::begin(&mut self.random);
        }
        self.visits[at].events -= 1;
        self.visits[at].clone()
    }

    fn kind(&mut self) -> &'static str {
        let mut dice = self.random.random_range(0..1_000);
        for (kind, share) in TYPES {
            if dice < share {
                return kind;
            }
            dice -= share;
        }
        "page-view"
    }
}

impl Visit {
    fn begin(random: &mut SmallRng) -> Self {
        // The third power makes some people busy and most of them rare; the square, most visits short.
        let (who, much): (f64, f64) = (random.random(), random.random());
        Self {
            session: SessionId::from(Uuid::from_u64_pair(random.random(), random.random())),
            person: person((who.powi(3) * PEOPLE as f64) as u64),
            events: (much.powi(2) * VISIT_EVENTS) as u32 + 1,
        }
    }
}
