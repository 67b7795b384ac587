//! Secrets in addresses: what of a query or a fragment is not kept.
//!
//! It would let whoever reads it in, or says who somebody is.

use std::borrow::Cow;

use serde_json::Value;

use crate::model::{Json, Map, UrlSecrets};

/// Pairs of one query that are looked at; what comes after them is left out.
const PAIRS_MAX: usize = 1_000;
/// Addresses in addresses that are looked at; what lies deeper is left out.
const NESTED_MAX: usize = 4;

/// The object without the secrets in its addresses, wherever they stand.
pub(super) fn cut_out_of(json: Json, secrets: &UrlSecrets) -> Json {
    if !secrets.cut || !may_hold_one(json.as_str()) {
        return json;
    }
    let mut map = json.read();
    if cut(&mut map, secrets) { Json::from_map(&map) } else { json }
}

/// The same of an object that was taken apart; whether it is another now.
pub(super) fn cut(map: &mut Map, secrets: &UrlSecrets) -> bool {
    if !secrets.cut {
        return false;
    }
    cut_of_all(map.values_mut(), secrets)
}

/// Most hold no address with a query, and none that says who signs in, and taking one apart costs. An escape may
/// stand for any letter.
fn may_hold_one(text: &str) -> bool {
    memchr::memchr2(b'?', b'#', text.as_bytes()).is_some()
        || text.contains('@') && text.contains("//")
        || may_hold_a_step(text.as_bytes())
        || text.contains("\\u")
        || text.contains("\\/")
}

/// What steps of a way say of themselves stands right behind a `;`; behind those of a user agent is a blank.
fn may_hold_a_step(text: &[u8]) -> bool {
    memchr::memchr_iter(b';', text).any(|at| text.get(at + 1).is_some_and(|next| *next != b' '))
}

/// All of them, and not only up to the first.
fn cut_of_all<'a>(values: impl Iterator<Item = &'a mut Value>, secrets: &UrlSecrets) -> bool {
    let mut changed = false;
    for value in values {
        changed |= cut_of(value, secrets);
    }
    changed
}

fn cut_of(value: &mut Value, secrets: &UrlSecrets) -> bool {
    match value {
        Value::String(text) => match without(text, secrets, 0) {
            Cow::Borrowed(_) => false,
            Cow::Owned(kept) => {
                *text = kept;
                true
            }
        },
        Value::Array(list) => cut_of_all(list.iter_mut(), secrets),
        Value::Object(map) => cut(map, secrets),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A text that is an address, or the query or the fragment of one, without the secrets in it.
fn without<'a>(text: &'a str, secrets: &UrlSecrets, depth: usize) -> Cow<'a, str> {
    if !is_address(text) {
        return Cow::Borrowed(text);
    }
    let (page, fragment) = split(text, '#');
    let (path, query) = split(page, '?');
    // Pages that are made in the browser have a path and a query of their own behind the `#`; others have
    // pairs right behind it.
    let (way, inner) = fragment.map_or(("", None), |fragment| split(fragment, '?'));
    let pairs = |query: &str| pairs(query, secrets, depth);
    let bare = without_user(path);
    let host = without_parameters(bare.as_deref().unwrap_or(path), secrets).or(bare);
    let kept = query.and_then(pairs);
    let on = Some(way).filter(|way| way.contains('=')).and_then(pairs);
    let left = inner.and_then(pairs);
    let is_whole = [&host, &kept, &on, &left].iter().all(|part| part.is_none());
    if is_whole {
        return Cow::Borrowed(text);
    }
    let mut address = host.unwrap_or_else(|| path.to_owned());
    push(&mut address, '?', query, kept);
    let mut behind = on.unwrap_or_else(|| way.to_owned());
    push(&mut behind, '?', inner, left);
    if !behind.is_empty() {
        address.push('#');
        address.push_str(&behind);
    }
    Cow::Owned(address)
}

/// Whether it is an address, and no sentence with one in it.
fn is_address(text: &str) -> bool {
    let begins = text.starts_with(['/', '?', '#']) || text.contains("://");
    begins && !text.contains(char::is_whitespace)
}

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// The pairs that are kept, where some are not. Of more than so many nobody has looked at the rest.
fn pairs(query: &str, secrets: &UrlSecrets, depth: usize) -> Option<String> {
    let is_long = query.split('&').nth(PAIRS_MAX).is_some();
    let all = query.split('&').take(PAIRS_MAX).map(|sent| (sent, pair(sent, secrets, depth)));
    let all: Vec<_> = all.collect();
    let is_same = |(sent, kept): &(&str, Option<Cow<'_, str>>)| kept.as_deref() == Some(*sent);
    (is_long || !all.iter().all(is_same)).then(|| {
        let kept: Vec<_> = all.into_iter().filter_map(|(_, kept)| kept).collect();
        kept.join("&")
    })
}

/// What is kept between two `&`. Some servers part pairs by `;` too; what follows one without a name of its own
/// belongs to the value before it.
fn pair<'a>(sent: &'a str, secrets: &UrlSecrets, depth: usize) -> Option<Cow<'a, str>> {
    if !sent.contains(';') {
        return single(sent, secrets, depth);
    }
    let mut kept = Vec::new();
    let mut is_secret = false;
    for part in sent.split(';') {
        if !is_secret || part.contains('=') {
            let whole = single(part, secrets, depth);
            is_secret = whole.is_none();
            kept.extend(whole);
        }
    }
    (!kept.is_empty()).then(|| Cow::Owned(kept.join(";")))
}

