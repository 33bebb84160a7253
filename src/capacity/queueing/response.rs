//! How waiting and response times are spread.

use super::Queue;

impl Queue {
    /// The probability to wait longer than `time` service times: `C e^{-(c-a) t}`. 1 when overloaded.
    pub fn waits_longer_than(&self, time: f64) -> f64 {
        let Some(spare) = self.spare() else { return 1.0 };
        self.waiting_probability() * (-spare * time.max(0.0)).exp()
    }

    /// The waiting time, in service times, that a share `level` of the requests does not exceed; 0 where fewer
    /// than `1 - level` wait at all.
    ///
    /// Nothing when overloaded, or for a level outside `0..1`.
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
    /// Nothing when overloaded, or for a level outside `0..1`.
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
