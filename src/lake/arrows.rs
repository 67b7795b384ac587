//! Arrows into JSON, as people mean them: `a = 1 AND properties->>'plan' = 'pro'`.
//!
//! In DuckDB an arrow binds less than any comparison, since it also writes functions. So the text is
//! given the parentheses that are meant, around each way that ends in `->>`, which no function has.

/// Words after which a bracket begins an expression. After any other it may be a call's.
const BEFORE_BRACKETS: [&str; 22] = [
    "all", "and", "any", "between", "by", "case", "distinct", "else", "from", "having", "ilike",
    "in", "is", "like", "limit", "not", "on", "or", "select", "then", "when", "where",
];

/// A token of SQL: what it is, and where it begins and ends.
#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    begins: usize,
    ends: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A name, a keyword, a number or a text.
    Word,
    /// `->` or `->>`; true: the second.
    Arrow(bool),
    Dot,
    Opens,
    Closes,
    Other,
}

/// `sql` with parentheses around its ways into JSON; none when there is nothing to be done.
pub(super) fn bound(sql: &str) -> Option<String> {
    let tokens = tokens(sql);
    let mut bound = String::new();
    let (mut at, mut from) = (0, 0);
    while let Some(token) = tokens.get(at) {
        at += 1;
        if token.kind != Kind::Arrow(true) && token.kind != Kind::Arrow(false) {
            continue;
        }
        let Some((first, last)) = way(sql, &tokens, at - 1) else { continue };
        let ways = tokens.get(first..=last).unwrap_or_default();
        at = last + 1;
        if !ways.iter().any(|token| token.kind == Kind::Arrow(true))
            || is_bound(&tokens, first, last)
        {
            continue;
        }
        let (Some(begin), Some(end)) = (ways.first(), ways.last()) else { continue };
        // Inside of what has its parentheses already.
        if begin.begins < from {
            continue;
        }
        bound.push_str(sql.get(from..begin.begins)?);
        bound.push('(');
        bound.push_str(sql.get(begin.begins..end.ends)?);
        bound.push(')');
        from = end.ends;
    }
    (from > 0).then(|| bound + sql.get(from..).unwrap_or_default())
}

/// The first and the last token of the way that the arrow at `at` is a part of.
fn way(sql: &str, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    let first = operand_before(sql, tokens, at)?;
    let mut last = at;
    while let Some(Kind::Arrow(_)) = kind(last) {
        last = operand_after(tokens, last + 1)?;
        if let Some(Kind::Arrow(_)) = kind(last + 1) {
            last += 1;
        } else {
            break;
        }
    }
    Some((first, last))
}

/// Where the operand before `at` begins: a name with dots, a call, something in brackets.
fn operand_before(sql: &str, tokens: &[Token], at: usize) -> Option<usize> {
    let kind = |at: usize| tokens.get(at).map(|token| token.kind);
    let mut first = at.checked_sub(1)?;
    loop {
        if kind(first)? == Kind::Closes {
            first = opening(tokens, first)?;
            // What is called or indexed stands right before, or nobody knows what stands there.
            let Some(before) = first.checked_sub(1) else { return Some(first) };
            let (one, next) = (tokens.get(before)?, tokens.get(first)?);
            if ![Kind::Word, Kind::Closes].contains(&one.kind) {
                return Some(first);
            }
            let word = sql.get(one.begins..one.ends)?.to_ascii_lowercase();
            if BEFORE_BRACKETS.contains(&word.as_str()) {
                return Some(first);
            }
            if one.ends != next.begins {
                return None;
            }
            first = before;
            continue;
        }
        if kind(first)? != Kind::Word {
            return None;
        }
        match first.checked_sub(2) {
            Some(before) if kind(first - 1) == Some(Kind::Dot) => first = before,
            _ => return Some(first),
        }
    }
}

/// Where the operand that begins at `at` ends: a text, a number, a name, something in brackets.
fn operand_after(tokens: &[Token], at: usize) -> Option<usize> {
    match tokens.get(at)?.kind {
        Kind::Word => Some(at),
        Kind::Opens => closing(tokens, at),
        Kind::Arrow(_) | Kind::Dot | Kind::Closes | Kind::Other => None,
    }
}

