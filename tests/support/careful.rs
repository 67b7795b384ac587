//! The model of identity with trust, unique keys, guards and undoing.
//!
//! Step by step, as simple as it can be: ids, and mergers between them.

use std::collections::BTreeMap;

/// An id of somebody, by a number that rises: the older lives on.
pub(crate) type Person = usize;

/// What a payload says: by a server, or by a page; first the key, then the address.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    pub(crate) session: usize,
    pub(crate) is_trusted: bool,
    pub(crate) pk: Option<usize>,
    pub(crate) email: Option<usize>,
}

type Key = (&'static str, usize);

impl Naming {
    fn keys(&self) -> Vec<Key> {
        let pk = self.pk.map(|pk| ("pk", pk));
        pk.into_iter().chain(self.email.map(|email| ("email", email))).collect()
    }
}

/// Whose a session is, each by the id that it came with.
#[derive(Clone, Copy, Debug, Default)]
struct Visit {
    visitor: Option<Person>,
    /// Somebody who was only named.
    linked: Option<Person>,
}

impl Visit {
    /// The id that it comes with.
    fn comes_with(self) -> Option<Person> {
        self.linked.or(self.visitor)
    }
}

#[derive(Clone, Copy, Debug)]
struct Merger {
    winner: Person,
    loser: Person,
    came_with: Option<Person>,
    /// What showed it.
    key: Option<Key>,
    holds: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Careful {
    /// By id, in whom they live on.
    became: Vec<Person>,
    /// The id under which each was named first.
    holders: BTreeMap<Key, Person>,
    visits: BTreeMap<usize, Visit>,
    mergers: Vec<Merger>,
    /// Said to be two.
    apart: Vec<[Person; 2]>,
    /// Most mergers of one person; all of them are on one day.
    mergers_max: usize,
}

impl Careful {
    pub(crate) fn new(mergers_max: usize) -> Self {
        let (became, holders, visits) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { became, holders, visits, mergers: Vec::new(), apart: Vec::new(), mergers_max }
    }

    /// Who somebody is by now.
    pub(crate) fn living(&self, person: Person) -> Person {
        let next = self.became[person];
        if next == person { person } else { self.living(next) }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        (0..self.became.len()).filter(|person| self.became[*person] == *person).count()
    }

    /// Mergers so far, those that were taken back among them.
    pub(crate) fn mergers(&self) -> usize {
        self.mergers.len()
    }

    /// The id under which the payload's events are kept.
    pub(crate) fn tell(&mut self, naming: &Naming) -> Person {
        let came_with = self.visits.get(&naming.session).copied().unwrap_or_default();
        let visit = self.visit(naming, came_with);
        let visitor = visit.visitor.map(|id| self.living(id));
        let names_visitor = naming.keys().iter().any(|key| {
            let holder = self.holder(*key);
            holder.is_some() && holder == visitor
        });
        let is_verified = names_visitor || (naming.is_trusted && !naming.keys().is_empty());
        let named = if naming.is_trusted { None } else { self.link(naming, visitor) };
        let linked = named.or(visit.linked.map(|id| self.living(id)));
        if let Some(to) = linked.filter(|_| !is_verified) {
            let under = self.under(came_with.comes_with(), &naming.keys(), to);
            let visit = Visit { visitor: visit.visitor, linked: Some(under) };
            self.visits.insert(naming.session, visit);
            return under;
        }
        // From here on it is known who visits: it comes with the visitor.
        let came_with = came_with.visitor.or(came_with.linked);
        let person = self.unite(naming, visitor, came_with);
        let believed = if naming.is_trusted { naming.keys() } else { Vec::new() };
        let under = self.under(came_with, &believed, person);
        self.bind(naming, person, under);
        self.visits.insert(naming.session, Visit { visitor: Some(under), linked: None });
        under
    }

    /// Takes the merger of this number back, if it holds: everybody is who the others make them.
    pub(crate) fn undo(&mut self, number: usize) -> bool {
        let Some(merger) = self.mergers.get_mut(number).filter(|merger| merger.holds) else {
            return false;
        };
        merger.holds = false;
        let merger = *merger;
        self.became = (0..self.became.len()).collect();
        for merger in self.holding() {
            let [one, other] = self.sides(merger).map(|id| self.living(id));
            self.lead(one, other);
        }
        self.apart.push(self.sides(merger));
        true
    }

    /// Between whom it was: whoever came with the payload, and whoever had named the same. Where one of them
    /// is not told, whoever ended, or lived on, stands for them.
    fn sides(&self, Merger { winner, loser, came_with, key, .. }: Merger) -> [Person; 2] {
        let holder = key.and_then(|key| self.holders.get(&key)).copied();
        match (came_with, holder) {
            (Some(visitor), Some(holder)) => [visitor, holder],
            (Some(one), None) | (None, Some(one)) => {
                let is_loser = self.living(one) == self.living(loser);
                [one, if is_loser { winner } else { loser }]
            }
            (None, None) => [winner, loser],
        }
    }

    fn holding(&self) -> Vec<Merger> {
        self.mergers.iter().filter(|merger| merger.holds).copied().collect()
    }

    /// The younger of the two leads to the older.
    fn lead(&mut self, one: Person, other: Person) {
        self.became[one.max(other)] = one.min(other);
    }

    /// The id that it came with, if that is theirs; else the one under which what it names is held, or their own.
    fn under(&self, came_with: Option<Person>, keys: &[Key], person: Person) -> Person {
        let held = keys.iter().filter_map(|key| self.holders.get(key)).copied();
        let mut ids = came_with.into_iter().chain(held);
        ids.find(|id| self.living(*id) == person).unwrap_or(person)
    }

    /// Whose the session is, unless somebody else is named.
    fn visit(&self, naming: &Naming, visit: Visit) -> Visit {
        let mut people = visit.visitor.into_iter().chain(visit.linked);
        let differs = people.any(|one| !self.may_be(self.living(one), naming.pk));
        if differs { Visit::default() } else { visit }
    }

    /// The first who is named, is not the visitor, who was not said to be another, and may be whom the key names.
    fn link(&self, naming: &Naming, visitor: Option<Person>) -> Option<Person> {
        let mut named = naming.keys().into_iter().filter_map(|key| self.holder(key));
        let is_another = |one| visitor.is_some_and(|visitor| self.are_two(visitor, one));
        named.find(|one| Some(*one) != visitor && !is_another(*one) && self.may_be(*one, naming.pk))
    }

    /// Whether somebody has said so.
    fn are_two(&self, one: Person, other: Person) -> bool {
        self.apart.iter().any(|pair| {
            let pair = pair.map(|id| self.living(id));
            pair == [one, other] || pair == [other, one]
        })
    }

    fn unite(
        &mut self,
        naming: &Naming,
        visitor: Option<Person>,
        came_with: Option<Person>,
    ) -> Person {
        let mut pk = naming.pk;
        let mut group: Vec<Person> = Vec::new();
        let mut keys: Vec<Option<Key>> = Vec::new();
        let shown = self.shown(naming, visitor).into_iter().map(|(key, one)| (one, Some(key)));
        for (one, key) in visitor.map(|one| (one, None)).into_iter().chain(shown) {
            if !group.contains(&one) && self.may_be(one, pk) && self.may_join(&group, one) {
                pk = pk.or(self.pk(one));
                // The first is one with nobody yet.
                keys.push(key.filter(|_| !group.is_empty()));
                group.push(one);
            }
        }
        let Some(person) = group.iter().copied().min() else {
            self.became.push(self.became.len());
            return self.became.len() - 1;
        };
        // The first, mostly who visits, ends for the reason that brought the oldest in.
        let brought = group.iter().zip(&keys).find(|(one, _)| **one == person);
        let brought = brought.and_then(|(_, key)| *key);
        let held = self.shown(naming, visitor).into_iter().map(|(key, _)| self.holders[&key]);
        let ids: Vec<Person> = came_with.into_iter().chain(held).collect();
        let came_with = ids.into_iter().find(|id| group.contains(&self.living(*id)));
        for (loser, key) in group.into_iter().zip(keys).filter(|(one, _)| *one != person) {
            let key = key.or(brought);
            self.mergers.push(Merger { winner: person, loser, came_with, key, holds: true });
            self.lead(person, loser);
        }
        person
    }

    /// Who is shown to be the visitor.
    fn shown(&self, naming: &Naming, visitor: Option<Person>) -> Vec<(Key, Person)> {
        let holders = naming.keys().into_iter().filter_map(|key| Some((key, self.holder(key)?)));
        holders.filter(|(_, one)| naming.is_trusted || Some(*one) == visitor).collect()
    }

    /// Whether somebody may be one with these: nobody has said otherwise, and it is not too much.
    fn may_join(&self, group: &[Person], one: Person) -> bool {
        let mergers =
            |person| self.holding().iter().filter(|m| self.living(m.winner) == person).count();
        let many: usize = group.iter().copied().chain([one]).map(mergers).sum();
        let is_two = |other: &Person| self.are_two(one, *other);
        group.is_empty() || (many + group.len() <= self.mergers_max && !group.iter().any(is_two))
    }

    fn bind(&mut self, naming: &Naming, person: Person, under: Person) {
        for key in naming.keys() {
            if self.holder(key).is_none() {
                self.holders.insert(key, under);
            }
            debug_assert!(self.living(under) == person);
        }
    }

    fn holder(&self, key: Key) -> Option<Person> {
        self.holders.get(&key).map(|id| self.living(*id))
    }

    /// The key of a person; they have one at most.
    fn pk(&self, person: Person) -> Option<usize> {
        let theirs = |(key, id): (&Key, &Person)| {
            (key.0 == "pk" && self.living(*id) == person).then_some(key.1)
        };
        self.holders.iter().find_map(theirs)
    }

    fn may_be(&self, person: Person, pk: Option<usize>) -> bool {
        let theirs = self.pk(person);
        theirs.is_none() || pk.is_none() || theirs == pk
    }
}
