//! Who speaks which language.

use super::{read, rust_files};

/// What tells SQL from other texts.
const SQL: [&str; 9] = [
    "SELECT ",
    " WHERE ",
    "ORDER BY",
    "GROUP BY",
    " LIMIT ",
    "FROM events",
    "TIMESTAMPTZ",
    "epoch_us(",
    "literal(",
];

/// Shows people what they may write.
const EXAMPLES: &str = "src/http/examples.rs";

/// What the wire asks, it asks with the values of `lake::ask` and of `storage`.
#[test]
fn the_wire_speaks_no_sql() {
    for path in rust_files("src/http").into_iter().filter(|path| !path.ends_with(EXAMPLES)) {
        let text = read(&path);
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (line, word) in code.flat_map(|line| SQL.map(|word| (line, word))) {
            assert!(!line.contains(word), "{path:?} holds {word:?}: {line}");
        }
    }
}
