//! A fixed number of users who think, ask, wait for the answer, and think again.

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
    /// Nothing without stations, or where a time is negative, not finite, or all demands are zero.
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
