//! How many servers, and how busy they may be.

use super::{MOST_SERVERS, Queue, next_blocking};

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

/// The smallest number of servers that carries `offered` busy servers of load within a target, and is not
/// overloaded.
///
/// Both probabilities and means fall with every further server, so the first that fits is the smallest. Nothing
/// for a load that is negative or not finite, for a target that nothing can meet, or beyond [`MOST_SERVERS`].
pub fn smallest_servers(offered: f64, target: WaitingTarget) -> Option<u32> {
    if !(target.is_valid() && offered >= 0.0 && offered < f64::from(MOST_SERVERS)) {
        return None;
    }
    let mut blocking = 1.0;
    (1..=MOST_SERVERS).find(|&servers| {
        blocking = next_blocking(blocking, servers, offered);
        offered < f64::from(servers) && target.is_met(&Queue { servers, offered, blocking })
    })
}

/// How busy `servers` servers may be before the mean wait exceeds `wait` service times (M/M/c).
///
/// With `wait = 1` a request waits as long as it is served: one server may be 50% busy, 4 may be 83%, 50 may be
/// 98%. This is why a limit for CPU must follow from the number of cores. Nothing without servers or for a wait
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
