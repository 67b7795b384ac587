//! Memory that nobody has, on its way back to the system.

/// More than anything at rest has freed, so that it cannot be had of that.
const ASKED_BYTES: usize = 48 << 20;

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
