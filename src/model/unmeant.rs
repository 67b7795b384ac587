//! Places that can be read and are hardly meant: they would lead nowhere, and nobody would notice.

use super::Path;
use super::path::next;

impl Path {
    /// Whether a place that somebody has written may be what they mean. What another was to protect would be kept.
    /// What was stored is read as it always was.
    ///
    /// # Errors
    /// Why it hardly is, as the rest of a sentence.
    pub fn meant(text: &str) -> Result<(), String> {
        let mut rest = text;
        while let Ok((step, after)) = next(rest) {
            let is_bare = !rest.starts_with("[\"");
            if let Some(why) = Some(step.key()).filter(|_| is_bare).and_then(why) {
                let above = text.strip_suffix(".*").filter(|above| !above.contains('*'));
                let all = |above| format!("{above} itself means all that is in it, without .*");
                return Err(above.map_or(why, all));
            }
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        Ok(())
    }
}

/// Why nobody means this key where it stands bare.
fn why(key: &str) -> Option<String> {
    if key.contains('*') {
        let written = written(key);
        return Some(format!("a star stands for nothing; a key that has one is {written}"));
    }
    let is_between = |quote| key.len() > 1 && key.starts_with(quote) && key.ends_with(quote);
    let is_quoted = key.starts_with('"')
        || key.ends_with('"')
        || ['\'', '`'].iter().any(|quote| is_between(*quote));
    let meant = key.trim().trim_matches(['"', '\'', '`']);
    (is_quoted || key.trim() != key).then(|| {
        let meant = written(meant);
        format!("there are quotes or blanks around a key: did you mean {meant}?")
    })
}

/// The key as it is written in a path.
fn written(key: &str) -> String {
    let key = key.replace('\\', "\\\\").replace('"', "\\\"");
    Path::known(&format!("[\"{key}\"]")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hardly_meant_is_told_from_what_may_be() {
        let told = |text: &str| Path::meant(text).err().unwrap_or_default();
        for fine in ["a.b", "first name.x", "a[\"*\"].b", "a[\" b\"]", "client's", "a..b", ""] {
            assert_eq!(told(fine), "", "{fine}");
        }
        assert_eq!(told("a.b.*"), "a.b itself means all that is in it, without .*");
        assert_eq!(told("a*"), r#"a star stands for nothing; a key that has one is ["a*"]"#);
        assert!(told("a.*.*").contains(r#"["*"]"#));
        assert!(told("a.'b c'").ends_with(r#"did you mean ["b c"]?"#));
        assert!(told("a. b.c").ends_with("did you mean b?") && told("\"a\"").ends_with("mean a?"));
    }
}
