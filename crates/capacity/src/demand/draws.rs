//! Relations that resampled days support.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{
    autocorrelation::{effective_size, removable},
    days::{Column, Fitted, residuals},
    history::{OwnGrowth, Present, best},
    relation::{Relation, Shape},
};
use crate::random::Random;

/// Resampled relations.
const DRAWS: usize = 400;

/// Relations through choices of days, and the likeliest.
pub(super) struct Drawn {
    pub middle: Relation,
    pub relations: Vec<Relation>,
    /// The share of the variance that the load explains.
    pub explained: f64,
}

/// What a shape that is not in proportion must explain better, in doubled logarithms of the likelihood.
const PLAIN: f64 = 3.0;
/// Shapes are tried on every choice of days if all days together support them nearly as well as the best.
const NEARLY: f64 = 14.0;

impl Drawn {
    /// Through [`DRAWS`] choices of as many days with replacement, each with the shape that fits it best. Deviations
    /// are widened for the parameters and for few days: by `√(k/(k-2))` and by how much wider Student's t with `k - 1`
    /// degrees of freedom is than the normal distribution.
    pub(super) fn new(present: &Present, random: &mut Random) -> Option<Self> {
        let samples = present.samples();
        let days = present.columns.first()?.count();
        let removed = removable(present)?;
        let unit = samples.load.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let column = |shape| Column::quasi_differences(shape, samples, unit, removed);
        let mut columns: Vec<Column> = present.columns.iter().map(|plain| column(plain.shape)).collect();
        for distance in BETWEEN {
            let best = best(&columns, 0..days)?.relation.shape;
            // A queue that is nearly full already has no shape beyond its end.
            let possible = |shape: &Shape| !matches!(shape, Shape::Queue { most } if *most <= 1.005 * unit);
            let between = best.neighbours(distance).into_iter().filter(possible);
            columns.extend(between.map(column));
        }
        let free = effective_size(samples, &best(&columns, 0..days)?.relation, removed);
        let worse = |shape: Shape| {
            let same = |(other, _): &&(Shape, f64)| similar(shape, *other);
            let before = present.before.iter().find(same).map_or(0.0, |(_, worse)| *worse);
            BEFORE * before + if shape == Shape::Line { 0.0 } else { PLAIN }
        };
        let score = |fit: &Fitted| free * fit.squares.max(f64::MIN_POSITIVE).ln() + worse(fit.relation.shape);
        let scored = |fit: Fitted| (score(&fit), fit);
        let fits: Vec<(&Column, (f64, Fitted))> =
            columns.iter().filter_map(|column| Some((column, scored(column.fit(0..days)?)))).collect();
        let (least, middle) = fits.iter().map(|(_, fit)| fit).min_by(|a, b| a.0.total_cmp(&b.0))?;
        let near: Vec<(&Column, Relation)> = fits
            .iter()
            .filter(|(_, (score, _))| *score < least + NEARLY)
            .map(|(column, (_, fit))| (*column, fit.relation))
            .collect();
        let count = days as f64;
        let student = StudentsT::new(0.0, 1.0, (count - 1.0).max(1.0)).map_or(2.0, |t| t.inverse_cdf(0.95));
        let widening = (count / (count - 2.0).max(1.0)).sqrt() * student / NORMAL;
        let mut relations = Vec::with_capacity(DRAWS);
        for _ in 0..DRAWS {
            let chosen: Vec<usize> = (0..days).map(|_| random.below(days)).collect();
            let fits = near
                .iter()
                .filter_map(|(column, centre)| Some((scored(column.fit(chosen.iter().copied())?), centre)));
            let best = fits.min_by(|((a, _), _), ((b, _), _)| a.total_cmp(b));
            let Some(((_, drawn), centre)) = best else { continue };
            let own = present.own.map_or(0.0, |own| own.error * random.student((count - 2.0).max(2.0)));
            relations.push(widened(centre, &drawn.relation, widening, present.own, own));
        }
        let mean = samples.signal.iter().sum::<f64>() / samples.signal.len() as f64;
        let all: f64 = samples.signal.iter().map(|signal| (signal - mean).powi(2)).sum();
        let unexplained: f64 = residuals(samples, &middle.relation).iter().map(|rest| rest * rest).sum();
        let explained = if all > 0.0 { (1.0 - unexplained / all).clamp(0.0, 1.0) } else { 0.0 };
        let own = present.own.map_or(0.0, |own| own.per_day);
        Some(Self { middle: Relation { own, ..middle.relation }, relations, explained })
    }
}

/// How far, as shares, shapes are looked for beside the best.
const BETWEEN: [f64; 4] = [0.1, 0.05, 0.025, 0.0125];

/// How much of what shapes were worse by before a change counts after it.
const BEFORE: f64 = 0.5;
/// The 95% quantile of the normal distribution.
const NORMAL: f64 = 1.644_853_626_951_472_2;

/// Whether two shapes are the same but for the loads that were seen.
fn similar(shape: Shape, other: Shape) -> bool {
    match (shape, other) {
        (Shape::Queue { most: a }, Shape::Queue { most: b }) => (a / b - 1.0).abs() < 0.06,
        (Shape::Hinge { .. }, Shape::Hinge { .. }) => true,
        _ => shape == other,
    }
}

/// A drawn relation, as far again from the one through all days; `own` is what its own growth differs by.
fn widened(
    centre: &Relation,
    drawn: &Relation,
    factor: f64,
    own: Option<OwnGrowth>,
    differs: f64,
) -> Relation {
    let wider = |centre: f64, drawn: f64| centre + (drawn - centre) * factor;
    // With a faster growth of its own the signal was lower in the middle of the measurements than it is now.
    let since_middle = own.map_or(0.0, |own| own.middle * differs);
    Relation {
        background: wider(centre.background, drawn.background) + since_middle,
        amount: wider(centre.amount, drawn.amount),
        more: wider(centre.more, drawn.more),
        own: own.map_or(0.0, |own| own.per_day + differs),
        ..*drawn
    }
}

/// Raises half of the relations by what peak hours lie above them: an hour is as likely to lie below as above, and only
/// those above end at a smaller load.
pub(super) fn raise(relations: &mut [Relation], above: &[f64], random: &mut Random) {
    if above.is_empty() {
        return;
    }
    for relation in relations {
        relation.background += above[random.below(above.len())].max(0.0);
    }
}
