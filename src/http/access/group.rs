//! The groups of routes, the roles that each admits, and the scopes by which keys name them.

use crate::accounts::Role;

/// What a route asks of whoever calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Nothing: whoever sends, browsers, whoever looks after the server, whoever signs in or out.
    Open,
    /// A user's own account and keys. Never a key: what somebody else holds must not make more.
    Own,
    /// Reading events, and counting them.
    Events,
    /// Reading people and their visits.
    Profiles,
    /// Removing single records, as the reference lets all.
    Removing,
    /// Questions and dashboards that people keep for each other.
    Saved,
    /// Lists of people.
    Lists,
    /// How the server is.
    System,
    /// Any question at all, in SQL.
    Sql,
    /// What may send, and where links lead.
    Configuring,
    /// Taking out, or erasing for good, everything about a person.
    Erasing,
    /// Saying who is one person: taking mergers back, and deciding on what waits.
    Identity,
    /// Who has done what.
    Auditing,
    /// Who else may come in.
    Administering,
}

use Role::{Admin, Developer, Maintainer, Marketer};

const ALL: &[Role] = &[Admin, Developer, Marketer, Maintainer];

/// The name of each group, which is a key's scope, and who is let in; `docs/api.md` has the same table,
/// which a test compares.
const GROUPS: [(Group, &str, &[Role]); 14] = [
    (Group::Open, "open", &[]),
    (Group::Own, "own", ALL),
    (Group::Events, "events:read", ALL),
    (Group::Profiles, "profiles:read", ALL),
    (Group::Removing, "records:remove", ALL),
    (Group::Saved, "saved", ALL),
    (Group::Lists, "lists", ALL),
    (Group::System, "system:read", ALL),
    (Group::Sql, "sql", ALL),
    (Group::Configuring, "configure", &[Admin, Developer]),
    (Group::Erasing, "erase", &[Admin, Maintainer]),
    (Group::Identity, "identity", &[Admin, Maintainer]),
    (Group::Auditing, "audit", &[Admin]),
    (Group::Administering, "users", &[Admin]),
];

impl Group {
    fn row(self) -> &'static (Self, &'static str, &'static [Role]) {
        // An enum's members are numbered in their order, and the table has that order.
        &GROUPS[self as usize]
    }

    /// The groups that a key may open, by the names that its scopes have.
    pub fn scopes() -> impl Iterator<Item = (Self, &'static str)> {
        let all = GROUPS.into_iter().filter(|(group, ..)| group.takes_keys());
        all.map(|(group, name, _)| (group, name))
    }

    /// As tables and keys name it.
    pub(super) fn name(self) -> &'static str {
        self.row().1
    }

    /// Whether nobody needs to sign in.
    pub(in crate::http) fn is_open(self) -> bool {
        self == Self::Open
    }

    /// Whether a key may open it.
    pub(super) fn takes_keys(self) -> bool {
        !matches!(self, Self::Open | Self::Own)
    }

    /// The roles that are let in, any of them. None for the open group, which asks for none.
    pub(super) fn roles(self) -> &'static [Role] {
        self.row().2
    }

    /// Whether somebody with these roles is let in.
    pub(in crate::http) fn admits(self, roles: &[Role]) -> bool {
        self.is_open() || roles.iter().any(|role| self.roles().contains(role))
    }

    /// Whether a key with these roles and scopes opens it, whoever has made it.
    pub(in crate::http) fn admits_key(self, roles: &[Role], scopes: &[String]) -> bool {
        self.takes_keys() && (self.admits(roles) || scopes.iter().any(|name| name == self.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: &str = include_str!("../../../docs/api.md");

    /// The rows of the manual's table of groups: name, and roles as it writes them.
    fn manual() -> Vec<(String, String)> {
        let table = MANUAL.split("| Group | Roles |").nth(1).unwrap().split("\n\n").next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| ") && !line.contains("---"));
        rows.map(|row| {
            let mut columns = row.trim_matches('|').split('|').map(|text| text.trim().to_owned());
            (columns.next().unwrap(), columns.next().unwrap())
        })
        .collect()
    }

    #[test]
    fn the_manual_has_the_same_table() {
        let ours = GROUPS.map(|(group, name, roles)| {
            assert_eq!(group.row().1, name, "the table has the order of the groups");
            let roles: Vec<_> = roles.iter().map(|role| format!("`{}`", role.as_str())).collect();
            (name.to_owned(), roles.join(", "))
        });
        assert_eq!(manual(), ours);
    }

    #[test]
    fn administrators_may_do_everything_and_nobody_without_a_role_anything() {
        for (group, ..) in GROUPS {
            assert!(group.admits(&[Admin]));
            assert_eq!(group.admits(&[]), group == Group::Open);
        }
        assert!(!Group::Configuring.admits(&[Marketer, Maintainer]));
    }

    #[test]
    fn a_key_opens_what_it_names_and_never_what_makes_keys() {
        let sql = ["sql".to_owned(), "own".to_owned(), "open".to_owned()];
        for (group, ..) in GROUPS {
            assert_eq!(group.admits_key(&[], &sql), group == Group::Sql);
            assert_eq!(group.admits_key(&[Admin], &[]), group.takes_keys());
        }
        assert_eq!(Group::scopes().count(), GROUPS.len() - 2);
    }
}
