//! One shape of a figure, fitted.

use super::{
    bounds::Bounds,
    regression::{Ahead, Dependent},
    shapes::Change,
};
use crate::random::Random;

/// How many days ago a trend may have bent.
const BENDS: [usize; 11] = [8, 11, 14, 18, 21, 25, 30, 36, 43, 52, 63];
/// How many days ago a level may have stepped, and how many of the days with the largest steps are looked at.
const STEPS: std::ops::RangeInclusive<usize> = 3..=75;
const STEPS_FITTED: usize = 5;
/// How many days ago, and over how many days, a growth may have been used up.
const MIDDLES: [f64; 7] = [-66.0, -54.0, -44.0, -35.0, -27.0, -20.0, -14.0];
const WIDTHS: [f64; 3] = [3.0, 6.0, 11.0];
/// Days that must lie before a change.
const MIN_BEFORE: usize = 10;
/// Days from which a yearly wave can be distinguished from a bend.
const MOST_OF_A_YEAR: usize = 330;
const YEAR: f64 = 365.2425;
/// Days over which a flat level would show a slope.
const MONTH: f64 = 30.0;

/// What a figure did, with 0 as its last day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// Kept its level.
    Level,
    /// Grew steadily.
    Trend,
    /// Changed its growth so many days ago.
    Bend(usize),
    /// Changed its level so many days ago, flat before and since.
    Step(usize),
    /// The same between two stretches of the same growth.
    TrendStep(usize),
    /// Grew steadily until the growth was used up, `-ln(1 + exp(-(t - middle) / width))`.
    UsedUp { middle: f64, width: f64 },
    /// Went over from one level to another, `1 / (1 + exp(-(t - middle) / width))`.
    Wave { middle: f64, width: f64 },
    /// Goes with the time of the year.
    Year,
}

/// Shapes of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Level,
    Trend,
    Bend,
    Step,
    TrendStep,
    UsedUp,
    Wave,
    Year,
}

impl Family {
    pub(super) const ALL: [Self; 8] = [
        Self::Level,
        Self::Trend,
        Self::Bend,
        Self::Step,
        Self::TrendStep,
        Self::UsedUp,
        Self::Wave,
        Self::Year,
    ];

    /// How likely it is beforehand, by comparison with the others.
    pub(super) fn belief(self) -> f64 {
        match self {
            Self::Level | Self::Trend | Self::Year => 0.35,
            Self::Bend => 0.25,
            Self::Step | Self::TrendStep | Self::UsedUp | Self::Wave => 0.06,
        }
    }

    /// Whether nothing in particular happened.
    pub(super) fn is_steady(self) -> bool {
        matches!(self, Self::Level | Self::Trend | Self::Year)
    }

    /// Whether there are further shapes between those of the grid.
    pub(super) fn is_smooth(self) -> bool {
        matches!(self, Self::UsedUp | Self::Wave)
    }
}

impl Shape {
    /// Those that are tried on some values.
    pub(super) fn all(values: &[f64]) -> Vec<Self> {
        let days = values.len();
        let mut shapes = vec![Self::Level, Self::Trend];
        shapes.extend(BENDS.into_iter().filter(|age| age + MIN_BEFORE <= days).map(Self::Bend));
        shapes.extend(steps(values).into_iter().flat_map(|age| [Self::Step(age), Self::TrendStep(age)]));
        for middle in MIDDLES {
            let widths = WIDTHS.into_iter().filter(|width| days as f64 + middle >= MIN_BEFORE as f64 + width);
            shapes.extend(
                widths.flat_map(|width| [Self::UsedUp { middle, width }, Self::Wave { middle, width }]),
            );
        }
        if days >= MOST_OF_A_YEAR {
            shapes.push(Self::Year);
        }
        shapes
    }

    pub(super) fn family(self) -> Family {
        match self {
            Self::Level => Family::Level,
            Self::Trend => Family::Trend,
            Self::Bend(_) => Family::Bend,
            Self::Step(_) => Family::Step,
            Self::TrendStep(_) => Family::TrendStep,
            Self::UsedUp { .. } => Family::UsedUp,
            Self::Wave { .. } => Family::Wave,
            Self::Year => Family::Year,
        }
    }

    /// Shapes like it, `days` earlier and later and as much shorter and longer as 4 days are a third.
    pub(super) fn neighbours(self, days: f64) -> Vec<Self> {
        let factor = 1.0 + days / 12.0;
        let around = |middle: f64, width: f64| {
            [
                (middle - days, width),
                (middle + days, width),
                (middle, width / factor),
                (middle, width * factor),
            ]
        };
        match self {
            Self::UsedUp { middle, width } => {
                around(middle, width).map(|(middle, width)| Self::UsedUp { middle, width }).into()
            }
            Self::Wave { middle, width } => {
                around(middle, width).map(|(middle, width)| Self::Wave { middle, width }).into()
            }
            _ => Vec::new(),
        }
    }
}

