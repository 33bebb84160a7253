//! Queues: how long requests wait, and how busy servers may be.
//!
//! [`Queue`] is M/M/c: Poisson arrivals, exponential service, `c` equal servers, one unlimited queue. Times are
//! in units of whatever the service time is given in. [`ClosedNetwork`] has the laws for a fixed number of users.

/// The most servers computed with; the recursion takes as many steps.
pub const MAX_SERVERS: u32 = 10_000_000;

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
    /// `None` for no servers, more than [`MAX_SERVERS`], or a load that is negative or not finite.
    pub fn new(servers: u32, offered: f64) -> Option<Self> {
        let valid = (1..=MAX_SERVERS).contains(&servers) && offered.is_finite() && offered >= 0.0;
        valid.then(|| Self { servers, offered, blocking: blocking(servers, offered) })
    }

    /// The share of its servers that is busy: `ρ = a/c`. At 1 and above the queue grows without end.
    pub fn utilisation(&self) -> f64 {
        self.offered / f64::from(self.servers)
    }

    /// Erlang B: the probability that a request is lost where there is no queue.
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

    /// The mean time in the queue, in service times: `C / (c - a)`. `None` when overloaded.
    pub fn mean_wait(&self) -> Option<f64> {
        self.spare().map(|spare| self.waiting_probability() / spare)
    }

    /// The mean number of requests that wait: `C ρ / (1 - ρ)`. `None` when overloaded.
    pub fn mean_queue(&self) -> Option<f64> {
        let utilisation = self.utilisation();
        self.spare().map(|_| self.waiting_probability() * utilisation / (1.0 - utilisation))
    }

    /// Servers beyond the load, `c - a`. `None` when overloaded.
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

impl Queue {
    /// The probability to wait longer than `time` service times: `C e^{-(c-a) t}`. 1 when overloaded.
    pub fn waits_longer_than(&self, time: f64) -> f64 {
        let Some(spare) = self.spare() else { return 1.0 };
        self.waiting_probability() * (-spare * time.max(0.0)).exp()
    }

    /// The waiting time, in service times, that a share `level` of the requests does not exceed; 0 where fewer
    /// than `1 - level` wait at all.
    ///
    /// `None` when overloaded, or for a level outside `0..1`.
    pub fn waiting_quantile(&self, level: f64) -> Option<f64> {
        let spare = self.spare()?;
        let beyond = beyond(level)?;
        Some(((self.waiting_probability() / beyond).ln() / spare).max(0.0))
    }

    /// The probability that waiting and service together take longer than `time` service times.
    ///
    /// With `k = c - a`: `(1-C) e^{-t} + C (k e^{-t} - e^{-kt}) / (k-1)`, and `e^{-t} (1 + C t)` at `k = 1`. Near
    /// `k = 1` the difference is taken before it cancels. 1 when overloaded.
    pub fn takes_longer_than(&self, time: f64) -> f64 {
        let Some(spare) = self.spare() else { return 1.0 };
        let time = time.max(0.0);
        let rate = spare - 1.0;
        let served = (-time).exp();
        let queued = if (rate * time).abs() < 1.0 {
            let factor = if rate.abs() < f64::EPSILON { time } else { -(-rate * time).exp_m1() / rate };
            served * factor
        } else {
            (served - (-spare * time).exp()) / rate
        };
        served + self.waiting_probability() * queued
    }

    /// The response time, in service times, that a share `level` of the requests does not exceed.
    ///
    /// `None` when overloaded, or for a level outside `0..1`.
    pub fn response_quantile(&self, level: f64) -> Option<f64> {
        let beyond = beyond(level)?;
        let slowest = self.spare()?.min(1.0);
        // Waiting and service are each no slower than their slowest rate, so that twice its quantile is enough.
        let (mut low, mut high) = (0.0, 2.0 * (2.0 / beyond).ln() / slowest);
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if self.takes_longer_than(middle) > beyond { low = middle } else { high = middle }
        }
        Some(f64::midpoint(low, high))
    }
}

/// The share of requests beyond a level.
fn beyond(level: f64) -> Option<f64> {
    (level > 0.0 && level < 1.0).then_some(1.0 - level)
}

/// What waiting is acceptable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WaitingTarget {
    /// At most this share of the requests waits (0 to 1).
    Probability(f64),
    /// The mean wait is at most this many service times.
    MeanWait(f64),
}

impl WaitingTarget {
    fn is_valid(self) -> bool {
        match self {
            Self::Probability(share) => share > 0.0 && share <= 1.0,
            Self::MeanWait(times) => times > 0.0 && times.is_finite(),
        }
    }

    fn is_met(self, queue: &Queue) -> bool {
        match self {
            Self::Probability(share) => queue.waiting_probability() <= share,
            Self::MeanWait(times) => queue.mean_wait().is_some_and(|wait| wait <= times),
        }
    }
}

