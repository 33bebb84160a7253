//! What the relation did over the days: a release, a leak, a wall.

use super::{
    Samples,
    autocorrelation::effective_size,
    days::{Column, Fitted, daily_means, residuals},
    relation::{Relation, Shape},
};
use crate::quantile::interpolated;

/// Samples of which the relation is the same all the time.
#[derive(Debug, Clone)]
pub(super) struct Present {
    pub load: Vec<f64>,
    /// Without what grew by itself: as it would have been on the last day.
    pub signal: Vec<f64>,
    pub day: Vec<i32>,
    /// The first day that counts, and by how much the demand changed there as a share; `None` where it never did.
    pub changed: Option<Changed>,
    pub own: Option<OwnGrowth>,
    /// The value that the signal does not go beyond whatever the load is.
    pub wall: Option<f64>,
    /// Shapes that were worse before the change, and by how much.
    pub before: Vec<(Shape, f64)>,
    /// Every shape over these days, the line first.
    pub columns: Vec<Column>,
}

/// When the demand changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Changed {
    /// The first day of the new demand.
    pub day: i32,
    /// By how much the demand of a peak hour changed, -0.4 for 40% less.
    pub by: f64,
}

/// What a signal grows by whatever the load does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnGrowth {
    /// A day, in the unit of the signal.
    pub per_day: f64,
    /// Its standard error.
    pub error: f64,
    /// How many days before the last one the middle of the measurements lies.
    pub(super) middle: f64,
}

/// How much more likely a change must make the measurements, in doubled logarithms: it has three parameters, and every
/// day is looked at.
const CHANGED: f64 = 18.0;
/// The fewest days on either side of a change.
const FEWEST_BEFORE: usize = 4;
const FEWEST_SINCE: usize = 3;
/// Standard errors, and the share of the busy signal over the measurements, from which growth is the signal's own.
const OWN_ERRORS: f64 = 5.0;
const OWN_SHARE: f64 = 0.03;
/// Rounds in which the relation and the own growth are estimated in turn.
const ROUNDS: usize = 6;

impl Present {
    pub(super) fn find(samples: Samples<'_>) -> Self {
        let mut present = Self {
            load: samples.load.to_vec(),
            signal: samples.signal.to_vec(),
            day: samples.day.to_vec(),
            changed: None,
            own: None,
            wall: None,
            before: Vec::new(),
            columns: Vec::new(),
        };
        present.leave_out_wall();
        present.columns = columns(present.samples());
        // The newest change counts; a leak is no change of the demand, and explains the same days better.
        let own = loop {
            let own = present.own_growth();
            match present.change() {
                Some((kept, by)) if !own.is_some_and(|(_, better)| better) => present.keep_since(kept, by),
                _ => break own,
            }
            present.columns = columns(present.samples());
        };
        if let Some((own, _)) = own {
            present.take_out(own);
            present.columns = columns(present.samples());
        }
        present
    }