impl Shape {
    /// Bends some days before and after.
    pub(super) fn bends_beside(self, days: usize) -> Vec<Self> {
        let Self::Bend(age) = self else { return Vec::new() };
        vec![Self::Bend(age.saturating_sub(days).max(BENDS[0])), Self::Bend(age + days)]
    }
}

/// The days at which the level changed most from one week to the next.
fn steps(values: &[f64]) -> Vec<usize> {
    let days = values.len();
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len().max(1) as f64;
    let change = |age: usize| {
        let at = days - age;
        let after = &values[at..(at + 7).min(days)];
        (mean(after) - mean(&values[at - 7..at])).abs() * (after.len() as f64).sqrt()
    };
    let mut ages: Vec<(usize, f64)> =
        STEPS.filter(|age| age + MIN_BEFORE <= days).map(|age| (age, change(age))).collect();
    ages.sort_by(|a, b| b.1.total_cmp(&a.1));
    ages.truncate(STEPS_FITTED);
    ages.into_iter().map(|(age, _)| age).collect()
}

/// What a growth lacks of its ceiling, in logarithms; its slope falls from `1 / width` to nothing.
fn lacking(day: f64, middle: f64, width: f64) -> f64 {
    let distance = (middle - day) / width;
    -(if distance > 30.0 { distance } else { distance.exp().ln_1p() })
}

/// What is left of a way from one level to another, from -1 to nothing.
fn remaining(day: f64, middle: f64, width: f64) -> f64 {
    -1.0 / (1.0 + ((day - middle) / width).exp())
}

fn year(day: f64) -> [f64; 2] {
    let (sine, cosine) = (std::f64::consts::TAU * day / YEAR).sin_cos();
    [sine, cosine]
}

/// A regression with as many columns as its shape has.
#[derive(Debug, Clone)]
enum Fit {
    One(Dependent<1>),
    Two(Dependent<2>),
    Three(Dependent<3>),
}

impl Fit {
    fn new(shape: Shape, values: &[f64], spent: f64) -> Option<Self> {
        // The age counts the days since; the first of them is the first of the new level.
        let before = |day: f64, age: usize| if day + (age as f64) < 0.5 { 1.0 } else { 0.0 };
        Some(match shape {
            Shape::Level => Self::One(Dependent::fit(values, spent, |_| [1.0])?),
            Shape::Trend => Self::Two(Dependent::fit(values, spent, |day| [1.0, day])?),
            Shape::Bend(age) => {
                Self::Three(Dependent::fit(values, spent, |day| [1.0, day, (day + age as f64).min(0.0)])?)
            }
            Shape::Step(age) => Self::Two(Dependent::fit(values, spent, |day| [1.0, before(day, age)])?),
            Shape::TrendStep(age) => {
                Self::Three(Dependent::fit(values, spent, |day| [1.0, day, before(day, age)])?)
            }
            Shape::UsedUp { middle, width } => {
                Self::Two(Dependent::fit(values, spent, |day| [1.0, lacking(day, middle, width)])?)
            }
            Shape::Wave { middle, width } => {
                Self::Two(Dependent::fit(values, spent, |day| [1.0, remaining(day, middle, width)])?)
            }
            Shape::Year => {
                let row = |day| {
                    let [sine, cosine] = year(day);
                    [1.0, sine, cosine]
                };
                Self::Three(Dependent::fit(values, spent, row)?)
            }
        })
    }

    fn columns(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Two(_) => 2,
            Self::Three(_) => 3,
        }
    }

    fn likelihood(&self) -> f64 {
        match self {
            Self::One(fit) => fit.likelihood(),
            Self::Two(fit) => fit.likelihood(),
            Self::Three(fit) => fit.likelihood(),
        }
    }

    fn paths(
        &self,
        bounds: Bounds,
        days: usize,
        count: usize,
        ahead: &Ahead<'_>,
        random: &mut Random,
    ) -> Vec<f64> {
        match self {
            Self::One(fit) => fit.paths(bounds, days, count, ahead, random),
            Self::Two(fit) => fit.paths(bounds, days, count, ahead, random),
            Self::Three(fit) => fit.paths(bounds, days, count, ahead, random),
        }
    }

    /// A coefficient with its standard error.
    fn coefficient(&self, index: usize) -> (f64, f64) {
        match self {
            Self::One(fit) => (fit.regression.coefficients[0], fit.error(0)),
            Self::Two(fit) => (fit.regression.coefficients[index.min(1)], fit.error(index.min(1))),
            Self::Three(fit) => (fit.regression.coefficients[index.min(2)], fit.error(index.min(2))),
        }
    }

    fn freedom(&self) -> f64 {
        match self {
            Self::One(fit) => fit.freedom,
            Self::Two(fit) => fit.freedom,
            Self::Three(fit) => fit.freedom,
        }
    }
}

