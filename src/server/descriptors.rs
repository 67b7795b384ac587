//! How many files and connections the system lets the process have open.

/// Raises the bound as far as the system allows it without asking anybody, and says what it is now;
/// none when there is none, or nobody says.
#[must_use]
pub fn raise() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        if current == maximum {
            return current;
        }
        let raised = Rlimit { current: maximum, maximum };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => maximum,
            Err(error) => {
                tracing::warn!(%error, "the bound on open files stays as it is");
                current
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    None
}
