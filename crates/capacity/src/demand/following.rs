//! How much of what errors keep from hour to hour is taken out before relations are fitted.
//!
//! Errors of neighbouring hours follow each other, so what is new in an hour shows a relation more precisely than the hour
//! itself: intervals of the saturation load become a fifth narrower where a signal flattens. But what is new in a load is
//! also where its inaccuracy is largest, which makes relations look flatter and saturation loads higher than they are.

use super::{
    days::{Column, dependence},
    history::{Present, best},
};
use crate::{quantile::interpolated, random::Random};

/// The share of the dependence that is taken out. With all of it, an inaccurate load of 1% noise already raises saturation
/// loads by 1%; half has most of the gain and hardly any of that.
const TAKEN: f64 = 0.5;
/// The share with which it is tested whether anything may be taken out.
const TESTED: f64 = 0.8;
/// Standard errors by which the two relations may differ.
const DIFFER: f64 = 2.0;
/// Choices of days from which that error is estimated.
const CHOICES: usize = 100;

/// The share of each error to take out of the next: half of what it keeps, or 0 where taking out changes the relation.
///
/// With an accurate load and the right shape, the relations with and without are the same but for chance; otherwise they
/// differ systematically, the more the more is taken out. Source: J. Hausman, *Econometrica* 46 (1978), with the error of
/// the difference from resampled days.
pub(super) fn taken_out(present: &Present, random: &mut Random) -> Option<f64> {
    if present.wall.is_some() {
        // Hours at a wall are left out, so that the others are not neighbours.
        return Some(0.0);
    }
    let samples = present.samples();
    let days = present.columns.first()?.count();
    let likeliest = best(&present.columns, 0..days)?.relation;
    let dependence = dependence(samples, &likeliest);
    let column =
        |share: f64| Column::innovations(likeliest.shape, samples, likeliest.unit, share * dependence);
    let (plain, tested) = (column(0.0), column(TESTED));
    let [quiet, busy] = [0.05, 0.95].map(|level| interpolated(&mut samples.load.to_vec(), level));
    let (quiet, busy) = (quiet?, busy?);
    let rise = |column: &Column, chosen: &[usize]| {
        let relation = column.fit(chosen.iter().copied())?.relation;
        Some(relation.signal(busy, 0.0) - relation.signal(quiet, 0.0))
    };
    let difference = |chosen: &[usize]| Some(rise(&tested, chosen)? - rise(&plain, chosen)?);
    let found = difference(&(0..days).collect::<Vec<_>>())?;
    let mut choose = || (0..days).map(|_| random.below(days)).collect::<Vec<_>>();
    let drawn = (0..CHOICES).filter_map(|_| difference(&choose()));
    let squares: f64 = drawn.map(|difference| (difference - found).powi(2)).sum();
    let error = (squares / CHOICES as f64).sqrt();
    Some(if found.abs() > DIFFER * error { 0.0 } else { TAKEN * dependence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::Samples;

    /// What is taken out of four weeks of hours of which errors keep 0.8, with so much noise in the load measured.
    fn taken(noise: f64, seed: u64) -> f64 {
        let mut random = Random::new(seed);
        let (mut load, mut signal, mut day) = (Vec::new(), Vec::new(), Vec::new());
        let (mut wanders, mut error) = (0.0, 0.0);
        for hour in 0..28 * 24 {
            wanders = 0.7 * wanders + 0.035 * random.normal();
            error = 0.8 * error + 0.018 * random.normal();
            let wave = (std::f64::consts::TAU * f64::from(hour) / 24.0).sin();
            let true_load = (200.0 + 100.0 * wave) * f64::exp(wanders);
            load.push(true_load * (noise * random.normal()).exp());
            signal.push(0.1 + 0.002 * true_load + error);
            day.push(hour / 24);
        }
        let present = Present::find(Samples { load: &load, signal: &signal, day: &day });
        taken_out(&present, &mut random).unwrap()
    }

    #[test]
    fn dependence_is_taken_out_only_where_the_load_is_accurate() {
        let count = |noise: f64| (0..20).filter(|seed| taken(noise, *seed) > 0.3).count();
        let [accurate, inaccurate] = [0.0, 0.04].map(count);
        assert!(accurate >= 16 && inaccurate <= 1, "{accurate} {inaccurate} of 20");
    }
}
