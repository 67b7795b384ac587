//! The statements that stand in the sources: texts of the program that begin as SQL does.

use std::path::{Path, PathBuf};

/// With what a statement, or a part of one, begins.
const VERBS: [&str; 8] =
    ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ", "LISTEN ", "VACUUM ", "SHOW "];

/// A statement, and where it stands.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) file: PathBuf,
    /// With one blank between two words, and `{}` for what the program puts in.
    pub(super) text: String,
}

impl Written {
    /// Whether what was run is this, or begins with it.
    pub(super) fn is(&self, run: &str) -> bool {
        let mut pieces = self.text.split("{}");
        let mut rest = run.strip_prefix(pieces.next().unwrap_or_default());
        for piece in pieces {
            rest = rest.and_then(|rest| rest.find(piece).map(|at| &rest[at + piece.len()..]));
        }
        rest.is_some()
    }
}

/// What the sources under `folder` say to a database; not their tests, and nothing below `but`.
pub(super) fn written(folder: &Path, but: &Path) -> Vec<Written> {
    let (mut all, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path != but {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                all.extend(of(&text).map(|text| Written { file: path.clone(), text }));
            }
        }
    }
    all.sort_by(|a, b| (&a.file, &a.text).cmp(&(&b.file, &b.text)));
    all
}

fn of(source: &str) -> impl Iterator<Item = String> {
    let program = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let texts = texts(program).into_iter().map(|text| plain(&text));
    texts.filter(|text| VERBS.iter().any(|verb| text.starts_with(verb)))
}

/// The text literals of a source, as they are read: what is escaped stands for itself.
fn texts(source: &str) -> Vec<String> {
    let (mut found, mut signs) = (Vec::new(), source.chars().peekable());
    while let Some(sign) = signs.next() {
        match sign {
            '/' if signs.peek() == Some(&'/') => drop(signs.find(|sign| *sign == '\n')),
            // A quote as a character.
            '\'' if signs.peek() == Some(&'"') => drop(signs.next()),
            '"' => {
                let mut text = String::new();
                while let Some(sign) = signs.next().filter(|sign| *sign != '"') {
                    match sign {
                        '\\' => match signs.next() {
                            Some('n') => text.push('\n'),
                            Some('\n') => {
                                while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
                            }
                            other => text.extend(other),
                        },
                        sign => text.push(sign),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}

/// One blank between two words; what is put in is not looked at.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut is_put_in = false;
    for sign in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match sign {
            '{' => plain.push('{'),
            '}' => plain.push('}'),
            sign if !is_put_in => plain.push(sign),
            _ => {}
        }
        is_put_in = sign == '{' || (is_put_in && sign != '}');
    }
    plain
}

#[test]
fn statements_are_found_as_they_are_sent() {
    let source = r#"
        // "SELECT in a comment"
        const A: &str = "SELECT id FROM \"user\" \
            WHERE id = $1";
        let b = format!("DELETE FROM {table} WHERE at < $1 AND {other:?}");
        let quote = '"';
        let c = ["nothing", "UPDATE a SET b = 'x'"];
        #[cfg(test)]
        mod tests { const D: &str = "SELECT d"; }
    "#;
    let found: Vec<String> =
        of(&source.replace("        #[cfg(test)]\n        ", "#[cfg(test)]\n")).collect();
    let is = [
        "SELECT id FROM \"user\" WHERE id = $1",
        "DELETE FROM {} WHERE at < $1 AND {}",
        "UPDATE a SET b = 'x'",
    ];
    assert_eq!(found, is);
    let put_in = Written { file: PathBuf::new(), text: found[1].clone() };
    assert!(put_in.is("DELETE FROM seen WHERE at < $1 AND day = $2"));
    assert!(!put_in.is("DELETE FROM seen WHERE at > $1 AND day = $2"));
    assert!(!put_in.is("WITH x DELETE FROM seen WHERE at < $1 AND day = $2"));
}
