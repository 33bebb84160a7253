//! How a daily figure goes on: possible futures, their bands, and when they reach a limit.
//!
//! A mixture of four ways to go on, because each alone is too sure of itself: a damped trend
//! (`smoothing`), a steady trend and a steady level with errors that follow each other (`regression`), and the trend
//! since its last bend (`trend_change`). Before, the days of the week and, with two years, the time of the year are taken
//! out; afterwards they are put back. Positive figures are continued as logarithms, unless they clearly grow by the same
//! amount each day (`history::scaled`). Values are daily peak-hour figures; days on which nothing is known are missing,
//! not zero.
//!
//! How well the bands and dates hold on simulated and on real series is in `benches/README.md`.

mod assumed;
mod history;
mod paths;
mod regression;
mod seasons;
mod smoothing;
mod trend_change;

use statrs::distribution::{ContinuousCDF, StudentsT};

pub use assumed::assumed_growth;
pub use history::{History, MIN_DAYS, NotEnough};
pub use paths::{Crossing, LEVELS, Paths};
pub use trend_change::Change;

use crate::capacity::random::{Random, seed};
use history::Scale;
use regression::Dependent;
use seasons::Season;
use smoothing::Smoothing;
use trend_change::Recent;

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
    let season = Season::find(history);
    let (values, scale) = history::scaled(season.without(history), history.scale(), season.parameters());
    let seed = seed(history.values());
    let random = |member: u64| Random::new(seed.wrapping_add(member));
    // A figure that never moved has errors of exactly zero, which no regression takes.
    let trend = history::line(&values, season.parameters());
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
        yearly: season.is_yearly(),
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
