//! Countries by their codes, as people read them.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Codes of ISO 3166-1 with the English short names, as people write them.
const TABLE: &str = include_str!("countries.toml");

static NAMES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    // A unit test reads the file, so that a broken one cannot be shipped.
    toml::from_str(TABLE).unwrap_or_default()
});

/// The country of this code.
pub(super) fn name(code: &str) -> Option<&'static str> {
    NAMES.get(code).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_a_code_of_two_letters_and_a_name() {
        let names: HashMap<String, String> = toml::from_str(TABLE).unwrap();
        assert_eq!(names.len(), 250, "249 of the standard, and Kosovo");
        for (code, name) in &names {
            assert!(
                code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()),
                "{code}"
            );
            assert!(!name.is_empty() && name.trim() == name, "{code}");
        }
    }
}
