//! Crawlers by a list of user agents that others keep (see `lists`).

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

/// Regular expressions, one a line. Empty where the list was not there when Kith was compiled.
const PATTERNS: &str = include_str!(concat!(env!("OUT_DIR"), "/crawlers.txt"));

static LISTED: LazyLock<Option<Listed>> = LazyLock::new(|| Listed::read(PATTERNS));

/// Whether a user agent is that of a crawler of the list.
pub(super) fn is_listed(text: &str) -> bool {
    LISTED.as_ref().is_some_and(|listed| listed.names(text))
}

/// The list, ready to be asked. Nearly all of it is plain words, of which a thousand are found in one walk
/// along the text; one expression of all would take a thousand times as long on a text it has not met.
struct Listed {
    words: AhoCorasick,
    others: Regex,
}

impl Listed {
    /// None when there is nothing, or something that is no regular expression here; a test rules that out.
    fn read(patterns: &str) -> Option<Self> {
        let (mut words, mut others) = (Vec::new(), Vec::new());
        for pattern in patterns.lines().filter(|line| !line.is_empty()) {
            match plain(pattern) {
                Some(word) => words.push(word),
                None => others.push(format!("(?:{pattern})")),
            }
        }
        if words.is_empty() || others.is_empty() {
            return None;
        }
        let words = AhoCorasick::new(words).ok()?;
        Some(Self { words, others: Regex::new(&others.join("|")).ok()? })
    }

    fn names(&self, text: &str) -> bool {
        self.words.is_match(text) || self.others.is_match(text)
    }
}

/// The word that a pattern is, if it is nothing but one.
fn plain(pattern: &str) -> Option<String> {
    let mut word = String::with_capacity(pattern.len());
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            // `\.` is a dot; `\b` is no letter.
            '\\' => word.push(letters.next().filter(|next| !next.is_ascii_alphanumeric())?),
            '.' | '^' | '$' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => {
                return None;
            }
            _ => word.push(letter),
        }
    }
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_list_can_be_read() {
        for pattern in PATTERNS.lines() {
            assert!(plain(pattern).is_some() || Regex::new(pattern).is_ok(), "{pattern}");
        }
        assert!(LISTED.is_some(), "the list is not there: `make setup` builds it");
    }

    #[test]
    fn words_are_told_from_expressions() {
        assert_eq!(plain(r"Siteimprove\.com").as_deref(), Some("Siteimprove.com"));
        assert_eq!(plain("Mail.RU"), None);
        assert_eq!(plain(r"\bbot"), None);
        assert_eq!(plain("^LCC "), None);
    }

    #[test]
    fn crawlers_of_the_list_are_known_and_people_and_backends_are_not() {
        for crawler in [
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
            "CCBot/2.0 (https://commoncrawl.org/faq/)",
            "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
        ] {
            assert!(is_listed(crawler), "{crawler}");
        }
        for no_crawler in [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80 Mobile Safari/537.36 Viber/13.0",
            "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/88 Mobile Safari/537.36 SogouMobileBrowser/5.33",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Mobile/15E148 [FBAN/FBIOS;FBDV/iPhone14,5;FBAV/400]",
            "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/88 Mobile DuckDuckGo/5 Safari/537.36",
            "python-requests/2.31.0",
            "Go-http-client/2.0",
            "curl/8.5.0",
            "okhttp/4.12.0",
            "axios/1.6.0",
            "GuzzleHttp/7",
            "PostmanRuntime/7.36.0",
            "",
        ] {
            assert!(!is_listed(no_crawler), "{no_crawler}");
        }
    }
}