/// The smallest number of servers that handles `offered` busy servers of load within a target, and is not overloaded.
///
/// Both probabilities and means fall with every further server, so the first that fits is the smallest. Nothing
/// for a load that is negative or not finite, for a target that nothing can meet, or beyond [`MAX_SERVERS`].
pub fn smallest_servers(offered: f64, target: WaitingTarget) -> Option<u32> {
    if !(target.is_valid() && offered >= 0.0 && offered < f64::from(MAX_SERVERS)) {
        return None;
    }
    let mut blocking = 1.0;
    (1..=MAX_SERVERS).find(|&servers| {
        blocking = next_blocking(blocking, servers, offered);
        offered < f64::from(servers) && target.is_met(&Queue { servers, offered, blocking })
    })
}

/// How busy `servers` servers may be before the mean wait exceeds `wait` service times (M/M/c).
///
/// With `wait = 1` a request waits as long as it is served: one server may be 50% busy, 4 may be 83%, 50 may be
/// 98%. This is why a limit for CPU must follow from the number of cores. `None` without servers or for a wait
/// that is not positive.
pub fn utilisation_limit(servers: u32, wait: f64) -> Option<f64> {
    if !(wait > 0.0 && wait.is_finite()) {
        return None;
    }
    let capacity = f64::from(servers);
    Queue::new(servers, 0.0)?;
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        let waits = Queue::new(servers, middle * capacity).and_then(|queue| queue.mean_wait());
        if waits.is_some_and(|waits| waits <= wait) { low = middle } else { high = middle }
    }
    Some(low)
}

/// A closed network of single-server stations.
///
/// Source: P. Denning and J. Buzen, *The Operational Analysis of Queueing Network Models* (1978); E. Lazowska et
/// al., *Quantitative System Performance* (1984), chapters 3, 5 and 6.
#[derive(Debug, Clone, PartialEq)]
pub struct ClosedNetwork {
    demands: Vec<f64>,
    think_time: f64,
}

/// How a closed network does with some users.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Requests per unit of time.
    pub throughput: f64,
    /// Time from request to answer.
    pub response: f64,
}

/// Between what a throughput lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

impl ClosedNetwork {
    /// A network with the busy time each station spends on a request (`D_i = V_i S_i = U_i / X`) and the time
    /// between answer and next request, all in one unit of time.
    ///
    /// `None` without stations, or where a time is negative, not finite, or all demands are zero.
    pub fn new(demands: &[f64], think_time: f64) -> Option<Self> {
        let times = || demands.iter().chain([&think_time]);
        let valid = times().all(|time| time.is_finite() && *time >= 0.0) && demands.iter().any(|d| *d > 0.0);
        valid.then(|| Self { demands: demands.to_vec(), think_time })
    }

    /// The number of users beyond which the busiest station holds everybody up: `N* = (D + Z) / D_max`.
    pub fn knee(&self) -> f64 {
        (self.total() + self.think_time) / self.largest()
    }

    /// The most requests per unit of time: `1 / D_max`.
    pub fn highest_throughput(&self) -> f64 {
        1.0 / self.largest()
    }

    /// Asymptotic bounds: `N / (N D + Z) ≤ X ≤ min(N / (D + Z), 1 / D_max)`.
    pub fn throughput_bounds(&self, users: u32) -> Bounds {
        let users = f64::from(users);
        let (total, think) = (self.total(), self.think_time);
        Bounds {
            low: if users > 0.0 { users / (users * total + think) } else { 0.0 },
            high: (users / (total + think)).min(self.highest_throughput()),
        }
    }

    /// The shortest response time possible: `max(D, N D_max - Z)`.
    pub fn shortest_response(&self, users: u32) -> f64 {
        self.total().max(f64::from(users) * self.largest() - self.think_time)
    }

    /// Exact mean value analysis (M. Reiser and S. Lavenberg, 1980), for exponential or processor-sharing
    /// stations. Takes time in proportion to users and stations.
    pub fn solve(&self, users: u32) -> Load {
        let mut queues = vec![0.0; self.demands.len()];
        let mut load = Load { throughput: 0.0, response: self.total() };
        for present in 1..=users {
            let response = |(demand, queue): (&f64, &f64)| demand * (1.0 + queue);
            load.response = self.demands.iter().zip(&queues).map(response).sum();
            load.throughput = f64::from(present) / (self.think_time + load.response);
            for (queue, demand) in queues.iter_mut().zip(&self.demands) {
                *queue = load.throughput * demand * (1.0 + *queue);
            }
        }
        load
    }

    fn total(&self) -> f64 {
        self.demands.iter().sum()
    }

    fn largest(&self) -> f64 {
        self.demands.iter().copied().fold(0.0, f64::max)
    }
}
