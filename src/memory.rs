//! Memory that nobody has, on its way back to the system.

use std::time::Duration;

/// More than anything at rest has freed, so that it cannot be had of that.
const ASKED_BYTES: usize = 48 << 20;
/// Longer than the allocator waits with what was freed, in case it is wanted again.
const PAUSE: Duration = Duration::from_millis(20);

/// Lets the allocator look at what it keeps, which it does when something large is freed, and at rest nobody does that:
/// what the hash of a password or the OpenAPI document had taken stayed. This asks for much, touches none of it, and
/// frees it; where there is not so much to be had, there is nothing to give back. What another thread has taken over
/// meanwhile, used or not, it keeps.
pub fn give_back() {
    let mut asked = Vec::<u8>::new();
    if asked.try_reserve_exact(ASKED_BYTES).is_ok() {
        drop(std::hint::black_box(asked));
    }
}

/// Does something on a thread of its own and waits for it. What a thread has freed stays with that thread until it
/// frees more, or ends; and the first thread sleeps for as long as a server runs.
pub fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let work = || {
        let done = work();
        std::thread::sleep(PAUSE);
        done
    };
    let done = std::thread::scope(|scope| scope.spawn(work).join());
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
