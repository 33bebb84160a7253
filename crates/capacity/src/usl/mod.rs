//! The universal scalability law: how throughput grows, levels off and falls with load.
//!
//! `X(N) = λ N / (1 + σ (N-1) + κ N (N-1))`. `λ` is the throughput at a load of one, `σ` the share of work that has
//! to wait for its turn (contention), `κ` the cost of agreeing with every other (coherency). With `κ = 0` this is
//! Amdahl's law, with both zero a straight line.
//!
//! Source: N. Gunther, *Guerrilla Capacity Planning* (2007) and arXiv:0808.1431.

mod fit;
mod peak;
mod problem;

pub use fit::{Fit, FitError, Superlinear, fit, fit_with};
pub use peak::PeakInterval;
pub use problem::Errors;

/// A scalability curve. Loads are in whatever was counted (users, threads, processors), throughput in whatever was
/// measured for a unit of time, latencies in that unit of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Curve {
    /// Contention `σ`, 0 to 1.
    pub sigma: f64,
    /// Coherency `κ`, at least 0.
    pub kappa: f64,
    /// Throughput at a load of one, `λ`.
    pub lambda: f64,
}

impl Curve {
    /// The throughput at a load.
    pub fn throughput(&self, load: f64) -> f64 {
        self.lambda * load / self.overhead(load)
    }

    /// The time in the system at a load of users who do not pause: `R = N / X(N)` (Little's law).
    pub fn latency(&self, load: f64) -> f64 {
        self.overhead(load) / self.lambda
    }

    /// The load of the highest throughput, `√((1-σ)/κ)`. `None` without coherency: there is no peak then.
    pub fn peak(&self) -> Option<f64> {
        (self.kappa > 0.0).then(|| ((1.0 - self.sigma) / self.kappa).sqrt())
    }

    /// The highest throughput: at the peak, else the limit `λ/σ` that is approached. `None` for a straight line.
    pub fn highest_throughput(&self) -> Option<f64> {
        match self.peak() {
            Some(peak) => Some(self.throughput(peak)),
            None => (self.sigma > 0.0).then(|| self.lambda / self.sigma),
        }
    }

    /// Where the straight line through the first load would meet the limit of contention: `1/σ`.
    pub fn optimal_load(&self) -> Option<f64> {
        (self.sigma > 0.0).then(|| 1.0 / self.sigma)
    }

    /// The load at which the latency reaches `latency`: the larger root of
    /// `κ N² + (σ-κ) N + 1 - σ - λ R = 0`.
    ///
    /// `None` where no load has it: below the latency of an idle system, or above that of one which never slows
    /// down. (Two libraries in use have a sign wrong here.)
    pub fn load_at_latency(&self, latency: f64) -> Option<f64> {
        let linear = self.sigma - self.kappa;
        let excess = self.lambda * latency - 1.0 + self.sigma;
        let root = (linear * linear + 4.0 * self.kappa * excess).sqrt();
        // Each of the two forms of the root cancels where the other does not.
        let load =
            if linear > 0.0 { 2.0 * excess / (linear + root) } else { (root - linear) / (2.0 * self.kappa) };
        (load.is_finite() && load > 0.0).then_some(load)
    }

    /// The smallest load with a throughput: the smaller root of
    /// `X κ N² + (X (σ-κ) - λ) N + X (1-σ) = 0`. `None` for a throughput that is never reached.
    pub fn load_at_throughput(&self, throughput: f64) -> Option<f64> {
        let linear = self.lambda - throughput * (self.sigma - self.kappa);
        let constant = throughput * (1.0 - self.sigma);
        let root = (linear * linear - 4.0 * throughput * self.kappa * constant).sqrt();
        let load = 2.0 * constant / (linear + root);
        (load.is_finite() && load >= 0.0 && linear > 0.0).then_some(load)
    }

    fn overhead(&self, load: f64) -> f64 {
        1.0 + self.sigma * (load - 1.0) + self.kappa * load * (load - 1.0)
    }
}
