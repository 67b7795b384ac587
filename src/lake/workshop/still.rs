//! Whether the process that writes files does anything.
//!
//! How long it is waited for depends on that, and not on how much it has to do.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

/// How long a process is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// So long, until it is looked at.
    pub(super) look: Duration,
    /// In so many looks it may have taken none of the processor: a disk that is slow lets it go on now and then, one
    /// that does not answer never does.
    pub(super) still_looks_max: u32,
    /// So many looks one thing may take that it was told, whatever it does.
    pub(super) looks_max: u32,
}

impl Patience {
    /// Two minutes; an hour.
    pub(super) const USUAL: Self =
        Self { look: Duration::from_secs(1), still_looks_max: 120, looks_max: 3_600 };
}

/// What it has done since it was told something.
pub(super) struct Still {
    pid: u32,
    patience: Patience,
    /// How often it was looked at.
    looks: u32,
    /// The processor's time that it has had, in the kernel's ticks, and in how many looks it has had no more. None where
    /// the system does not tell.
    worked: Option<u64>,
    still_looks: u32,
}

impl Still {
    pub(super) fn of(pid: u32, patience: Patience) -> Self {
        Self { pid, patience, looks: 0, worked: None, still_looks: 0 }
    }

    /// It is told something now, or waited for.
    pub(super) fn begin(&mut self) {
        (self.looks, self.still_looks) = (0, 0);
    }

    /// # Errors
    /// [`ErrorKind::TimedOut`] once it is waited for no longer.
    fn look(&mut self) -> io::Result<()> {
        let worked = worked(self.pid);
        let is_still = worked.is_some() && worked == self.worked;
        self.worked = worked;
        self.looks += 1;
        self.still_looks = if is_still { self.still_looks + 1 } else { 0 };
        let why = if self.still_looks >= self.patience.still_looks_max {
            "it did nothing for minutes"
        } else if self.looks >= self.patience.looks_max {
            "it did not come to an end for an hour"
        } else {
            return Ok(());
        };
        Err(io::Error::new(ErrorKind::TimedOut, why))
    }
}

/// One end of its line, on which nobody waits for long at a time: whoever has waited looks whether it does anything.
pub(super) struct Patient<'a, Line> {
    pub(super) line: &'a mut Line,
    pub(super) still: &'a mut Still,
}

impl<Line> Patient<'_, Line> {
    fn go_on(
        &mut self,
        mut go_on: impl FnMut(&mut Line) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            match go_on(self.line) {
                Err(error) if is_of_time(&error) => self.still.look()?,
                done => return done,
            }
        }
    }
}

impl<Line: Read> Read for Patient<'_, Line> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.go_on(|line| line.read(into))
    }
}

impl<Line: Write> Write for Patient<'_, Line> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.go_on(|line| line.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.line.flush()
    }
}

/// Whether nothing came, or went, in time.
fn is_of_time(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// The processor's time that a process has had with all of its threads, in ticks.
fn worked(pid: u32) -> Option<u64> {
    /// Of what stands behind the name, which may hold anything: for itself, and in the kernel (see `proc(5)`).
    const TIMES: std::ops::RangeInclusive<usize> = 11..=12;
    let told = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, behind) = told.rsplit_once(") ")?;
    let told: Vec<&str> = behind.split(' ').collect();
    let times = told.get(TIMES)?.iter();
    times.map(|ticks| ticks.parse::<u64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEW: Patience = Patience { look: Duration::ZERO, still_looks_max: 5, looks_max: 50 };

    /// How often it is looked at before it is waited for no longer; `meanwhile` happens before each look.
    fn looks(pid: u32, mut meanwhile: impl FnMut()) -> u32 {
        let mut still = Still::of(pid, FEW);
        loop {
            meanwhile();
            match still.look() {
                Ok(()) => {}
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::TimedOut);
                    return still.looks;
                }
            }
        }
    }

    #[test]
    fn who_works_is_waited_for_longer_and_so_is_of_whom_nothing_is_told() {
        let me = std::process::id();
        assert_eq!(looks(u32::MAX, || {}), FEW.looks_max);
        if !cfg!(target_os = "linux") {
            return;
        }
        let works = || {
            let ticks = worked(me).unwrap();
            while worked(me).unwrap() == ticks {
                std::hint::spin_loop();
            }
        };
        assert_eq!(looks(me, works), FEW.looks_max);
    }
}
