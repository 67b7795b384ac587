//! Where in a schema something stands.

/// Keys parted by slashes, as JSON's pointers have them.
#[derive(Clone, Debug, Default)]
pub(super) struct Pointer(String);

impl Pointer {
    /// As [`Pointer::as_str`] says it.
    pub(super) fn read(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The place below `key`.
    pub(super) fn below(&self, key: &str) -> Self {
        Self(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    /// As `$ref` writes it, without the `#`.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// How deep it lies.
    pub(super) fn depth(&self) -> usize {
        self.0.bytes().filter(|byte| *byte == b'/').count()
    }
}

impl std::fmt::Display for Pointer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "the schema" } else { self.0.trim_start_matches('/') })
    }
}
