//! What is sent: three events with the context of a browser, from people old and new.

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mix {
    /// 20 % new sessions, half of them of new people; the rest from known sessions.
    Spread,
    /// The same, and the client gives the first event of each payload an id.
    Ids,
    /// Every request from somebody new.
    New,
    /// Every request from the same person in the same session.
    Hot,
}

impl Mix {
    pub(crate) const ALL: [Self; 4] = [Self::Spread, Self::Ids, Self::New, Self::Hot];

    pub(crate) fn named(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|mix| mix.name() == name);
        found.unwrap_or_else(|| panic!("no mix is called {name}"))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Spread => "spread",
            Self::Ids => "ids",
            Self::New => "new",
            Self::Hot => "hot",
        }
    }
}

/// The id under which both servers know the source.
pub(crate) const SOURCE: &str = "bench";
/// A source of Kith's that may name anybody.
pub(crate) const TRUSTED: &str = "till";
/// Sessions remembered; later ones take the place of earlier ones.
const SESSIONS_MAX: usize = 50_000;

/// Somebody seen before.
#[derive(Clone, Debug)]
struct Known {
    session: String,
    profile: String,
}

/// Everybody one server has met.
pub(crate) struct World {
    mix: Mix,
    random: SmallRng,
    known: Vec<Known>,
    sessions: u64,
    events: u64,
    /// Bodies, where somebody wants them.
    recorded: Option<Vec<Vec<u8>>>,
}

/// A request, and what to learn from its answer.
pub(crate) struct Request {
    pub(crate) bytes: Vec<u8>,
    /// The session whose profile the answer tells.
    pub(crate) learns: Option<String>,
}

impl World {
    pub(crate) fn new(mix: Mix) -> Self {
        let random = SmallRng::seed_from_u64(1);
        Self { mix, random, known: Vec::new(), sessions: 0, events: 0, recorded: None }
    }

    /// From now on the bodies of all requests are kept.
    pub(crate) fn record(&mut self) {
        self.recorded = Some(Vec::new());
    }

    /// Those that were kept.
    pub(crate) fn recorded(&mut self) -> Vec<Vec<u8>> {
        self.recorded.take().unwrap_or_default()
    }

    /// How many sessions are known.
    pub(crate) fn known(&self) -> usize {
        self.known.len()
    }

    /// The next request of the mix.
    pub(crate) fn next(&mut self) -> Request {
        match self.mix {
            Mix::Spread | Mix::Ids => self.spread(),
            Mix::New => self.somebody_new(),
            Mix::Hot => Request { bytes: self.request("the hot one", None), learns: None },
        }
    }

    fn new_session(&mut self) -> String {
        self.sessions += 1;
        let (high, low) = (self.random.random::<u64>(), self.sessions);
        format!("{:08x}-{:04x}-4000-8000-{low:012x}", high >> 32, high & 0xffff)
    }

    pub(crate) fn learn(&mut self, session: String, profile: &str) {
        let known = Known { session, profile: profile.to_owned() };
        if self.known.len() < SESSIONS_MAX {
            self.known.push(known);
        } else {
            let at = self.random.random_range(0..SESSIONS_MAX);
            self.known[at] = known;
        }
    }

    fn somebody(&mut self) -> Option<Known> {
        let many = self.known.len();
        (many > 0).then(|| self.known[self.random.random_range(0..many)].clone())
    }

    /// A request from somebody who was never seen.
    pub(crate) fn somebody_new(&mut self) -> Request {
        let session = self.new_session();
        Request { bytes: self.request(&session, None), learns: Some(session) }
    }

    fn spread(&mut self) -> Request {
        let dice: f64 = self.random.random();
        let Some(known) = self.somebody().filter(|_| dice >= 0.1) else {
            return self.somebody_new();
        };
        if dice < 0.2 {
            let session = self.new_session();
            let bytes = self.request(&session, Some(&known.profile));
            return Request { bytes, learns: Some(session) };
        }
        Request { bytes: self.request(&known.session, Some(&known.profile)), learns: None }
    }

    fn request(&mut self, session: &str, profile: Option<&str>) -> Vec<u8> {
        let profile =
            profile.map_or_else(String::new, |id| format!(r#""profile":{{"id":"{id}"}},"#));
        let event = self.events;
        self.events += 3;
        let page = event % 997;
        let given = self.mix == Mix::Ids;
        let id = if given { format!(r#""id":"{session}-{event}","#) } else { String::new() };
        let body = format!(
            r#"{{"source":{{"id":"{SOURCE}"}},"session":{{"id":"{session}"}},{profile}"context":{{"time":{{"tz":"Europe/Warsaw"}},"browser":{{"local":{{"browser":{{"name":"Netscape","engine":"Gecko","language":"en-US","userAgent":"{AGENT}","cookieEnabled":true}}}}}},"screen":{{"local":{{"width":1920,"height":1080,"innerWidth":1903,"innerHeight":969,"colorDepth":24}}}}}},"events":[{{{id}"type":"page-view","properties":{{"category":"shoes","url":"https://shop.example/shoes/{page}"}}}},{{"type":"product-clicked","properties":{{"id":"P{page}","name":"Running shoe","price":{page}.99,"category":"shoes"}}}},{{"type":"product-added-to-cart","properties":{{"id":"P{page}","name":"Running shoe","quantity":1,"price":{page}.99}}}}],"options":{{}}}}"#
        );
        if let Some(recorded) = &mut self.recorded {
            recorded.push(body.clone().into_bytes());
        }
        let head = format!(
            "POST /track HTTP/1.1\r\nhost: bench\r\nuser-agent: {AGENT}\r\norigin: https://shop.example\r\naccept-language: en-US,en;q=0.9\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        (head + &body).into_bytes()
    }
}

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36";
