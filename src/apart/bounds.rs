//! What the system lets a process apart take.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, Signal, getpid, getrlimit, kill_process, setrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Beside what DuckDB may take for its tables: our own, the threads' stacks, what it takes without
/// counting, in bytes of address space.
const BESIDE_BYTES: u64 = 1 << 30;
/// The first to go when memory is short: the most that the kernel takes.
const OUT_OF_MEMORY_SCORE: &str = "1000";
/// Processor time beside what a question may take, for what comes before and after it.
const GRACE: Duration = Duration::from_secs(5);

/// What a process may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounded {
    /// For DuckDB, in bytes.
    pub memory: u64,
    /// So long one question.
    pub seconds_max: Duration,
    /// On so many threads.
    pub threads: usize,
}

/// Bounds this process from now on: no more address space than it has and `memory`, and what
/// [`go_first`] says.
///
/// Where the system does not know a bound, the others hold.
pub fn bind(bounded: &Bounded) {
    let most = address_space().saturating_add(bounded.memory).saturating_add(BESIDE_BYTES);
    limit(Resource::As, Some(most));
    go_first();
}

/// From now on this process is killed before others when memory is short, and leaves no picture of itself on
/// the disk when it breaks.
pub fn go_first() {
    limit(Resource::Core, Some(0));
    #[cfg(target_os = "linux")]
    if let Err(error) = std::fs::write("/proc/self/oom_score_adj", OUT_OF_MEMORY_SCORE) {
        tracing::debug!(%error, "the process weighs as much as others when memory is short");
    }
}

/// The processor's time for one more question. What runs beyond it is killed by the system, should
/// nobody else be there to do it.
pub fn allow_one(bounded: &Bounded) {
    let threads = u32::try_from(bounded.threads).unwrap_or(u32::MAX);
    let used = clock_gettime(ClockId::ProcessCPUTime).tv_sec;
    let used = Duration::from_secs(u64::try_from(used).unwrap_or(0));
    let most = used + bounded.seconds_max.saturating_mul(threads) + GRACE;
    limit(Resource::Cpu, Some(most.as_secs()));
}

/// Ends this process, whatever it is in the middle of: an end that is orderly would wait for that.
pub fn end() {
    if let Err(error) = kill_process(getpid(), Signal::KILL) {
        tracing::debug!(%error, "this process stays, though nobody listens");
    }
}

fn limit(resource: Resource, most: Option<u64>) {
    let maximum = getrlimit(resource).maximum;
    let current = match (most, maximum) {
        (Some(most), Some(maximum)) => Some(most.min(maximum)),
        (most, maximum) => most.or(maximum),
    };
    if let Err(error) = setrlimit(resource, Rlimit { current, maximum }) {
        tracing::debug!(%error, ?resource, "a bound is not known here");
    }
}

/// What this process has mapped, in bytes; nothing where that is not told.
fn address_space() -> u64 {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = told.split(' ').next().and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0).saturating_mul(rustix::param::page_size() as u64)
}

/// From now on no thread of this process may open a socket, become another program, or look into one.
/// Where the database is not a file, sockets stay.
#[cfg(target_os = "linux")]
pub fn shut_out(needs_network: bool) {
    if let Err(error) = try_to_shut_out(needs_network) {
        tracing::debug!(%error, "the process may still reach the network");
    }
}

#[cfg(not(target_os = "linux"))]
pub fn shut_out(_: bool) {}

#[cfg(target_os = "linux")]
fn try_to_shut_out(needs_network: bool) -> Result<(), seccompiler::Error> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    let always = [
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_io_uring_setup,
    ];
    let network = [libc::SYS_socket, libc::SYS_connect, libc::SYS_bind, libc::SYS_listen];
    let network = network.into_iter().filter(|_| !needs_network);
    let forbidden = always.into_iter().chain(network).map(|call| (call, Vec::new())).collect();
    let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(
        forbidden,
        SeccompAction::Allow,
        refused,
        std::env::consts::ARCH.try_into()?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter_all_threads(&program)
}
