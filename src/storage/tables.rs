//! The one list of tables: how each is spread, what of people it holds, what is promised of it.
//!
//! Whoever adds a table adds it here; a test holds the list against the migrations. The catalogue's
//! own tables (`ducklake_…`) hold numbers of files and are left out: what of people could be in them
//! is left out of them (see [`crate::events::Column::ranged`]).

/// A table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Where a database spreads its tables: the column that says where a row lies, and the table
    /// that it lies beside. None: it stays in one place, since it is small or is read at one moment.
    pub(super) shard: Option<Shard>,
    pub(super) people: People,
    pub(super) promise: Option<Promise>,
}

/// How a table is spread. Every unique key of it holds the column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shard {
    pub(super) column: &'static str,
    /// `none`, or a table that comes before it in the list.
    pub(super) beside: &'static str,
}

/// What of people a table holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum People {
    /// Nothing, and why.
    Nothing(
        #[cfg_attr(not(test), expect(dead_code, reason = "for readers and tests"))] &'static str,
    ),
    /// Rows that go with the person: a statement that takes each id of theirs.
    Removed(&'static str),
    /// Rows that somebody else takes out when a person is erased, and who.
    Erased(
        #[cfg_attr(not(test), expect(dead_code, reason = "for readers and tests"))] &'static str,
    ),
}

/// What must always be true of a table's rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Promise {
    /// A query that counts offenders. Differences of sets, since databases that spread join only
    /// what lies side by side.
    pub(super) broken: &'static str,
    /// What it means when there are some, after their number.
    pub(super) meaning: &'static str,
}

const fn by(column: &'static str, beside: &'static str) -> Shard {
    Shard { column, beside }
}

const fn small(name: &'static str, people: People) -> Table {
    Table { name, shard: None, people, promise: None }
}

