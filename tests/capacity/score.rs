//! How good forecasts were, once the days have come.

use scale_advisor::capacity::{
    growth::{Crossing, History, LEVELS, Paths, forecast},
    quantile::interpolated,
};

/// Days forecast.
pub(crate) const HORIZON: usize = 60;
/// Days at which coverage is counted.
pub(crate) const LOOKED_AT: [usize; 5] = [1, 7, 14, 30, 60];

/// Sums over many forecasts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Score {
    pub(crate) forecasts: f64,
    covered: [f64; 5],
    /// Forecasts of a date, and those whose interval held the true one.
    dates: f64,
    dates_covered: f64,
    /// What the intervals of these dates claim to hold, by the futures they were made from.
    dates_claimed: f64,
    /// Believed probabilities and what came.
    brier: f64,
    events: f64,
}

impl Score {
    /// Forecasts from the first `before` values and compares with those that follow. `limits` are shares above the 95%
    /// quantile of the last four weeks.
    pub(crate) fn add(&mut self, values: &[f64], first_day: i32, before: usize, limits: &[f64]) {
        let days: Vec<i32> = (first_day..).take(before).collect();
        let history = History::new(&days, &values[..before]).unwrap();
        let future = &values[before..before + HORIZON];
        let paths = forecast(&history, HORIZON).paths;
        self.add_bands(&paths, future);
        let mut month = values[before.saturating_sub(28)..before].to_vec();
        let level = interpolated(&mut month, 0.95).unwrap();
        for share in limits {
            let limit = level * (1.0 + share);
            let crossing = paths.reach(limit);
            self.dates_claimed += claimed(&paths.first_days(limit), crossing);
            self.add_date(crossing, limit, future);
        }
    }

    fn add_bands(&mut self, paths: &Paths, future: &[f64]) {
        self.forecasts += 1.0;
        let bands = paths.bands();
        for (slot, day) in self.covered.iter_mut().zip(LOOKED_AT) {
            let (band, value) = (bands[day - 1], future[day - 1]);
            *slot += share(band[0] <= value && value <= band[LEVELS.len() - 1]);
        }
    }

    pub(crate) fn add_date(&mut self, crossing: Crossing, limit: f64, future: &[f64]) {
        let came = future.iter().position(|value| *value >= limit);
        self.dates += 1.0;
        self.dates_covered += share(holds(crossing, came));
        self.brier += (crossing.probability - share(came.is_some())).powi(2);
        self.events += share(came.is_some());
    }

    /// The share of 90% bands that held the value, at each of [`LOOKED_AT`].
    pub(crate) fn coverage(&self) -> [f64; 5] {
        self.covered.map(|covered| covered / self.forecasts)
    }

    pub(crate) fn date_coverage(&self) -> f64 {
        self.dates_covered / self.dates
    }

    /// The share that the futures themselves have within the intervals. It is above 90% where a horizon ends before the
    /// 95% date, since what lies beyond it is one case.
    pub(crate) fn dates_claimed(&self) -> f64 {
        self.dates_claimed / self.dates
    }

    pub(crate) fn brier(&self) -> f64 {
        self.brier / self.dates
    }

    /// The Brier score of always saying how often it happens.
    pub(crate) fn brier_of_base_rate(&self) -> f64 {
        let rate = self.events / self.dates;
        rate * (1.0 - rate)
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.forecasts += other.forecasts;
        self.covered.iter_mut().zip(other.covered).for_each(|(slot, more)| *slot += more);
        self.dates += other.dates;
        self.dates_covered += other.dates_covered;
        self.dates_claimed += other.dates_claimed;
        self.brier += other.brier;
        self.events += other.events;
    }
}

/// Whether the interval of a date holds the true one, where both may lie beyond the horizon.
pub(crate) fn holds(crossing: Crossing, came: Option<usize>) -> bool {
    let day = |day: Option<usize>| day.unwrap_or(usize::MAX);
    day(crossing.low) <= day(came) && day(came) <= day(crossing.high)
}

/// The share of futures whose day lies within the interval.
pub(crate) fn claimed(first_days: &[Option<usize>], crossing: Crossing) -> f64 {
    first_days.iter().filter(|day| holds(crossing, **day)).count() as f64 / first_days.len() as f64
}

pub(crate) fn share(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}

/// The values of a file of `date,value`, and the number of its first day (of the week, from Monday).
pub(crate) fn read(path: &std::path::Path) -> (i32, Vec<f64>) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut rows = text.lines().skip(1).map(|line| line.split_once(',').unwrap());
    let first: chrono::NaiveDate = rows.clone().next().unwrap().0.parse().unwrap();
    let values = rows.by_ref().map(|(_, value)| value.parse().unwrap()).collect();
    (chrono::Datelike::num_days_from_ce(&first), values)
}
