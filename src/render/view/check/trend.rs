//! A series as a small curve of characters.

use crate::{
    render::chart::level_characters,
    signal::{Direction, Series},
};

/// A curve of `width` characters over `from_ms..=to_ms`, each showing the worst sample of its interval, from zero to
/// the largest value. Stretches without samples are blank. Nothing for a single reading.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares of a width are small and not negative"
)]
pub(super) fn sparkline(
    series: &Series,
    direction: Direction,
    from_ms: i64,
    to_ms: i64,
    width: usize,
) -> String {
    if series.is_spot() || width == 0 || to_ms <= from_ms {
        return String::new();
    }
    let mut stretches: Vec<Option<f64>> = vec![None; width];
    for (&at, &value) in series.at_ms().iter().zip(series.values()) {
        let share = (at - from_ms) as f64 / (to_ms - from_ms) as f64;
        let index = ((share * width as f64) as usize).min(width - 1);
        let worst = stretches[index].map_or(value, |before| match direction {
            Direction::HigherIsWorse => value.max(before),
            Direction::LowerIsWorse => value.min(before),
        });
        stretches[index] = Some(worst);
    }
    let top = stretches.iter().flatten().copied().fold(0.0, f64::max);
    level_characters(&stretches, (0.0, top))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_sample_of_each_stretch_shows() {
        let series = Series::new(1, (0..8).collect(), vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).unwrap();
        assert_eq!(sparkline(&series, Direction::HigherIsWorse, 0, 8, 4), "▂▄▆█");
        assert_eq!(sparkline(&series, Direction::LowerIsWorse, 0, 8, 4), "▁▃▆█");
    }

    #[test]
    fn missing_stretches_are_blank() {
        let series = Series::new(1, vec![0, 7], vec![1.0, 1.0]).unwrap();
        assert_eq!(sparkline(&series, Direction::HigherIsWorse, 0, 8, 4), "█  █");
        assert_eq!(
            sparkline(&Series::new(0, vec![0], vec![1.0]).unwrap(), Direction::HigherIsWorse, 0, 8, 4),
            ""
        );
    }
}
