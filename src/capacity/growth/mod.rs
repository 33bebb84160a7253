//! How a daily figure continues: possible futures, their bands, and when they reach a limit.
//!
//! A mixture of the shapes that the past may have had, each weighted by how well the past supports it (`shapes`), and
//! of a damped trend (`smoothing`). Before, the days of the week and, with two years, the time of the year are taken
//! out; afterwards they are put back. Single days far from all others do not count (`cleaning`). Positive figures are
//! continued as logarithms, unless they clearly grow by the same amount each day (`history::scaled`). Values are daily
//! peak-hour figures; days on which nothing is known are missing, not zero.
//!
//! How well the bands and dates hold on simulated and on real series is in `benches/README.md`.

mod assumed;
mod bounds;
mod cleaning;
mod history;
mod paths;
mod regression;
mod saw_tooth;
mod seasons;
mod shape;
mod shapes;
mod smoothing;

use statrs::distribution::{ContinuousCDF, StudentsT};

pub use assumed::assumed_growth;
pub use history::{History, MIN_DAYS, NotEnough};
pub use paths::{Crossing, LEVELS, Paths};
pub use shapes::Change;

use crate::capacity::random::{Random, seed};
use bounds::Bounds;
use history::Scale;
use saw_tooth::SawTooth;
use seasons::Season;
use shapes::Shapes;
use smoothing::Smoothing;

/// How many futures there are.
pub const FUTURES: usize = 600;
/// The share of them that the smoothing has where it explains the past as well as the best shape.
const SMOOTHED: f64 = 0.15;
/// Days that the members use; what is older only shows the time of the year.
const LOOK_BACK: usize = 365;
/// A month, for growth.
const MONTH: f64 = 30.0;

/// What may become of a daily figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The day after the last one of the history.
    pub first_day: i32,
    /// Possible futures, [`FUTURES`] of them.
    pub paths: Paths,
    /// The growth at present: since the last change, or of the whole history.
    pub growth: Growth,
    /// A change of the trend within the last weeks that is more than chance. Forecasts then follow the new trend, and
    /// come with a warning: no past can show whether it lasts.
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
    /// Whether growth is statistically significant.
    pub fn is_distinguishable(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// Continues a history for `days` days.
///
/// The same history gives the same futures, and a longer horizon only adds days to them. Intervals are honest up to
/// about the length of the history.
pub fn forecast(history: &History, days: usize) -> Forecast {
    let recent = &history.values()[history.days().saturating_sub(LOOK_BACK)..];
    let saws = SawTooth::find(recent).is_some();
    let season = if saws { Season::none(history) } else { Season::find(history) };
    let (values, scale) = history::scaled(season.without(history), history.scale(), season.parameters());
    let teeth = Some(&values).filter(|_| saws).and_then(|values| SawTooth::find(values));
    let values = teeth.as_ref().map_or_else(|| cleaning::cleaned(&values), |teeth| teeth.peaks.clone());
    let seed = seed(history.values());
    let random = |member: u64| Random::new(seed.wrapping_add(member));
    // A figure that never moved has errors of exactly zero, which no regression takes.
    let unit = match scale {
        Scale::Logarithmic | Scale::Straight { .. } => 1.0,
        Scale::Plain | Scale::Signed => {
            values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64
        }
    };
    let bounds = Bounds::new(&values[values.len().saturating_sub(shapes::WINDOW)..], unit, scale);
    let shapes = Shapes::fit(&values, season.parameters(), bounds, unit);
    let smoothing = Smoothing::fit(&values);
    let smoothed = shapes.as_ref().map_or(FUTURES, |shapes| {
        smoothed(smoothing.likelihood(shapes::WINDOW, season.parameters()) - shapes.likelihood())
    });
    let shaped = shapes.as_ref().map(|shapes| shapes.paths(days, FUTURES - smoothed, &mut random(1)));
    let mut members = [
        (smoothed, smoothing.paths(&values, bounds, days, smoothed, &mut random(0))),
        (FUTURES - smoothed, shaped.unwrap_or_default()),
    ];
    if let Some(teeth) = &teeth {
        for (member, (count, paths)) in (2..).zip(&mut members) {
            teeth.lower(paths, *count, &mut random(member));
        }
    }
    Forecast {
        first_day: history.last_day().saturating_add(1),
        paths: season.put_back(history, scale, &members, days),
        growth: growth(shapes.as_ref(), &values, scale),
        change: shapes.as_ref().and_then(Shapes::change).map(|change| in_shares(change, scale)),
        yearly: season.is_yearly(),
    }
}

/// How many futures the smoothing gets, which is favoured by so much over the best shape.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most all of them")]
fn smoothed(evidence: f64) -> usize {
    (FUTURES as f64 * SMOOTHED * (evidence / 3.0).min(0.0).exp()).round() as usize
}

/// A step as a share, where figures grow in proportion.
fn in_shares(change: Change, scale: Scale) -> Change {
    let share = |step: f64| if scale == Scale::Logarithmic { step.exp_m1() } else { step };
    Change { step: change.step.map(share), ..change }
}

fn growth(shapes: Option<&Shapes>, values: &[f64], scale: Scale) -> Growth {
    let relative = matches!(scale, Scale::Logarithmic | Scale::Straight { .. });
    let Some((slope, error, freedom)) = shapes.and_then(Shapes::growth) else {
        return Growth { low: 0.0, mid: 0.0, high: 0.0, relative };
    };
    let level = values.last().copied().unwrap_or(0.0);
    let month = |slope: f64| match scale {
        Scale::Logarithmic => (slope * MONTH).exp_m1(),
        // A line that has come down to nothing has no level to be a share of; the unit is one of the figure's own. No
        // positive figure loses more than all of itself.
        Scale::Straight { .. } => (slope * MONTH / if level > 0.0 { level } else { 1.0 }).max(-1.0),
        Scale::Plain | Scale::Signed => slope * MONTH,
    };
    let quantile = StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(0.95));
    let half = quantile * error;
    Growth { low: month(slope - half), mid: month(slope), high: month(slope + half), relative }
}
