//! Real user agents and what they mean.

use super::*;

/// `kind brand model | os version | app | bot`, absent parts as `-`.
fn shown(agent: &Agent) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let kind = agent.device.kind.map_or("-".to_owned(), |kind| format!("{kind:?}"));
    let (device, os, app) = (&agent.device, &agent.os, &agent.app);
    let bot = if agent.bot { " | bot" } else { "" };
    format!(
        "{kind} {} {} | {} {} | {}{bot}",
        part(&device.brand),
        part(&device.model),
        part(&os.name),
        part(&os.version),
        part(&app.name)
    )
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(&read(text, None)), expected, "{text}");
}

#[test]
fn browsers() {
    check(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
        "Pc - - | Windows 10 NT 10.0 | Chrome",
    );
    check(
        "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
        "Pc - - | Linux - | Firefox",
    );
    check(
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15",
        "Pc Apple Mac | Mac OSX 10.15.7 | Safari",
    );
    check(
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1",
        "Mobile Apple iPhone | iPhone 17.1 | Safari",
    );
    check(
        "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
        "Tablet Apple iPad | iPad 16.6 | Safari",
    );
    check(
        "Mozilla/5.0 (Linux; Android 13; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36",
        "Mobile Samsung SM-G991B | Android 13 | Chrome",
    );
    check(
        "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
        "Mobile Google Pixel 8 | Android 14 | Chrome",
    );
    check(
        "Mozilla/5.0 (Linux; Android 12; SM-T870) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",
        "Tablet Samsung SM-T870 | Android 12 | Chrome",
    );
    check(
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
        "Mobile - - | Android 10 | Chrome",
    );
}

#[test]
fn mail_programs() {
    let text = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.5.0";
    assert_eq!(read(text, None).device.kind, Some(DeviceKind::Email));
}

#[test]
fn crawlers_are_bots_and_the_tools_of_backends_are_not() {
    for bot in [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    ] {
        assert!(read(bot, None).bot, "{bot}");
    }
    for tool in [
        "",
        "curl/8.5.0",
        "python-requests/2.31.0",
        "Go-http-client/1.1",
        "okhttp/4.12.0",
        "node",
        "axios/1.6.2",
        "Java/17.0.1",
        "Apache-HttpClient/4.5",
        "PostmanRuntime/7.36",
        "Wget/1.21",
    ] {
        assert!(!read(tool, None).bot, "{tool}");
    }
}

/// A picture in a mail is asked for when somebody opens it.
#[test]
fn whoever_fetches_for_a_reader_of_mail_is_no_crawler() {
    for proxy in [
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
        "FastmailUA/1.0",
    ] {
        assert!(!read(proxy, None).bot, "{proxy}");
    }
}

#[test]
fn a_library_is_called_what_it_calls_itself() {
    for (text, name, version) in [
        ("curl/8.5.0", "curl", Some("8.5.0")),
        ("Wget/1.21 (linux-gnu)", "Wget", Some("1.21")),
        ("Python-urllib/3.11", "Python-urllib", Some("3.11")),
        ("Java/17.0.1", "Java", Some("17.0.1")),
        ("Ruby", "ruby", None),
    ] {
        let app = read(text, None).app;
        assert_eq!(app.name.as_deref(), Some(name), "{text}");
        assert_eq!(app.version.as_deref(), version, "{text}");
        assert_eq!(app.kind.as_deref(), Some("library"), "{text}");
    }
}

#[test]
fn client_hints_win() {
    let header = |name: &str| match name {
        "sec-ch-ua" => {
            Some("\"Chromium\";v=\"120\", \"Not)A;Brand\";v=\"8\", \"Microsoft Edge\";v=\"120\"")
        }
        "sec-ch-ua-mobile" => Some("?1"),
        "sec-ch-ua-platform" => Some("\"Windows\""),
        "sec-ch-ua-platform-version" => Some("\"15.0.0\""),
        "sec-ch-ua-model" => Some("\"Pixel 7\""),
        _ => None,
    };
    let hints = ClientHints::read(header);
    let agent = read("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0.0.0", hints.as_ref());
    assert_eq!(shown(&agent), "Mobile - Pixel 7 | Windows 11 | Edge");
    assert_eq!(agent.app.version.as_deref(), Some("120"));
    assert_eq!(ClientHints::read(|_| None), None);
}

#[test]
fn any_text_is_survived_and_memory_is_bounded() {
    let agents = Agents::new(32);
    for number in 0..1000 {
        assert!(!agents.read(&format!("agent {number}"), None).bot);
    }
    assert!(!agents.read(&"é(Android;".repeat(5000), None).bot);
    assert!(!agents.read("Android\u{0};)(", None).bot);
}
