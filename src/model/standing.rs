//! What somebody has done, as far as rules count it, and which audiences they are in because of that.

use std::fmt;
use std::sync::Arc;

use super::{Event, EventId, Profile, ProfileId, Sighting, TallyKey, Time};

/// That somebody is in an audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Since when.
    pub since: Time,
    /// The event that brought them in; none where it was time, a merger or the rule.
    pub event: Option<EventId>,
    /// It was that of several who were one and are taken apart, and this one was not in it by itself: whether they
    /// are is found at the next look, also where whoever is in stays.
    pub in_doubt: bool,
    /// How history tells that they have entered.
    pub entering: Entering,
    /// Its name stands among their segments and goes with it, also where its rule is gone by then.
    pub fades: bool,
}

/// Whether the name of an audience stands among the segments of those who are in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InSegments {
    /// It does not.
    #[default]
    Never,
    /// It does, and stays there when its rule is gone: that of whom stays in it.
    ForGood,
    /// It does while they are in it.
    WhileIn,
}

/// Of which ids history tells that somebody has entered an audience: that they leave is told of the same ids, so that
/// both go the same way when a merger is taken back, and of no id it is told twice that it entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Entering {
    /// Of the one that is theirs.
    #[default]
    Own,
    /// Of these, their own or ended in theirs: several were in it each by themselves before they were one.
    Of(Vec<ProfileId>),
    /// Of none of theirs: it was told of somebody with whom they were one. At the next look it is told, where they are
    /// in the audience; where they are not, nobody hears that they leave.
    Untold,
}

impl Entering {
    /// What is told of these ids, which are those of `person`: of so many of them at most.
    #[must_use]
    pub fn of(ids: impl IntoIterator<Item = ProfileId>, person: &ProfileId) -> Self {
        let ids: Vec<ProfileId> = ids.into_iter().take(TOLD_OF_MAX).collect();
        match ids.as_slice() {
            [] => Self::Untold,
            [one] if one == person => Self::Own,
            _ => Self::Of(ids),
        }
    }

    /// Of which ids of `person` it is told.
    #[must_use]
    pub fn ids<'a>(&'a self, person: &'a ProfileId) -> &'a [ProfileId] {
        match self {
            Self::Own => std::slice::from_ref(person),
            Self::Of(ids) => ids,
            Self::Untold => &[],
        }
    }
}

/// Most ids of whom it is told that somebody leaves one audience: each is an event. Of others who were in it by
/// themselves that is told when they come apart.
const TOLD_OF_MAX: usize = 16;

/// The name of an audience stands among these segments from here on, or does not any more.
pub fn mark(segments: &mut Vec<String>, audience: &str, is_in: bool) {
    if !is_in {
        segments.retain(|name| name != audience);
    } else if !segments.iter().any(|name| name == audience) {
        segments.push(audience.to_owned());
    }
}

/// Somebody enters an audience or leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// Which audience.
    pub audience: Arc<str>,
    /// Its version, as it is counted by.
    pub version: i64,
    /// In, or out.
    pub enters: bool,
    /// At which moment.
    pub at: Time,
    /// Since when they were in, where they leave.
    pub since: Option<Time>,
    /// Whether its name stands among the segments of the profile.
    pub marks: InSegments,
    /// Why.
    pub because: Because,
    /// How their entering was told, where they leave; none where it is told along with this.
    pub entering: Option<Entering>,
}

impl Crossing {
    /// Of which ids of `person` it is told, where what is told now is told of `under`; none where nobody hears of it.
    #[must_use]
    pub fn told_of<'a>(&'a self, person: &'a ProfileId, under: &'a ProfileId) -> &'a [ProfileId] {
        match &self.entering {
            Some(entering) if !self.enters => entering.ids(person),
            _ => std::slice::from_ref(under),
        }
    }
}

/// Why somebody enters or leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// Something happened.
    Event,
    /// Time went by.
    Time,
    /// The rule is new, another one, or gone.
    Rule,
    /// Somebody has put them on a list, or taken them off.
    List,
    /// Their history came with an import.
    Import,
    /// Somebody has decided that two are one.
    Merge,
    /// A merger was taken back.
    Undo,
    /// It was decided anew who is one person.
    Rebuild,
}

impl Because {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Time => "time",
            Self::Rule => "rule",
            Self::List => "list",
            Self::Import => "import",
            Self::Merge => "merge",
            Self::Undo => "undo",
            Self::Rebuild => "rebuild",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let known = [Self::Event, Self::Time, Self::Rule, Self::List];
        let others = [Self::Import, Self::Merge, Self::Undo, Self::Rebuild];
        known.into_iter().chain(others).find(|one| one.as_str() == name)
    }
}

