//! Addresses, files of places, and referrers.

mod mmdb;

use super::referrers::listed;
use super::{Marked, Places, referrer};
use crate::config::Config;
use crate::model::Hit;

fn page(url: Option<&str>, host: Option<&str>) -> Hit {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Hit { url: owned(url), referrer_host: owned(host), ..Hit::default() }
}

#[track_caller]
fn check(url: &str, host: &str, medium: &str, kind: &str, name: Option<&str>) {
    let hit = page(Some(url), Some(host).filter(|host| !host.is_empty()));
    let marked = Marked { source: None, medium: Some(medium).filter(|medium| !medium.is_empty()) };
    let found = referrer(&hit, marked).unwrap();
    assert_eq!((found.kind.as_str(), found.name.as_deref()), (kind, name), "{url} {host} {medium}");
}

#[test]
fn what_led_to_a_page_is_told_by_its_host() {
    let shop = "https://www.shop.example/shoes?x=1";
    for (host, kind, name) in [
        ("www.google.com", "search", Some("Google")),
        ("www.google.de", "search", Some("Google")),
        ("google.co.uk", "search", Some("Google")),
        ("WWW.Google.CO.JP.", "search", Some("Google")),
        ("mail.google.com", "mail", Some("Gmail")),
        ("gemini.google.com", "assistant", Some("Gemini")),
        ("google.evil.example", "other", None),
        ("evilgoogle.com", "other", None),
        ("notfacebook.com", "other", None),
        ("l.facebook.com", "social", Some("Facebook")),
        ("t.co", "social", Some("X")),
        ("chatgpt.com", "assistant", Some("ChatGPT")),
        ("com.google.android.gm", "mail", Some("Gmail")),
        ("googleads.g.doubleclick.net", "ads", Some("Google Ads")),
        ("shop.example", "internal", None),
        ("blog.shop.example:8443", "internal", None),
        ("otherShop.example", "other", None),
        ("news.example", "other", None),
        ("", "direct", None),
    ] {
        check(shop, host, "", kind, name);
    }
}

#[test]
fn what_is_marked_is_what_the_mark_says() {
    let paid = "https://shop.example/?q=1&gclid=abc#top";
    check(paid, "www.google.de", "", "ads", Some("Google Ads"));
    check("https://shop.example/?gclid=", "www.google.de", "", "search", Some("Google"));
    check("https://shop.example/#?gclid=1", "", "", "direct", None);
    for (medium, host, kind, name) in [
        ("cpc", "www.google.de", "ads", None),
        ("paid_social", "facebook.com", "ads", None),
        ("Email", "mail.google.com", "mail", Some("Gmail")),
        ("newsletter", "", "mail", None),
        ("social", "facebook.com", "social", Some("Facebook")),
        ("organic", "bing.com", "search", Some("Bing")),
        ("flyer", "", "campaign", None),
    ] {
        check("https://shop.example/", host, medium, kind, name);
    }
}

#[test]
fn an_event_that_happened_on_no_page_came_from_nowhere() {
    assert_eq!(referrer(&page(None, None), Marked::default()), None);
    assert_eq!(referrer(&page(None, Some(" ")), Marked::default()), None);
}

#[test]
fn the_list_can_be_read_and_every_host_is_in_lower_case() {
    let (exact, anywhere) = listed().unwrap();
    assert!(exact.len() > 200, "{}", exact.len());
    for host in exact.iter().chain(&anywhere) {
        assert_eq!(*host, host.to_lowercase());
        assert!(!host.starts_with("www.") && !host.ends_with('.'), "{host}");
    }
    assert!(exact.iter().all(|host| host.split('.').count() <= 6 && host.contains('.')));
    assert!(anywhere.iter().all(|label| !label.contains('.')));
}

fn places(change: impl FnOnce(&mut crate::config::EnrichmentConfig)) -> Places {
    let mut config = Config::for_testing("nowhere".into()).enrichment;
    change(&mut config);
    Places::new(&config)
}

