//! Quantiles of samples.

/// The value that a share `level` of a sample does not exceed: the order statistic of rank `⌈level n⌉`, always one
/// of the values. `None` for an empty sample. Reorders the sample.
pub fn quantile(sample: &mut [f64], level: f64) -> Option<f64> {
    let index = rank(sample.len(), level)?;
    let (_, value, _) = sample.select_nth_unstable_by(index, f64::total_cmp);
    Some(*value)
}

/// Several quantiles of one sample, for levels in ascending order. `None` for an empty sample.
pub fn quantiles<const L: usize>(sample: &mut [f64], levels: [f64; L]) -> Option<[f64; L]> {
    let mut found = [0.0; L];
    let (mut rest, mut passed) = (sample, 0);
    for (slot, level) in found.iter_mut().zip(levels) {
        let index = rank(passed + rest.len(), level)?.max(passed) - passed;
        let (_, value, _) = rest.select_nth_unstable_by(index, f64::total_cmp);
        *slot = *value;
        // What is found stays in the rest, for the next level may be the same value.
        rest = &mut rest[index..];
        passed += index;
    }
    Some(found)
}

/// The quantile by linear interpolation between order statistics (type 7 of R. Hyndman and Y. Fan 1996). Nothing
/// for an empty sample. Reorders the sample.
pub fn interpolated(sample: &mut [f64], level: f64) -> Option<f64> {
    let last = sample.len().checked_sub(1)? as f64;
    let position = last * level.clamp(0.0, 1.0);
    let index = whole(position);
    let (_, &mut low, above) = sample.select_nth_unstable_by(index, f64::total_cmp);
    let high = above.iter().copied().fold(f64::INFINITY, f64::min);
    Some(if high.is_finite() { low + (high - low) * position.fract() } else { low })
}

/// The middle value, or the mean of the two in the middle. `None` for an empty sample. Reorders the sample.
pub fn median(sample: &mut [f64]) -> Option<f64> {
    interpolated(sample, 0.5)
}

fn rank(count: usize, level: f64) -> Option<usize> {
    let last = count.checked_sub(1)?;
    Some(whole((level * count as f64 - 1e-9).ceil() - 1.0).min(last))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and an index")]
fn whole(value: f64) -> usize {
    value.max(0.0) as usize
}
