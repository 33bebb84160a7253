//! How a daily figure goes on: possible futures, their bands, and when they reach a limit.
//!
//! A mixture of four ways to go on, because each alone is too sure of itself: a damped trend
//! ([`smoothing`]), a steady trend and a steady level with errors that follow each other ([`regression`]), and the trend
//! since its last bend ([`recent`]). Before, the days of the week and, with two years, the time of the year are taken
//! out; afterwards they are put back. Positive figures are continued as logarithms, unless they clearly grow by the same
//! amount each day ([`straight`]). Values are daily busy-hour figures; days on which nothing is known are missing,
//! not zero.
//!
//! How well the bands and dates hold on simulated and on real series stands in `benches/README.md`.

mod conformal;
mod crossing;
mod history;
mod paths;
mod recent;
mod regression;
mod residuals;
mod smoothing;
mod straight;
mod supposed;
mod weekly;
mod yearly;

use statrs::distribution::{ContinuousCDF, StudentsT};

pub use crossing::Crossing;
pub use history::{FEWEST_DAYS, History, NotEnough};
pub use paths::{LEVELS, Paths};
pub use recent::Change;
pub use supposed::supposed;

use crate::capacity::random::{Random, seed};
use history::Scale;
use recent::Recent;
use regression::Dependent;
use smoothing::Smoothing;

/// Futures of a member; steady trend and steady level divide theirs by the certainty of the trend.
const EACH: usize = 400;
/// Days that the members look at; what is older only shows the time of the year.
const LOOK_BACK: usize = 365;
/// A month, for growth.
const MONTH: f64 = 30.0;

/// What may become of a daily figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The day after the last one of the history.
    pub first_day: i32,
    /// Possible futures, 1,600 of them.
    pub paths: Paths,
    /// The steady growth of the history.
    pub growth: Growth,
    /// A change of the trend within the last weeks that is more than chance. Forecasts then follow the new trend, and
    /// deserve a warning: whether it lasts, no past can tell.
    pub change: Option<Change>,
    /// Whether the time of the year is taken into account.
    pub yearly: bool,
}

/// Growth a month, with 90% confidence: as a share of the level, or in the figure's unit if it is zero at times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// At least.
    pub low: f64,
    /// The estimate.
    pub mid: f64,
    /// At most.
    pub high: f64,
    /// Whether it is a share.
    pub relative: bool,
}

impl Growth {
    /// Whether growth can be told from none at all.
    pub fn is_distinguishable(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// Continues a history for `days` days.
///
/// The same history gives the same futures, and a longer horizon only adds days to them. Intervals are honest up to
/// about the length of the history.
pub fn forecast(history: &History, days: usize) -> Forecast {
    let season = Season::of(history);
    let (values, scale) = straight::scaled(season.without(history), history.scale(), season.parameters());
    let seed = seed(history.values());
    let random = |member: u64| Random::new(seed.wrapping_add(member));
    // A figure that never moved has errors of exactly zero, which no regression takes.
    let trend = straight::line(&values, season.parameters());
    let level = Dependent::<1>::fit(&values, season.parameters(), |_| [1.0]);
    let recent = Recent::fit(&values);
    let levels = trend.as_ref().map_or(EACH, levels);
    let still = |count: usize| vec![values.last().copied().unwrap_or(0.0); days * count];
    let members = [
        Smoothing::fit(&values).paths(&values, days, EACH, &mut random(0)),
        trend.as_ref().map_or_else(
            || still(2 * EACH - levels),
            |line| line.paths(days, 2 * EACH - levels, 1.0, &mut random(1)),
        ),
        level.as_ref().map_or_else(|| still(levels), |line| line.paths(days, levels, 1.0, &mut random(2))),
        recent.as_ref().map_or_else(|| still(EACH), |recent| recent.paths(days, EACH, &mut random(3))),
    ];
    Forecast {
        first_day: history.last_day().saturating_add(1),
        paths: season.put_back(history, scale, &members, days),
        growth: growth(trend.as_ref(), scale),
        change: recent.and_then(|recent| recent.change()),
        yearly: season.yearly.is_some(),
    }
}

/// How many futures a steady level gets of those it shares with the steady trend: half of them, and fewer the more
/// certain a trend is, `(4/t)²` for `t` standard errors. A figure that has grown for months does not return to its mean,
/// but few real figures grow as surely as that.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most what each member has")]
fn levels(trend: &Dependent<2>) -> usize {
    const SURE: f64 = 4.0;
    let errors = trend.regression.coefficients[1] / trend.error(1);
    let share = (SURE / errors).powi(2);
    if share < 1.0 { (share * EACH as f64).round() as usize } else { EACH }
}

/// What repeats every week and every year.
struct Season {
    weekly: Option<[f64; 7]>,
    /// The day number of the first value.
    first_day: i32,
    yearly: Option<yearly::Cycle>,
}

impl Season {
    fn of(history: &History) -> Self {
        let values = history.values();
        let start = values.len().saturating_sub(LOOK_BACK);
        // Whole weeks are skipped, so that days of the week stay what they are.
        let weekly = weekly::effects(&values[start - start % 7..], history.first_day());
        Self { weekly, first_day: history.first_day(), yearly: yearly::Cycle::find(values) }
    }

    /// How many parameters the days of the week took.
    fn parameters(&self) -> f64 {
        if self.weekly.is_some() { 6.0 } else { 0.0 }
    }

    /// What seasons add on a day, counted from the first value.
    fn effect(&self, index: usize) -> f64 {
        let weekly = self.weekly.map_or(0.0, |effects| effects[weekly::weekday(self.first_day, index)]);
        weekly + self.yearly.map_or(0.0, |cycle| cycle.effect(index as f64))
    }

    /// The last year of the history without its seasons.
    fn without(&self, history: &History) -> Vec<f64> {
        let start = history.days().saturating_sub(LOOK_BACK);
        let values = history.values().iter().enumerate().skip(start);
        values.map(|(index, value)| value - self.effect(index)).collect()
    }

    /// The futures of all members side by side, with their seasons, in the unit of the history.
    fn put_back(&self, history: &History, scale: Scale, members: &[Vec<f64>; 4], days: usize) -> Paths {
        let mut values = Vec::with_capacity(days * EACH * members.len());
        for day in 0..days {
            let effect = self.effect(history.days() + day);
            for member in members {
                let count = member.len() / days;
                let row = &member[day * count..(day + 1) * count];
                values.extend(row.iter().map(|value| scale.from(*value, effect)));
            }
        }
        Paths::new(values, EACH * members.len())
    }
}

fn growth(trend: Option<&Dependent<2>>, scale: Scale) -> Growth {
    let relative = matches!(scale, Scale::Logarithmic | Scale::Straight { .. });
    let Some(trend) = trend else { return Growth { low: 0.0, mid: 0.0, high: 0.0, relative } };
    let [level, slope] = trend.regression.coefficients;
    let month = |slope: f64| match scale {
        Scale::Logarithmic => (slope * MONTH).exp_m1(),
        // A line that has come down to nothing has no level to be a share of; the unit is one of the figure's own. No
        // positive figure loses more than all of itself.
        Scale::Straight { .. } => (slope * MONTH / if level > 0.0 { level } else { 1.0 }).max(-1.0),
        Scale::Plain | Scale::Signed => slope * MONTH,
    };
    let quantile = StudentsT::new(0.0, 1.0, trend.freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(0.95));
    let half = quantile * trend.error(1);
    Growth { low: month(slope - half), mid: month(slope), high: month(slope + half), relative }
}