    pub(super) fn samples(&self) -> Samples<'_> {
        Samples { load: &self.load, signal: &self.signal, day: &self.day }
    }

    /// Where many hours of different loads have the same highest value, nothing goes beyond it: what lies there says
    /// nothing about the demand.
    fn leave_out_wall(&mut self) {
        let top = self.signal.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let low = interpolated(&mut self.signal.clone(), 0.05).unwrap_or(top);
        let near = |signal: f64| signal >= top - WALL_WIDTH * (top - low);
        let mut there: Vec<f64> = self
            .load
            .iter()
            .zip(&self.signal)
            .filter(|(_, signal)| near(**signal))
            .map(|(load, _)| *load)
            .collect();
        if there.len() < WALL_HOURS || (there.len() as f64) < WALL_SHARE * self.signal.len() as f64 {
            return;
        }
        let quantile = |there: &mut Vec<f64>, level| interpolated(there, level).unwrap_or(0.0);
        let (from, to) = (quantile(&mut there, 0.05), quantile(&mut there, 0.95));
        let days =
            self.day.iter().zip(&self.signal).filter(|(_, signal)| near(**signal)).map(|(day, _)| *day);
        let mut days: Vec<i32> = days.collect();
        days.dedup();
        let below = self.load.iter().filter(|load| **load < from).count();
        if to < from * WALL_LOADS || days.len() < 2 || below < self.load.len() / 3 {
            return;
        }
        self.wall = Some(top);
        let kept: Vec<bool> = self.load.iter().map(|load| *load < from).collect();
        let mut places = kept.iter();
        self.load.retain(|_| *places.next().unwrap_or(&true));
        let mut places = kept.iter();
        self.signal.retain(|_| *places.next().unwrap_or(&true));
        let mut places = kept.iter();
        self.day.retain(|_| *places.next().unwrap_or(&true));
    }

    /// The place of the first sample since the newest change, and by how much the demand changed.
    fn change(&self) -> Option<(usize, f64)> {
        let line = self.columns.first()?;
        let days = line.count();
        if days < FEWEST_BEFORE + FEWEST_SINCE {
            return None;
        }
        let whole = best(&self.columns, 0..days)?;
        let split = |at: usize| Some((line.fit(0..at)?, line.fit(at..days)?));
        let squares =
            |at: usize| split(at).map_or(f64::INFINITY, |(before, since)| before.squares + since.squares);
        let places = (FEWEST_BEFORE..days).map(|at| (at, squares(at)));
        let (at, _) = places.min_by(|(_, a), (_, b)| a.total_cmp(b))?;
        // What changed yesterday is not known well enough for a new relation; that the old one does not hold is seen by
        // the newest days.
        let at = Some(at).filter(|at| days - at >= FEWEST_SINCE)?;
        let (before, since) = split(at)?;
        let numbers = numbers(&self.day);
        let (first, second) = self.split_at(numbers.get(at)?.1);
        let free =
            effective_size(first, &before.relation, 0.0) + effective_size(second, &since.relation, 0.0);
        let evidence = free * (whole.squares / (before.squares + since.squares).max(f64::MIN_POSITIVE)).ln();
        let busy = interpolated(&mut self.load.clone(), 0.9).unwrap_or(0.0);
        let by = since.relation.signal(busy, 0.0) / before.relation.signal(busy, 0.0) - 1.0;
        let told = evidence > CHANGED && by.abs() > CHANGED_BY;
        told.then(|| (self.hour_of_change(&numbers, at, &before.relation, &since.relation), by))
    }

    /// The sample with which a change on about the day `at` began: a release is no midnight.
    fn hour_of_change(
        &self,
        numbers: &[(i32, usize)],
        at: usize,
        before: &Relation,
        since: &Relation,
    ) -> usize {
        let border = |day: usize| numbers.get(day).map_or(self.load.len(), |(_, place)| *place);
        let (from, to) = (border(at - 1), border(at + 1));
        let samples = || self.load[from..to].iter().zip(&self.signal[from..to]);
        let square =
            |relation: &Relation, load: f64, signal: f64| (signal - relation.signal(load, 0.0)).powi(2);
        // By how much the old relation is better, summed up to each sample: the new one begins where that is largest.
        let mut better = 0.0;
        let sums = samples().map(|(load, signal)| {
            better += square(since, *load, *signal) - square(before, *load, *signal);
            better
        });
        let best = std::iter::once(0.0).chain(sums).enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        from + best.map_or(0, |(place, _)| place)
    }

    fn split_at(&self, place: usize) -> (Samples<'_>, Samples<'_>) {
        let part = |range: std::ops::Range<usize>| Samples {
            load: &self.load[range.clone()],
            signal: &self.signal[range.clone()],
            day: &self.day[range],
        };
        (part(0..place), part(place..self.load.len()))
    }

    fn keep_since(&mut self, place: usize, by: f64) {
        let (before, _) = self.split_at(place);
        let columns = columns(before);
        let line = columns.first().map_or(0, Column::count);
        let fits: Vec<(Shape, f64)> =
            columns.iter().filter_map(|column| Some((column.shape, column.fit(0..line)?.squares))).collect();
        let least = fits.iter().map(|(_, squares)| *squares).fold(f64::INFINITY, f64::min);
        let free = best(&columns, 0..line).map_or(1.0, |fit| effective_size(before, &fit.relation, 0.0));
        self.before =
            fits.into_iter().map(|(shape, squares)| (shape, free * (squares / least).ln())).collect();
        self.changed = self.day.get(place).map(|day| Changed { day: *day, by });
        self.load.drain(..place);
        self.signal.drain(..place);
        self.day.drain(..place);
    }

    /// What the signal grows by itself, where that is clear, and whether it explains the days better than the change of
    /// a day does.
    fn own_growth(&self) -> Option<(OwnGrowth, bool)> {
        let numbers = numbers(&self.day);
        if numbers.len() < 8 {
            return None;
        }
        let last = f64::from(self.day.last().copied()?);
        let ages: Vec<f64> = numbers.iter().map(|(day, _)| f64::from(*day) - last).collect();
        let mut per_day = 0.0;
        let mut found = None;
        let likeliest = best(&self.columns, 0..ages.len())?.relation;
        for _ in 0..ROUNDS {
            let signal = self.without(per_day);
            let flat = Samples { signal: &signal, ..self.samples() };
            let fit = Column::new(likeliest.shape, flat, likeliest.unit).fit(0..ages.len())?;
            let means = daily_means(&residuals(flat, &fit.relation), &self.day);
            let (more, error) = slope(&ages, &means)?;
            per_day += more;
            found = Some((error, fit.squares));
        }
        let (error, squares) = found?;
        let span = ages.last()? - ages.first()?;
        let busy = interpolated(&mut self.signal.clone(), 0.95)?.abs();
        let clear = per_day.abs() > OWN_ERRORS * error && (per_day * span).abs() > OWN_SHARE * busy;
        let middle = -ages.iter().sum::<f64>() / ages.len() as f64;
        let line = Column::new(Shape::Line, self.samples(), likeliest.unit);
        let split = |at: usize| Some(line.fit(0..at)?.squares + line.fit(at..ages.len())?.squares);
        let places = FEWEST_BEFORE..=ages.len().saturating_sub(FEWEST_SINCE);
        let changed = places.filter_map(split).fold(f64::INFINITY, f64::min);
        clear.then_some((OwnGrowth { per_day, error, middle }, squares < changed))
    }

    fn without(&self, per_day: f64) -> Vec<f64> {
        let last = self.day.last().copied().map_or(0.0, f64::from);
        let flat = |(signal, day): (&f64, &i32)| signal - per_day * (f64::from(*day) - last);
        self.signal.iter().zip(&self.day).map(flat).collect()
    }

    fn take_out(&mut self, own: OwnGrowth) {
        self.signal = self.without(own.per_day);
        self.own = Some(own);
    }
}