/// A shape and how well it explains the past.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub shape: Shape,
    fit: Fit,
    /// The logarithm of the likelihood, less what its parameters cost.
    pub likelihood: f64,
    /// The logarithm of what is believed of it beforehand.
    pub belief: f64,
    /// The share of the futures.
    pub weight: f64,
    days: usize,
}

impl Candidate {
    pub(super) fn fit(shape: Shape, values: &[f64], spent: f64) -> Option<Self> {
        let fit = Fit::new(shape, values, spent)?;
        // Half the logarithm of the days for each parameter that a steady trend does not have (G. Schwarz, *Ann. Stat.*
        // 6, 1978): one for a change, and one for a second column.
        let family = shape.family();
        let further = fit.columns().saturating_sub(2) + usize::from(!family.is_steady() || fit.columns() > 2);
        let likelihood = fit.likelihood() - 0.5 * further as f64 * (values.len() as f64).ln();
        likelihood.is_finite().then_some(Self {
            shape,
            fit,
            likelihood,
            belief: 0.0,
            weight: 0.0,
            days: values.len(),
        })
    }

    pub(super) fn evidence(&self) -> f64 {
        self.likelihood + self.belief
    }

    /// The growth a day at present, its standard error, and its degrees of freedom.
    pub(super) fn growth(&self) -> (f64, f64, f64) {
        let (amount, error) = self.fit.coefficient(1);
        let (slope, error) = match self.shape {
            Shape::Level | Shape::Step(_) | Shape::Year => (0.0, self.fit.coefficient(0).1 / MONTH),
            Shape::Trend | Shape::Bend(_) | Shape::TrendStep(_) => (amount, error),
            Shape::UsedUp { .. } | Shape::Wave { .. } => (amount * self.rate(0.0), error * self.rate(0.0)),
        };
        (slope, error, self.fit.freedom())
    }

    /// How fast a smooth shape grows on a day, for an amount of 1.
    fn rate(&self, day: f64) -> f64 {
        let share = |middle: f64, width: f64| 1.0 / (1.0 + ((day - middle) / width).exp());
        match self.shape {
            Shape::UsedUp { middle, width } => share(middle, width) / width,
            Shape::Wave { middle, width } => {
                let left = share(middle, width);
                left * (1.0 - left) / width
            }
            _ => 0.0,
        }
    }

    /// What changed, as the figures show it.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "days of at most a year")]
    pub(super) fn change(&self) -> Option<Change> {
        let coefficient = |index| self.fit.coefficient(index);
        let errors = |(amount, error): (f64, f64)| (amount / error).abs();
        let growth = self.growth().0;
        Some(match self.shape {
            Shape::Level | Shape::Trend | Shape::Year => return None,
            Shape::Bend(days_ago) => Change {
                days_ago,
                before: growth + coefficient(2).0,
                since: growth,
                step: None,
                errors: errors(coefficient(2)),
            },
            Shape::Step(days_ago) | Shape::TrendStep(days_ago) => {
                let step = coefficient(self.fit.columns() - 1);
                Change { days_ago, before: growth, since: growth, step: Some(-step.0), errors: errors(step) }
            }
            Shape::UsedUp { middle, width } => Change {
                days_ago: (-middle).round() as usize,
                before: coefficient(1).0 / width,
                since: growth,
                step: None,
                errors: errors(coefficient(1)),
            },
            Shape::Wave { middle, .. } => Change {
                days_ago: (-middle).round() as usize,
                before: coefficient(1).0 * self.rate(middle),
                since: growth,
                step: None,
                errors: errors(coefficient(1)),
            },
        })
    }

    /// Possible futures, one row of `count` values for each day.
    pub(super) fn paths(&self, bounds: Bounds, days: usize, count: usize, random: &mut Random) -> Vec<f64> {
        let run = |ahead: &Ahead<'_>, random: &mut Random| self.fit.paths(bounds, days, count, ahead, random);
        match self.shape {
            Shape::Trend | Shape::TrendStep(_) => run(&Ahead::Slope { seen: self.days }, random),
            Shape::Bend(seen) => run(&Ahead::Slope { seen }, random),
            Shape::Level | Shape::Step(_) => run(&Ahead::Shape(&|_| [0.0; 2]), random),
            Shape::UsedUp { middle, width } => {
                run(&Ahead::Shape(&|day| [lacking(day as f64, middle, width), 0.0]), random)
            }
            Shape::Wave { middle, width } => {
                run(&Ahead::Shape(&|day| [remaining(day as f64, middle, width), 0.0]), random)
            }
            Shape::Year => run(&Ahead::Shape(&|day| year(day as f64)), random),
        }
    }
}
