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
mod fitted;
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
pub use fitted::Fitted;
pub use history::{History, MIN_DAYS, NotEnough};
pub use paths::{Crossing, LEVELS, Paths};
pub use shapes::Change;

use history::Scale;
use shapes::Shapes;

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
    let fitted = Fitted::new(history);
    Forecast {
        first_day: fitted.first_day(),
        paths: fitted.paths(days),
        growth: fitted.growth(),
        change: fitted.change(),
        yearly: fitted.is_yearly(),
    }
}

/// A step as a share, where figures grow in proportion.
fn in_shares(change: Change, scale: Scale) -> Change {
    let share = |step: f64| if scale == Scale::Logarithmic { step.exp_m1() } else { step };
    Change { step: change.step.map(share), ..change }
}

fn of_shapes(shapes: Option<&Shapes>, values: &[f64], scale: Scale) -> Growth {
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
