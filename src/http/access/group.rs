//! The groups of routes, and the roles that each admits.

use crate::accounts::Role;

/// What a route asks of whoever calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Group {
    /// Nothing: whoever sends, browsers, whoever looks after the server, whoever signs in or out.
    Open,
    /// Reading people and what they did, and removing single records, as the reference lets all.
    Reading,
    /// What may send, and where links lead.
    Configuring,
    /// Taking out, or erasing for good, everything about a person.
    Erasing,
}

use Role::{Admin, Developer, Maintainer, Marketer};

/// The name of each group and who is let in; `docs/api.md` has the same table, which a test compares.
const GROUPS: [(Group, &str, &[Role]); 4] = [
    (Group::Open, "open", &[]),
    (Group::Reading, "reading", &[Admin, Developer, Marketer, Maintainer]),
    (Group::Configuring, "configuring", &[Admin, Developer]),
    (Group::Erasing, "erasing", &[Admin, Maintainer]),
];

impl Group {
    fn row(self) -> &'static (Self, &'static str, &'static [Role]) {
        // An enum's members are numbered in their order, and the table has that order.
        &GROUPS[self as usize]
    }

    /// Whether nobody needs to sign in.
    pub(in crate::http) fn is_open(self) -> bool {
        self == Self::Open
    }

    /// The roles that are let in, any of them. None for the open group, which asks for none.
    pub(super) fn roles(self) -> &'static [Role] {
        self.row().2
    }

    /// Whether somebody with these roles is let in.
    pub(super) fn admits(self, roles: &[Role]) -> bool {
        self.is_open() || roles.iter().any(|role| self.roles().contains(role))
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
}
