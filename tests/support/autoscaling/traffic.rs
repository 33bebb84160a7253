//! Weeks of traffic whose course is known.

use scale_advisor::capacity::random::Random;

/// Seconds between two looks of an autoscaler, and between two values of the traffic.
pub(crate) const SYNC: usize = 15;
/// Steps of an hour, a day and a week.
pub(crate) const HOUR: usize = 3_600 / SYNC;
pub(crate) const DAY: usize = 24 * HOUR;
pub(crate) const WEEK: usize = 7 * DAY;
/// Weeks that were measured before the settings are exported.
pub(crate) const RECORDED: usize = 5;

/// How the traffic goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Days of one shape, with quieter weekends.
    Daily,
    /// The same with bursts of 5 to 30 minutes at any time, which nothing announces.
    Bursty,
    /// The same, 6% more each week.
    Growing,
    /// The same, with an announced sale on the last Thursday, from 8:00 to 22:00.
    Event,
}

impl Pattern {
    pub(crate) const ALL: [Self; 4] = [Self::Daily, Self::Bursty, Self::Growing, Self::Event];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Bursty => "bursty",
            Self::Growing => "growing",
            Self::Event => "with an event",
        }
    }

    /// The users in every step of the recorded weeks and of the one after them, from a Monday on.
    pub(crate) fn users(self, peak: f64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        let mut wandering = 0.0;
        let bursts = if self == Self::Bursty { bursts(&mut random) } else { Vec::new() };
        let step = |step: usize| {
            // Clients come in crowds: noise of each step, and some that lasts for two minutes.
            wandering = 0.9 * wandering + 0.03 * 0.19_f64.sqrt() * random.normal();
            let noise = (0.03 * random.normal() + wandering).exp();
            let burst: f64 = bursts.iter().map(|burst| burst.at(step)).sum();
            peak * day(step) * self.level(step) * (1.0 + burst) * noise
        };
        (0..(RECORDED + 1) * WEEK).map(step).collect()
    }

    fn level(self, step: usize) -> f64 {
        match self {
            Self::Growing => 1.06_f64.powf(step as f64 / WEEK as f64 - RECORDED as f64),
            Self::Event => {
                let hours = step as f64 / HOUR as f64 - (RECORDED * 168 + 3 * 24) as f64;
                // It takes half an hour to fill and to empty.
                1.0 + ((hours - 8.0) / 0.5).min((22.0 - hours) / 0.5).clamp(0.0, 1.0)
            }
            Self::Daily | Self::Bursty => 1.0,
        }
    }
}

/// The share of the peak at a time of the week: most at 16:00, least at 4:00.
fn day(step: usize) -> f64 {
    let hour = (step % DAY) as f64 / HOUR as f64;
    let is_weekend = step / DAY % 7 >= 5;
    let risen = (1.0 - ((hour - 4.0) / 24.0 * std::f64::consts::TAU).cos()) / 2.0;
    (0.25 + 0.75 * risen.powf(1.3)) * if is_weekend { 0.7 } else { 1.0 }
}

/// More traffic for a while, as a share of what there is.
#[derive(Debug, Clone, Copy)]
struct Burst {
    from: usize,
    steps: usize,
    height: f64,
}

impl Burst {
    /// It fills and empties within two minutes.
    fn at(&self, step: usize) -> f64 {
        let since = step as f64 - self.from as f64;
        let left = self.steps as f64 - since;
        self.height * (since.min(left) / 8.0).clamp(0.0, 1.0)
    }
}

fn bursts(random: &mut Random) -> Vec<Burst> {
    let count = 6 * 7 * (RECORDED + 1);
    let burst = |_| Burst {
        from: random.below((RECORDED + 1) * WEEK),
        steps: 20 + random.below(100),
        height: 0.3 + 0.7 * random.uniform(),
    };
    (0..count).map(burst).collect()
}