/// A sighting, and the tally that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which of the events it was.
    pub of: usize,
    /// The number of the tally among those of the rules.
    pub leaf: usize,
    /// Its key.
    pub key: TallyKey,
    /// What was seen.
    pub sighting: Sighting,
}

/// What events are to the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sighted {
    /// What is counted.
    pub seen: Vec<Seen>,
    /// Which of the events say a number that is beyond what is counted.
    pub too_large: Vec<usize>,
}

/// What has changed of a person, and so what has to be looked at again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Numbers of tallies.
    pub leaves: Vec<usize>,
    /// Anything else of the profile.
    pub profile: bool,
    /// Everything, whatever has changed.
    pub all: bool,
}

impl Touched {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Whether nothing has changed.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !self.all && !self.profile && self.leaves.is_empty()
    }
}

/// Where somebody stands, after it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// In order.
    pub crossings: Vec<Crossing>,
    /// When it has to be looked at again, should nothing happen until then.
    pub due: Option<Time>,
    /// Whether everything was looked at: then nothing is in doubt any more.
    pub of_all: bool,
    /// Audiences that they stay in, and of which the profile says otherwise than their rules whether their names stand
    /// among the segments.
    pub marked: Vec<(Arc<str>, InSegments)>,
}

/// The rules of computed traits and audiences. A trait, since they hold conditions, which speak of people
/// and events, while nouns speak of nothing; a payload carries them like all other rules.
pub trait Watching: fmt::Debug + Send + Sync {
    /// What of these events is counted.
    fn sightings(&self, events: &[Event]) -> Sighted;

    /// The same of an event that was kept, as the tail has it: what was seen when it was folded; none of a line
    /// that is no event.
    fn sightings_of_line(&self, line: &[u8]) -> Option<Sighted>;

    /// The audience of this id, and whether it stands among the segments of those who are in it.
    fn audience(&self, id: &str) -> Option<(Arc<str>, InSegments)>;

    /// In which audiences somebody is, from the last look until `now`, `because` of what. Where time alone
    /// has changed something before `now`, that is told at its own moment.
    fn settle(&self, profile: &Profile, now: Time, touched: &Touched, because: Because) -> Settled;
}

impl Profile {
    /// They are looked at next, at `at`: not since time goes by, but because of this.
    pub fn wake(&mut self, at: Time, because: Because) {
        self.due = Some(at);
        self.woken = Some(because);
    }

    /// Whether what was found changes anything.
    #[must_use]
    pub fn stands_otherwise(&self, settled: &Settled) -> bool {
        let is_in_doubt = || self.audiences.values().any(|one| one.in_doubt);
        !settled.crossings.is_empty()
            || !settled.marked.is_empty()
            || self.due != settled.due
            || (settled.of_all && is_in_doubt())
    }

    /// Whether the name of an audience that they are in stands among their segments, and goes with it, as the rule says.
    #[must_use]
    pub fn is_marked_as(&self, audience: &str, marks: InSegments) -> bool {
        let stands = self.segments.iter().any(|name| name == audience);
        let fades = self.audiences.get(audience).is_some_and(|one| one.fades);
        match marks {
            InSegments::Never => !fades,
            InSegments::ForGood => stands && !fades,
            InSegments::WhileIn => stands && fades,
        }
    }

    fn mark_as(&mut self, audience: &Arc<str>, marks: InSegments) {
        let Some(membership) = self.audiences.get_mut(audience) else { return };
        membership.fades = marks == InSegments::WhileIn;
        mark(&mut self.segments, audience, marks != InSegments::Never);
    }

    /// Stands as it was found; `event` is what has happened, and whoever enters is told of by the id `under`.
    pub fn stand(&mut self, settled: &Settled, event: Option<&EventId>, under: &ProfileId) {
        if self.due != settled.due {
            self.due = settled.due;
            self.woken = None;
        }
        if settled.of_all {
            self.audiences.values_mut().for_each(|one| one.in_doubt = false);
        }
        for (audience, marks) in &settled.marked {
            self.mark_as(audience, *marks);
        }
        for crossing in &settled.crossings {
            if crossing.marks != InSegments::Never {
                mark(&mut self.segments, &crossing.audience, crossing.enters);
            }
            if !crossing.enters {
                self.audiences.remove(&crossing.audience);
                continue;
            }
            let entering = Entering::of([under.clone()], &self.id);
            if let Some(untold) = self.audiences.get_mut(&crossing.audience) {
                untold.entering = entering;
                continue;
            }
            let event = event.filter(|_| crossing.because == Because::Event).cloned();
            let fades = crossing.marks == InSegments::WhileIn;
            let membership =
                Membership { since: crossing.at, event, in_doubt: false, entering, fades };
            self.audiences.insert(Arc::clone(&crossing.audience), membership);
        }
    }
}
