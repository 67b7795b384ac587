//! The model of identity with trust and unique keys, payload by payload, as simple as it can be.

use std::collections::BTreeMap;

/// Somebody, by a number that rises: the older lives on.
pub(crate) type Person = usize;

/// What a payload says: by a server, or by a page; first the key, then the address.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    pub(crate) session: usize,
    pub(crate) is_trusted: bool,
    pub(crate) pk: Option<usize>,
    pub(crate) email: Option<usize>,
}

impl Naming {
    fn keys(&self) -> Vec<(&'static str, usize)> {
        let pk = self.pk.map(|pk| ("pk", pk));
        pk.into_iter().chain(self.email.map(|email| ("email", email))).collect()
    }
}

/// Whose a session is.
#[derive(Clone, Copy, Debug, Default)]
struct Visit {
    visitor: Option<Person>,
    /// Somebody who was only named.
    linked: Option<Person>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Careful {
    /// By person, in whom they live on.
    became: Vec<Person>,
    pks: BTreeMap<Person, usize>,
    holders: BTreeMap<(&'static str, usize), Person>,
    visits: BTreeMap<usize, Visit>,
}

impl Careful {
    /// Who somebody is by now.
    pub(crate) fn living(&self, person: Person) -> Person {
        let next = self.became[person];
        if next == person { person } else { self.living(next) }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        (0..self.became.len()).filter(|person| self.became[*person] == *person).count()
    }

    /// Whose the payload's events are.
    pub(crate) fn tell(&mut self, naming: &Naming) -> Person {
        let visit = self.visit(naming);
        let named: Vec<Person> = naming.keys().iter().filter_map(|key| self.holder(*key)).collect();
        let named = |of: Option<Person>| named.iter().copied().filter(move |one| Some(*one) == of);
        let is_hers = named(visit.visitor).next().is_some();
        let is_verified = is_hers || (naming.is_trusted && !naming.keys().is_empty());
        let linked = if naming.is_trusted { None } else { self.link(naming, visit) };
        if let Some(to) = linked.or(visit.linked).filter(|_| !is_verified) {
            self.visits.insert(naming.session, Visit { visitor: visit.visitor, linked: Some(to) });
            return to;
        }
        let person = self.unite(naming, visit);
        self.visits.insert(naming.session, Visit { visitor: Some(person), linked: None });
        person
    }

    /// Whose the session is, unless somebody else is named.
    fn visit(&self, naming: &Naming) -> Visit {
        let visit = self.visits.get(&naming.session).copied().unwrap_or_default();
        let living = |person: Option<Person>| person.map(|person| self.living(person));
        let visit = Visit { visitor: living(visit.visitor), linked: living(visit.linked) };
        let people = visit.visitor.into_iter().chain(visit.linked);
        let differs = people.into_iter().any(|one| !self.may_be(one, naming.pk));
        if differs { Visit::default() } else { visit }
    }

    /// The first who is named, is not the visitor, and may be whom the key names.
    fn link(&self, naming: &Naming, visit: Visit) -> Option<Person> {
        let mut named = naming.keys().into_iter().filter_map(|key| self.holder(key));
        named.find(|one| Some(*one) != visit.visitor && self.may_be(*one, naming.pk))
    }

    fn unite(&mut self, naming: &Naming, visit: Visit) -> Person {
        let mut pk = naming.pk;
        let mut group = Vec::new();
        for one in visit.visitor.into_iter().chain(self.shown(naming, visit)) {
            if !group.contains(&one) && self.may_be(one, pk) {
                pk = pk.or(self.pks.get(&one).copied());
                group.push(one);
            }
        }
        let person = group.iter().copied().min().unwrap_or_else(|| {
            self.became.push(self.became.len());
            self.became.len() - 1
        });
        for other in group {
            self.became[other] = person;
            if let Some(pk) = self.pks.get(&other).copied() {
                self.pks.insert(person, pk);
            }
        }
        for (name, value) in naming.keys() {
            let holder = *self.holders.entry((name, value)).or_insert(person);
            if name == "pk" && self.living(holder) == person {
                self.pks.insert(person, value);
            }
        }
        person
    }

    /// Who is shown to be the visitor.
    fn shown(&self, naming: &Naming, visit: Visit) -> Vec<Person> {
        let holders = naming.keys().into_iter().filter_map(|key| self.holder(key));
        holders.filter(|one| naming.is_trusted || Some(*one) == visit.visitor).collect()
    }

    fn holder(&self, key: (&'static str, usize)) -> Option<Person> {
        self.holders.get(&key).map(|person| self.living(*person))
    }

    fn may_be(&self, person: Person, pk: Option<usize>) -> bool {
        let theirs = self.pks.get(&person);
        theirs.is_none() || pk.is_none() || theirs == pk.as_ref()
    }
}