fn opening(tokens: &[Token], closes: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in (0..=closes).rev() {
        match tokens.get(at)?.kind {
            Kind::Closes => depth += 1,
            Kind::Opens => depth = depth.checked_sub(1)?,
            Kind::Word | Kind::Arrow(_) | Kind::Dot | Kind::Other => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn closing(tokens: &[Token], opens: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(opens) {
        match token.kind {
            Kind::Opens => depth += 1,
            Kind::Closes => depth = depth.checked_sub(1)?,
            Kind::Word | Kind::Arrow(_) | Kind::Dot | Kind::Other => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Whether parentheses stand around it already.
fn is_bound(tokens: &[Token], first: usize, last: usize) -> bool {
    let kind = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|token| token.kind);
    kind(first.checked_sub(1)) == Some(Kind::Opens) && kind(Some(last + 1)) == Some(Kind::Closes)
}

/// The tokens, without comments.
fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut begins = 0;
    while let Some(rest) = sql.get(begins..).filter(|rest| !rest.is_empty()) {
        let (kind, bytes) = next(rest);
        let ends = begins + bytes;
        tokens.extend(kind.map(|kind| Token { kind, begins, ends }));
        begins = ends;
    }
    tokens
}

/// The first token of `rest`, none for blanks and comments, and how many bytes it takes.
fn next(rest: &str) -> (Option<Kind>, usize) {
    let until = |end: &str, skip: usize| {
        let found = rest.get(skip..).and_then(|inside| inside.find(end));
        found.map_or(rest.len(), |at| skip + at + end.len())
    };
    for (begin, end) in [("--", "\n"), ("/*", "*/")] {
        if rest.starts_with(begin) {
            return (None, until(end, begin.len()));
        }
    }
    for (sign, kind) in [
        ("->>", Kind::Arrow(true)),
        ("->", Kind::Arrow(false)),
        (".", Kind::Dot),
        ("(", Kind::Opens),
        ("[", Kind::Opens),
        (")", Kind::Closes),
        ("]", Kind::Closes),
    ] {
        if rest.starts_with(sign) {
            return (Some(kind), sign.len());
        }
    }
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    match rest.chars().next() {
        // A quote that is doubled ends one text and begins another, which are one word to us.
        Some(quote @ ('\'' | '"')) => {
            let mut bytes = until(&quote.to_string(), 1);
            while rest.get(bytes..).is_some_and(|more| more.starts_with(quote)) {
                bytes = until(&quote.to_string(), bytes + 1);
            }
            (Some(Kind::Word), bytes)
        }
        Some('$') => (Some(Kind::Word), dollars(rest).map_or(1, |tag| until(tag, tag.len()))),
        Some(letter) if letter.is_whitespace() => (None, letter.len_utf8()),
        Some(letter) if is_part(letter) => {
            let bytes = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
            (Some(Kind::Word), bytes)
        }
        Some(letter) => (Some(Kind::Other), letter.len_utf8()),
        None => (None, rest.len()),
    }
}

/// `$tag$` at the beginning of a text in dollars.
fn dollars(rest: &str) -> Option<&str> {
    let end = rest.get(1..)?.find('$')? + 2;
    let tag = rest.get(..end)?;
    let is_tag = |letter: char| letter.is_alphanumeric() || letter == '_';
    tag.trim_matches('$').chars().all(is_tag).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_that_ends_in_two_heads_is_put_in_parentheses() {
        for (sql, wanted) in [
            ("a = 1 AND b->>'c' = 'd'", "a = 1 AND (b->>'c') = 'd'"),
            ("NOT e.b->'c'->>'d'='x'", "NOT (e.b->'c'->>'d')='x'"),
            ("f(b, 1) ->> 'c' IS NULL", "(f(b, 1) ->> 'c') IS NULL"),
            ("list[1]->>'c' IN ('d')", "(list[1]->>'c') IN ('d')"),
            ("(b->'c')->>'d' = 'e'", "((b->'c')->>'d') = 'e'"),
            ("b->>'c'::INT > 1", "(b->>'c')::INT > 1"),
            ("b->>('c' || 'd') = 'e'", "(b->>('c' || 'd')) = 'e'"),
            (
                "x = '->>' AND \"b\"->>'it''s' = $$->>$$",
                "x = '->>' AND (\"b\"->>'it''s') = $$->>$$",
            ),
            (
                "b->>'c' = 'd' -- a->>b\nAND e->>'f' = 'g'",
                "(b->>'c') = 'd' -- a->>b\nAND (e->>'f') = 'g'",
            ),
            ("x IN (b->'c') AND (b->'c')->>'d' = 'e'", "x IN (b->'c') AND ((b->'c')->>'d') = 'e'"),
            ("b->>'c'->>'d' || e->>'f'", "(b->>'c'->>'d') || (e->>'f')"),
        ] {
            assert_eq!(bound(sql).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn what_means_itself_is_left_alone() {
        for sql in [
            "SELECT 1",
            "x = '->>'",
            "(b->>'c') = 'd'",
            "list_filter(l, x -> x > 3)",
            "list_transform(l, x -> 'a' || x)",
            "b->'c'",
            "->> 'x'",
            "b ->>",
            "'open",
            "/* b->>'c' = 1",
            "f (b)->>'c' = 1",
            "$tag$ b->>'c'",
        ] {
            assert_eq!(bound(sql), None, "{sql}");
        }
    }
}