/// What is kept of a pair; none where it is a secret. A value may be an address with secrets of its own.
fn single<'a>(sent: &'a str, secrets: &UrlSecrets, depth: usize) -> Option<Cow<'a, str>> {
    let mut read = form_urlencoded::parse(sent.as_bytes());
    let Some((name, value)) = read.next() else { return Some(Cow::Borrowed(sent)) };
    if secrets.are(&name) {
        return None;
    }
    let (own, written) = split(sent, '=');
    match nested(&value, secrets, depth) {
        None => None,
        Some(Cow::Borrowed(_)) => Some(Cow::Borrowed(sent)),
        // As it was written: what was not encoded is not.
        Some(Cow::Owned(kept)) if written == Some(&*value) => {
            Some(Cow::Owned(format!("{own}={kept}")))
        }
        Some(Cow::Owned(kept)) => Some(Cow::Owned(format!("{own}={}", encoded(&kept)))),
    }
}

/// The same of a value, which may be encoded more than once.
fn nested<'a>(value: &'a str, secrets: &UrlSecrets, depth: usize) -> Option<Cow<'a, str>> {
    if is_address(value) {
        return (depth < NESTED_MAX).then(|| without(value, secrets, depth + 1));
    }
    let inner = decoded(value);
    if inner == value {
        return Some(Cow::Borrowed(value));
    }
    if depth >= NESTED_MAX {
        return None;
    }
    let kept = match nested(&inner, secrets, depth + 1)? {
        Cow::Borrowed(_) => None,
        Cow::Owned(kept) => Some(encoded(&kept)),
    };
    Some(kept.map_or(Cow::Borrowed(value), Cow::Owned))
}