/// The share of hours, and how many, that lie at a wall; how near to it, and how much their loads differ.
const WALL_SHARE: f64 = 0.02;
const WALL_HOURS: usize = 8;
const WALL_WIDTH: f64 = 0.004;
const WALL_LOADS: f64 = 1.08;
/// A change of the demand that matters.
const CHANGED_BY: f64 = 0.03;

/// How much wider the error of the own growth is than its residuals show.
const UNSEEN: f64 = 1.2;

/// Every shape over the days of some samples, the line first.
fn columns(samples: Samples<'_>) -> Vec<Column> {
    let highest = samples.load.iter().copied().fold(0.0, f64::max);
    let bends = BENDS.map(|level| interpolated(&mut samples.load.to_vec(), level).unwrap_or(0.0));
    let new = |shape| Column::new(shape, samples, highest.max(f64::MIN_POSITIVE));
    Shape::all(highest, &bends).into_iter().map(new).collect()
}

/// Shares of the hours above which a line may bend.
const BENDS: [f64; 3] = [0.6, 0.75, 0.88];

/// The shape with the smallest residuals.
pub(super) fn best(columns: &[Column], days: std::ops::Range<usize>) -> Option<Fitted> {
    let fits = columns.iter().filter_map(|column| column.fit(days.clone()));
    fits.min_by(|a, b| a.squares.total_cmp(&b.squares))
}

/// The days in order, each with the place of its first sample.
fn numbers(day: &[i32]) -> Vec<(i32, usize)> {
    let mut numbers: Vec<(i32, usize)> = Vec::new();
    for (place, day) in day.iter().enumerate() {
        if numbers.last().is_none_or(|(last, _)| last != day) {
            numbers.push((*day, place));
        }
    }
    numbers
}

/// The slope through daily values with its standard error, widened by how much each follows the one before.
fn slope(ages: &[f64], values: &[f64]) -> Option<(f64, f64)> {
    let count = ages.len() as f64;
    let (age, value) = (ages.iter().sum::<f64>() / count, values.iter().sum::<f64>() / count);
    let squares: f64 = ages.iter().map(|other| (other - age).powi(2)).sum();
    let together: f64 = ages.iter().zip(values).map(|(a, v)| (a - age) * (v - value)).sum();
    let slope = together / squares;
    let errors: Vec<f64> = ages.iter().zip(values).map(|(a, v)| v - value - slope * (a - age)).collect();
    let all: f64 = errors.iter().map(|error| error * error).sum();
    let following: f64 = errors.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let dependence = if all > 0.0 { (following / all).clamp(0.0, 0.9) } else { 0.0 };
    let variance = all / (count - 2.0).max(1.0) * (1.0 + dependence) / (1.0 - dependence);
    // What the relation took of the slope is not in the residuals.
    let error = UNSEEN * (variance / squares).sqrt();
    (slope.is_finite() && error.is_finite()).then_some((slope, error))
}
