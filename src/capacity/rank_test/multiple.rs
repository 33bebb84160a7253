//! Several tests at once.

/// Probabilities adjusted so that the chance of even one false alarm among all tests stays below the level they
/// are compared with, whatever their dependence.
///
/// The k-th smallest of `m` is multiplied by `m - k + 1` and made no smaller than the one before it. Source: S.
/// Holm, *Scand. J. Statist.* 6 (1979).
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&one, &other| probabilities[one].total_cmp(&probabilities[other]));
    let mut adjusted = vec![1.0; probabilities.len()];
    let mut largest: f64 = 0.0;
    for (remaining, index) in (1..=order.len()).rev().zip(order) {
        largest = largest.max((probabilities[index] * remaining as f64).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}