fn decoded(text: &str) -> String {
    let parts = text.split('&').map(|part| {
        let pair = format!("={part}");
        let mut read = form_urlencoded::parse(pair.as_bytes());
        read.next().map_or_else(String::new, |(_, value)| value.into_owned())
    });
    parts.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The way without what of its steps is a secret: `/cart;jsessionid=…`. None where nothing is.
fn without_parameters(path: &str, secrets: &UrlSecrets) -> Option<String> {
    let is_secret = |part: &str| split(part, '=').1.is_some() && secrets.are(split(part, '=').0);
    let is_any = path.split('/').any(|step| step.split(';').skip(1).any(is_secret));
    is_any.then(|| {
        let steps = path.split('/').map(|step| {
            let parts = step.split(';').enumerate();
            let kept = parts.filter(|(at, part)| *at == 0 || !is_secret(part));
            kept.map(|(_, part)| part).collect::<Vec<_>>().join(";")
        });
        steps.collect::<Vec<_>>().join("/")
    })
}

/// The part with its mark: as it was where nothing is left out, without the mark where nothing is left.
fn push(address: &mut String, mark: char, was: Option<&str>, kept: Option<String>) {
    let part = kept.or_else(|| was.map(str::to_owned));
    if let Some(part) = part.filter(|part| !part.is_empty() || was == Some("")) {
        address.push(mark);
        address.push_str(&part);
    }
}

/// An address that says who signs in, without that: `https://user:password@host`, `//user:password@host`.
fn without_user(path: &str) -> Option<String> {
    let rest = path.strip_prefix("//").or_else(|| Some(path.split_once("://")?.1))?;
    let scheme = path.strip_suffix(rest)?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, way) = rest.split_at(end);
    let (_, host) = authority.rsplit_once('@')?;
    Some(format!("{scheme}{host}{way}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(sent: &str, kept: &str) {
        assert_eq!(without(sent, &UrlSecrets::default(), 0), kept, "{sent}");
    }

    #[test]
    fn secrets_go_and_everything_else_stays() {
        check("https://a.example/x?token=s&page=2", "https://a.example/x?page=2");
        check(
            "https://a.example/x?page=2&Email=a%40b&q=%20#top",
            "https://a.example/x?page=2&q=%20#top",
        );
        check("https://a.example/?code=s", "https://a.example/");
        check("https://a.example/cb#access_token=s&state=1", "https://a.example/cb#state=1");
        check("https://a.example/cb#id_token=s", "https://a.example/cb");
        check(
            "https://a.example/cb#access_token=s&to=https://b.example?y=1",
            "https://a.example/cb#to=https://b.example?y=1",
        );
        check("https://a.example/cb#token=s?code=s", "https://a.example/cb");
        check("https://a.example/#/reset?token=s", "https://a.example/#/reset");
        check("https://a.example/#/reset?a=1&token=s", "https://a.example/#/reset?a=1");
        check("https://ann:pw@a.example/x", "https://a.example/x");
        check("//ann:pw@a.example/x?a=1", "//a.example/x?a=1");
        check("app://open?p%61ssword=s", "app://open");
        check("?token=s", "");
        check("/x?a=1;token=s;t;b=2", "/x?a=1;b=2");
        check("/x?a=1&amp;token=s&amp;b=2", "/x?a=1&amp&amp;b=2");
        check("/x?token=s;t", "/x");
        check("/path?sid=s&a", "/path?a");
        check("https://a.example/?resetToken=s&userEmail=s&x=1", "https://a.example/?x=1");
        check("https://a.example/cart;jsessionid=s;v=1/b?x=1", "https://a.example/cart;v=1/b?x=1");
        check("/in?next=https://b.example/?token=s&x=1", "/in?next=https://b.example/&x=1");
        check(
            "/in?next=https%3A%2F%2Fb.example%2F%3Ftoken%3Ds%26y%3D2&x=1",
            "/in?next=https%3A%2F%2Fb.example%2F%3Fy%3D2&x=1",
        );
        check("/in?next=%252Fb%253Ftoken%253Ds", "/in?next=%252Fb");
        check("/a?b=/a?b=/a?b=/a?b=/a?b=/a?c=1", "/a?b=/a?b=/a?b=/a?b=/a");
        for same in [
            "https://a.example/x?page=2&utm_source=mail#top",
            "see https://a.example/?token=s please",
            "https://a.example/?",
            "https://a.example/a@b?x=1",
            "no address?token=s",
            "#top",
            "/a#",
            "https://a.example/?&",
            "/x?list=a;b;c&d=1;e",
        ] {
            assert!(matches!(without(same, &UrlSecrets::default(), 0), Cow::Borrowed(_)), "{same}");
        }
    }

    #[test]
    fn they_are_found_wherever_they_stand_and_however_they_are_written() {
        let cut = |sent: &str| {
            let sent = Json::compact(sent, 10).unwrap();
            cut_out_of(sent, &UrlSecrets::default()).as_str().to_owned()
        };
        let sent = r#"{"a":[{"b":"/x\u003ftoken=s"}],"n":1.10}"#;
        assert_eq!(cut(sent), r#"{"a":[{"b":"/x"}],"n":1.10}"#);
        for (sent, kept) in [
            (r#"{"a":"/cart;jsessionid=s"}"#, r#"{"a":"/cart"}"#),
            (r#"{"a":"//ann:pw@a.example/"}"#, r#"{"a":"//a.example/"}"#),
        ] {
            assert_eq!(cut(sent), kept);
        }
        let same = r#"{"b":"x","a":"/y?z=1","n":1.10}"#;
        assert_eq!(cut(same), same, "it is as it was sent, to the order of its keys");
        let off = UrlSecrets { cut: false, ..UrlSecrets::default() };
        let sent = Json::compact(r#"{"a":"/?token=s"}"#, 10).unwrap();
        assert_eq!(cut_out_of(sent.clone(), &off), sent);
    }

    proptest! {
        /// Whatever it is: what is left holds no secret, and is left as it is the second time.
        #[test]
        fn nothing_is_left_that_would_be_cut_again(
            text in "(https://)?[a-z:@/?#&=.%+-]{0,12}(token|code|x)?=?[a-z?#&=%]{0,12}"
        ) {
            let secrets = UrlSecrets::default();
            let once = without(&text, &secrets, 0).into_owned();
            let again = without(&once, &secrets, 0).into_owned();
            prop_assert_eq!(&again, &once);
            let (page, fragment) = split(&once, '#');
            let (way, inner) = split(fragment.unwrap_or_default(), '?');
            let pairs = [split(page, '?').1, inner, Some(way).filter(|way| way.contains('='))];
            let parse = |query: &str| form_urlencoded::parse(query.as_bytes()).into_owned().collect::<Vec<_>>();
            let names = pairs.into_iter().flatten().flat_map(parse);
            for (name, _) in names {
                prop_assert!(!is_address(&once) || !secrets.are(&name), "{once}");
            }
        }
    }
}
