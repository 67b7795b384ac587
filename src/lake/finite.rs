//! JSON without what is no JSON: DuckDB writes `NaN` and `Infinity` where a float is none that JSON can write.
//!
//! Wherever such a float stands, in a list, in a struct, in JSON that somebody has made of a text, it becomes
//! `null`. That is seen in the file that was written: no expression of SQL reaches into every type.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write};
use std::path::Path;

use super::LakeError;

/// What DuckDB calls such floats, in any case, behind a sign or not.
const NAMES: [&[u8]; 3] = [b"nan", b"inf", b"infinity"];
/// What stands beside JSON while it is made good.
const ASIDE: &str = "finite";

/// Makes a file of JSON good, whose columns are of these types. Most are good as they are.
pub(super) fn make_finite(path: &Path, types: &[String]) -> Result<(), LakeError> {
    let may_hold = |kind: &String| ["DOUBLE", "FLOAT", "JSON"].iter().any(|one| kind.contains(one));
    if !types.iter().any(may_hold) || copy(path, std::io::sink())? == 0 {
        return Ok(());
    }
    let aside = path.with_extension(ASIDE);
    let done = File::create(&aside).map_err(LakeError::disk).and_then(|to| {
        copy(path, to)?;
        std::fs::rename(&aside, path).map_err(LakeError::disk)
    });
    if done.is_err() {
        // It may not be there.
        drop(std::fs::remove_file(&aside));
    }
    done
}

/// Copies JSON with `null` in the place of each float that is none. How many there were.
fn copy(path: &Path, to: impl Write) -> Result<u64, LakeError> {
    let mut from = BufReader::with_capacity(1 << 16, File::open(path).map_err(LakeError::disk)?);
    let mut finite =
        Finite { to: BufWriter::new(to), word: Vec::new(), state: State::Between, found: 0 };
    loop {
        let read = from.fill_buf().map_err(LakeError::disk)?;
        if read.is_empty() {
            break;
        }
        let many = read.len();
        finite.take(read).map_err(LakeError::disk)?;
        from.consume(many);
    }
    finite.end_word().and_then(|()| finite.to.flush()).map_err(LakeError::disk)?;
    Ok(finite.found)
}

/// Where in JSON the next byte is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between texts.
    Between,
    /// In a text.
    Text,
    /// In a text, behind a backslash.
    Escaped,
}

struct Finite<W: Write> {
    to: BufWriter<W>,
    /// What stands between texts, blanks and signs, so far: a number, or a name.
    word: Vec<u8>,
    state: State,
    found: u64,
}

impl<W: Write> Finite<W> {
    fn take(&mut self, mut bytes: &[u8]) -> std::io::Result<()> {
        while let Some((first, rest)) = bytes.split_first() {
            bytes = match self.state {
                State::Text => self.text(bytes)?,
                State::Escaped => {
                    self.to.write_all(&[*first])?;
                    self.state = State::Text;
                    rest
                }
                State::Between => {
                    self.between(*first)?;
                    rest
                }
            };
        }
        Ok(())
    }

    /// The rest, behind what stands in the text: most of JSON is passed over many bytes at once.
    fn text<'a>(&mut self, bytes: &'a [u8]) -> std::io::Result<&'a [u8]> {
        let Some(at) = memchr::memchr2(b'"', b'\\', bytes) else {
            self.to.write_all(bytes)?;
            return Ok(&[]);
        };
        let (text, rest) = bytes.split_at(at + 1);
        self.to.write_all(text)?;
        self.state = if text.ends_with(b"\"") { State::Between } else { State::Escaped };
        Ok(rest)
    }

    fn between(&mut self, byte: u8) -> std::io::Result<()> {
        if byte.is_ascii_alphanumeric() || b"+-.".contains(&byte) {
            self.word.push(byte);
            return Ok(());
        }
        self.end_word()?;
        if byte == b'"' {
            self.state = State::Text;
        }
        self.to.write_all(&[byte])
    }

    fn end_word(&mut self) -> std::io::Result<()> {
        let bare = self.word.strip_prefix(b"-").or_else(|| self.word.strip_prefix(b"+"));
        let bare = bare.unwrap_or(&self.word);
        if NAMES.iter().any(|name| bare.eq_ignore_ascii_case(name)) {
            self.found += 1;
            self.to.write_all(b"null")?;
        } else {
            self.to.write_all(&self.word)?;
        }
        self.word.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: &str) {
        for size in 1..=json.len() {
            let mut finite = Finite {
                to: BufWriter::new(Vec::new()),
                word: Vec::new(),
                state: State::Between,
                found: 0,
            };
            json.as_bytes().chunks(size).for_each(|chunk| finite.take(chunk).unwrap());
            finite.end_word().unwrap();
            let told = String::from_utf8(finite.to.into_inner().unwrap()).unwrap();
            assert_eq!(told, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn floats_that_are_none_are_null_and_texts_are_texts() {
        check(
            r#"[{"a":NaN,"NaN":[Infinity,-Infinity,1.5e3,-0,true,null]},{"inf":{"x":-nan}}]"#,
            r#"[{"a":null,"NaN":[null,null,1.5e3,-0,true,null]},{"inf":{"x":null}}]"#,
        );
        check(r#"{"a":"NaN \" Infinity \\","b":inf}"#, r#"{"a":"NaN \" Infinity \\","b":null}"#);
        check("NaN", "null");
    }
}