#[test]
fn an_address_is_in_the_country_that_it_was_allotted_to() {
    let places = places(|_| {});
    let country = |address: &str| places.of(address).and_then(|geo| geo.country_code);
    assert_eq!(country("8.8.8.8").as_deref(), Some("US"));
    assert_eq!(country("::ffff:8.8.8.8").as_deref(), Some("US"));
    assert_eq!(country("193.99.144.80").as_deref(), Some("DE"));
    assert_eq!(country("2a02:2e0:3fe:1001:302::").as_deref(), Some("DE"));
    let germany = places.of("193.99.144.80").unwrap();
    assert_eq!(germany.country_name.as_deref(), Some("Germany"));
    assert!(germany.is_of_address);
    for nowhere in
        ["127.0.0.1", "10.1.2.3", "192.168.0.1", "::1", "fe80::1", "203.0.113.7", "", "x"]
    {
        assert_eq!(country(nowhere), None, "{nowhere}");
    }
}

#[test]
fn where_it_is_switched_off_nobody_is_anywhere() {
    assert_eq!(places(|config| config.places = false).of("8.8.8.8"), None);
}

#[test]
fn a_file_that_is_missing_or_broken_is_told_of_and_the_country_is_known_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("places.mmdb");
    let places = places(|config| config.places_file = path.display().to_string());
    assert!(places.has_file());
    places.renew().unwrap_err();
    std::fs::write(&path, b"no such file").unwrap();
    places.renew().unwrap_err();
    assert_eq!(places.of("8.8.8.8").unwrap().country_code.as_deref(), Some("US"));
}

fn with_file(folder: &std::path::Path) -> (Places, std::path::PathBuf) {
    let path = folder.join("places.mmdb");
    let places = places(|config| config.places_file = path.display().to_string());
    (places, path)
}

#[test]
fn a_file_knows_it_better_and_is_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (places, path) = with_file(folder.path());
    std::fs::write(&path, mmdb::of("NZ", "New Zealand", Some("Wellington"))).unwrap();
    assert!(places.renew().unwrap());
    assert!(!places.renew().unwrap(), "it is the same file");
    let there = places.of("8.8.8.8").unwrap();
    assert_eq!(
        (there.country_code.as_deref(), there.city.as_deref()),
        (Some("NZ"), Some("Wellington"))
    );
    assert_eq!((there.county.as_deref(), there.postal.as_deref()), (Some("Region"), Some("6011")));
    assert_eq!((there.latitude, there.longitude), (Some(-41.25), Some(174.5)));
    assert!(there.is_of_address);
    // Of what it does not know, the country is known by the registries.
    assert_eq!(places.of("193.99.144.80").unwrap().country_code.as_deref(), Some("DE"));
    std::fs::write(&path, mmdb::of("FR", "France", None)).unwrap();
    assert!(places.renew().unwrap());
    let there = places.of("8.8.8.8").unwrap();
    assert_eq!((there.country_name.as_deref(), there.city), (Some("France"), None));
}

#[test]
fn what_was_read_goes_on_being_used_when_the_file_breaks_or_goes_away() {
    let folder = tempfile::tempdir().unwrap();
    let (places, path) = with_file(folder.path());
    std::fs::write(&path, mmdb::of("NZ", "New Zealand", None)).unwrap();
    places.renew().unwrap();
    let whole = mmdb::of("FR", "France", None);
    std::fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    places.renew().unwrap_err();
    assert_eq!(places.of("8.8.8.8").unwrap().country_code.as_deref(), Some("NZ"));
    std::fs::remove_file(&path).unwrap();
    places.renew().unwrap_err();
    assert_eq!(places.of("8.8.8.8").unwrap().country_code.as_deref(), Some("NZ"));
    std::fs::write(&path, whole).unwrap();
    assert!(places.renew().unwrap());
    assert_eq!(places.of("8.8.8.8").unwrap().country_code.as_deref(), Some("FR"));
}
