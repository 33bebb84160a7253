//! Queues: how long requests wait, and how busy servers may be.
//!
//! [`Queue`] is M/M/c: Poisson arrivals, exponential service, `c` equal servers, one unlimited queue. Times are
//! in units of whatever the service time is given in. [`closed`] holds the laws for a fixed number of users.

pub mod closed;
mod response;
mod sizing;

pub use sizing::{WaitingTarget, smallest_servers, utilisation_limit};

/// The most servers computed with; the recursion takes as many steps.
pub const MOST_SERVERS: u32 = 10_000_000;

/// An M/M/c queue in its steady state.
///
/// Source: A. K. Erlang (1917); L. Kleinrock, *Queueing Systems* vol. 1, §3.4–3.5.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    servers: u32,
    offered: f64,
    blocking: f64,
}

impl Queue {
    /// A queue with `servers` servers and an offered load `a = λ S` in busy servers (erlang).
    ///
    /// Nothing for no servers, more than [`MOST_SERVERS`], or a load that is negative or not finite.
    pub fn new(servers: u32, offered: f64) -> Option<Self> {
        let valid = (1..=MOST_SERVERS).contains(&servers) && offered.is_finite() && offered >= 0.0;
        valid.then(|| Self { servers, offered, blocking: blocking(servers, offered) })
    }

    /// The share of its servers that is busy: `ρ = a/c`. At 1 and above the queue grows without end.
    pub fn utilisation(&self) -> f64 {
        self.offered / f64::from(self.servers)
    }

    /// Erlang B: the probability that a request is lost where there is no room to wait.
    ///
    /// `B_0 = 1`, `B_k = a B_{k-1} / (k + a B_{k-1})`, which neither overflows nor cancels.
    pub fn blocking(&self) -> f64 {
        self.blocking
    }

    /// Erlang C: the probability that a request has to wait, `B / (1 - ρ (1 - B))`; 1 when overloaded.
    pub fn waiting_probability(&self) -> f64 {
        if self.is_overloaded() {
            return 1.0;
        }
        self.blocking / (1.0 - self.utilisation() * (1.0 - self.blocking))
    }

    /// The mean time in the queue, in service times: `C / (c - a)`. Nothing when overloaded.
    pub fn mean_wait(&self) -> Option<f64> {
        self.spare().map(|spare| self.waiting_probability() / spare)
    }

    /// The mean number of requests that wait: `C ρ / (1 - ρ)`. Nothing when overloaded.
    pub fn mean_queue(&self) -> Option<f64> {
        let utilisation = self.utilisation();
        self.spare().map(|_| self.waiting_probability() * utilisation / (1.0 - utilisation))
    }

    /// Servers beyond the load, `c - a`. Nothing when overloaded.
    fn spare(&self) -> Option<f64> {
        (!self.is_overloaded()).then_some(f64::from(self.servers) - self.offered)
    }

    fn is_overloaded(&self) -> bool {
        self.offered >= f64::from(self.servers)
    }
}

fn blocking(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |before, server| next_blocking(before, server, offered))
}

/// One step of Erlang's recursion, from `server - 1` servers to `server`.
fn next_blocking(before: f64, server: u32, offered: f64) -> f64 {
    let scaled = offered * before;
    scaled / (f64::from(server) + scaled)
}