/// All of them. Spread tables come after those that they lie beside.
pub(super) const TABLES: [Table; 28] = [
    small("meta", People::Nothing("the installation's key and counters")),
    Table {
        name: "identifier",
        shard: Some(by("hash", "none")),
        people: People::Removed("DELETE FROM identifier WHERE profile_id = $1"),
        promise: Some(Promise {
            broken: "SELECT count(*) FROM \
             (SELECT profile_id FROM identifier EXCEPT SELECT id FROM alias) AS lost",
            meaning: "identifiers belong to nobody",
        }),
    },
    Table {
        name: "alias",
        shard: Some(by("id", "none")),
        people: People::Removed("DELETE FROM alias WHERE profile_id = $1"),
        promise: Some(Promise {
            broken: "SELECT count(*) FROM \
             (SELECT profile_id FROM alias EXCEPT SELECT id FROM profile) AS lost",
            meaning: "ids lead to no living profile",
        }),
    },
    Table {
        name: "profile",
        shard: Some(by("id", "none")),
        people: People::Removed("DELETE FROM profile WHERE id = $1"),
        promise: Some(Promise {
            broken: "SELECT count(*) FROM \
             (SELECT id FROM profile EXCEPT SELECT id FROM alias WHERE id = profile_id) AS lost",
            meaning: "profiles are not found by their own id",
        }),
    },
    Table {
        name: "session",
        shard: Some(by("id", "none")),
        people: People::Erased("Edit::RemoveSession, by the eraser"),
        promise: None,
    },
    Table {
        name: "seen",
        shard: Some(by("hash", "none")),
        people: People::Erased("Edit::ForgetMarks, by the eraser"),
        promise: None,
    },
    small("stream", People::Nothing("counters of the committers' lives")),
    Table {
        // One place sees all rounds at one moment; rows that are spread are seen each at its own.
        name: "tail",
        shard: None,
        people: People::Erased("Edit::RemoveEvents, by the eraser"),
        promise: Some(Promise {
            broken: "SELECT count(*) FROM (SELECT stream FROM tail EXCEPT SELECT id FROM stream) AS lost",
            meaning: "tail rows belong to no known stream",
        }),
    },
    Table {
        name: "merge",
        shard: None,
        people: People::Removed("DELETE FROM merge WHERE winner = $1 OR loser = $1"),
        promise: None,
    },
    Table {
        name: "removed",
        shard: Some(by("id", "none")),
        people: People::Erased("Edit::EndErasure, once nothing is left that the ids lead to"),
        promise: None,
    },
    small(
        "quarantine",
        People::Removed("DELETE FROM quarantine WHERE visitor = $1 OR holder = $1"),
    ),
    small(
        "held_event",
        People::Erased(
            "Edit::BeginErasure and Edit::EndErasure, as history; Edit::ForgetHeld, by the eraser",
        ),
    ),
    small("people_list", People::Nothing("names of lists, which say nobody")),
    Table {
        name: "list_member",
        shard: Some(by("profile_id", "alias")),
        people: People::Removed("DELETE FROM list_member WHERE profile_id = $1"),
        promise: None,
    },
    Table {
        name: "membership",
        shard: Some(by("profile_id", "alias")),
        people: People::Removed("DELETE FROM membership WHERE profile_id = $1"),
        promise: None,
    },
    Table {
        name: "alarm",
        shard: Some(by("profile_id", "alias")),
        people: People::Removed("DELETE FROM alarm WHERE profile_id = $1"),
        promise: Some(Promise {
            broken: "SELECT count(*) FROM \
             (SELECT profile_id FROM alarm EXCEPT SELECT id FROM profile) AS lost",
            meaning: "alarms are nobody's",
        }),
    },
    small("rebuild", People::Nothing("numbers and places of what a rebuild found, and no names")),
    small(
        "rebuild_example",
        People::Removed("DELETE FROM rebuild_example WHERE id = $1 OR now_of = $1 OR then_of = $1"),
    ),
    small("erasure", People::Erased("Edit::EndErasure leaves a report that names nobody")),
    small("config", People::Nothing("what administrators set up")),
    small("user", People::Nothing("administrators, who are not the people of profiles")),
    small("token", People::Nothing("administrators' signs, hashed")),
    small("sign_in_link", People::Nothing("administrators' links, hashed")),
    small("api_key", People::Nothing("programs' signs, hashed")),
    small("allowance", People::Nothing("sources, and hashes of names of administrators")),
    small("lease", People::Nothing("names of nodes")),
    small("audit", People::Erased("the eraser, who takes ids out of what administrators asked")),
    small("node", People::Nothing("servers that run")),
];

/// Tables that may hold what was erased, until their free room is cleaned.
pub(super) fn cleaned() -> impl Iterator<Item = &'static str> {
    let holds = |table: &&Table| !matches!(table.people, People::Nothing(_));
    TABLES.iter().filter(holds).map(|table| table.name)
}

/// What removes a person, id by id.
pub(super) fn removals() -> impl Iterator<Item = &'static str> {
    TABLES.iter().filter_map(|table| match table.people {
        People::Removed(statement) => Some(statement),
        People::Nothing(_) | People::Erased(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::storage::MIGRATIONS;

    /// Every table that the migrations make, but for the catalogue's.
    fn made() -> BTreeSet<String> {
        let lines = MIGRATIONS.iter().flat_map(|migration| migration.lines());
        let names = lines.filter_map(|line| line.strip_prefix("CREATE TABLE "));
        let names = names.filter_map(|rest| rest.split([' ', '(']).next());
        let own = names.map(|name| name.trim_matches('"')).filter(|n| !n.starts_with("ducklake_"));
        own.map(str::to_owned).collect()
    }

    #[test]
    fn the_list_is_what_the_migrations_make() {
        let listed: BTreeSet<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
        assert_eq!(listed, made());
        assert_eq!(listed.len(), TABLES.len(), "each once");
    }

    #[test]
    fn whoever_removes_names_the_table_and_whoever_does_not_says_why() {
        for table in TABLES {
            match table.people {
                People::Removed(statement) => {
                    let wanted = format!("DELETE FROM {} WHERE ", table.name);
                    assert!(statement.starts_with(&wanted), "{statement}");
                }
                People::Nothing(why) | People::Erased(why) => assert!(why.len() > 10, "{table:?}"),
            }
        }
    }
}
