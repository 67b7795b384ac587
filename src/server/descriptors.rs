//! How many files and connections the system lets the process have open.

/// With fewer, neither history nor the database has what it takes.
const NEEDED: u64 = 128;

/// Whether there are enough of them for anything to work.
///
/// # Errors
/// A sentence for people.
pub fn check() -> Result<(), String> {
    match raise() {
        Some(most) if most < NEEDED => Err(format!(
            "the system lets a process have {most} files open at one time, and Kith needs {NEEDED}: \
             see ulimit -n, or LimitNOFILE"
        )),
        _ => Ok(()),
    }
}

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
