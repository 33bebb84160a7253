//! Rank tests against SciPy 1.17, permutations and published figures.

use proptest::prelude::*;
use scale_advisor::capacity::{
    prediction::{prediction, prediction_of_logarithms},
    rank_test::{Shift, holm, mann_whitney, mann_whitney_approximate, superiority},
};

use super::close;

const SEPARATE: ([f64; 5], [f64; 5]) = ([1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 10.0]);
const SHIFTED: ([f64; 8], [f64; 8]) = (
    [100.1, 101.3, 99.7, 100.9, 102.2, 98.8, 100.4, 101.7],
    [103.2, 104.8, 102.9, 101.1, 105.5, 103.7, 100.2, 104.1],
);
const AGES: ([f64; 5], [f64; 4]) = ([19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]);
const ALIKE: ([f64; 10], [f64; 10]) = (
    [12.1, 11.8, 12.6, 12.3, 11.9, 12.0, 12.4, 12.2, 11.7, 12.5],
    [12.05, 12.15, 11.95, 12.35, 12.45, 11.85, 12.25, 12.55, 11.75, 12.65],
);
const TIES: ([f64; 6], [f64; 7]) = ([1.0, 2.0, 2.0, 3.0, 4.0, 4.0], [2.0, 3.0, 3.0, 4.0, 5.0, 5.0, 6.0]);
const MANY_TIES: ([f64; 10], [f64; 10]) = (
    [10.0, 10.0, 10.0, 11.0, 11.0, 12.0, 12.0, 12.0, 13.0, 14.0],
    [11.0, 12.0, 12.0, 13.0, 13.0, 13.0, 14.0, 14.0, 15.0, 15.0],
);
const LATENCIES: ([f64; 12], [f64; 12]) = (
    [245.0, 251.0, 249.0, 260.0, 238.0, 255.0, 247.0, 252.0, 243.0, 258.0, 250.0, 246.0],
    [262.0, 271.0, 266.0, 259.0, 280.0, 268.0, 273.0, 261.0, 277.0, 265.0, 270.0, 264.0],
);
const LOGNORMAL: ([f64; 20], [f64; 20]) = (
    [
        99.515, 107.199, 92.895, 79.627, 88.795, 77.64, 100.991, 139.081, 87.966, 85.19, 112.445, 108.768,
        102.141, 78.837, 98.759, 118.371, 71.09, 88.73, 61.849, 72.068,
    ],
    [
        69.786, 77.157, 76.686, 98.701, 60.452, 102.799, 84.834, 134.747, 136.895, 152.637, 130.565, 106.351,
        133.613, 157.02, 91.524, 125.535, 106.626, 154.471, 87.425, 99.944,
    ],
);

/// What is expected of a case: U, exact two-sided, less and greater.
fn exact(x: &[f64], y: &[f64], u: f64, [two_sided, less, greater]: [f64; 3]) {
    let test = mann_whitney(x, y).unwrap();
    assert!(test.exact);
    close(test.u, u, 0.0);
    close(test.two_sided, two_sided, 1e-10);
    close(test.less, less, 1e-10);
    close(test.greater, greater, 1e-7);
    // Turned round, the tails change places.
    let turned = mann_whitney(y, x).unwrap();
    close(turned.greater, test.less, 1e-10);
    close(turned.two_sided, test.two_sided, 1e-10);
}

#[test]
fn exact_probabilities_agree_with_scipy() {
    let (x, y) = SEPARATE;
    exact(&x, &y, 0.0, [0.007936507936507936, 0.003968253968253968, 1.0]);
    let (x, y) = SHIFTED;
    exact(&x, &y, 8.0, [0.010411810411810413, 0.005205905205905206, 0.9965034965034965]);
    let (x, y) = AGES;
    exact(&x, &y, 17.0, [0.1111111111111111, 0.9682539682539683, 0.05555555555555555]);
    let (x, y) = ALIKE;
    exact(&x, &y, 45.0, [0.7393643508194593, 0.36968217540972964, 0.6578947368421052]);
    let (x, y) = LATENCIES;
    exact(&x, &y, 1.0, [1.479204602101358e-6, 7.39602301050679e-7, 0.9999996301988494]);
    let (x, y) = LOGNORMAL;
    exact(&x, &y, 146.0, [0.14928356046506644, 0.07464178023253322, 0.9291474846294211]);
}

#[test]
fn ties_are_exact_by_permutation() {
    let (x, y) = TIES;
    exact(&x, &y, 10.0, [0.13286713286713286, 0.07226107226107226, 0.9487179487179487]);
}

#[test]
fn the_approximation_agrees_with_scipy() {
    type Case<'a> = (&'a [f64], &'a [f64], f64, f64, f64);
    let cases: [Case<'_>; 7] = [
        (&SEPARATE.0, &SEPARATE.1, 0.012185780355344813, 0.006092890177672406, 0.009023438818080326),
        (&SHIFTED.0, &SHIFTED.1, 0.01358727306399339, 0.006793636531996695, 0.011718685599768608),
        (&AGES.0, &AGES.1, 0.11134688653314041, 0.9669037101389033, 0.0864107329737),
        (&ALIKE.0, &ALIKE.1, 0.7337299956962472, 0.3668649978481236, 0.7054569861112734),
        (&TIES.0, &TIES.1, 0.12663045794761726, 0.06331522897380863, 0.10953991239554858),
        (&MANY_TIES.0, &MANY_TIES.1, 0.01720929253611468, 0.00860464626805734, 0.015493717844112643),
        (&LATENCIES.0, &LATENCIES.1, 4.6948725649538774e-5, 2.3474362824769387e-5, 4.146041132679973e-5),
    ];
    for (x, y, two_sided, less, plain) in cases {
        let test = mann_whitney_approximate(x, y, true).unwrap();
        close(test.two_sided, two_sided, 1e-9);
        close(test.less, less, 1e-9);
        close(mann_whitney_approximate(x, y, false).unwrap().two_sided, plain, 1e-9);
    }
}

#[test]
fn values_that_are_all_equal_differ_by_nothing() {
    let same = [5.0; 5];
    let test = mann_whitney(&same, &same).unwrap();
    close(test.u, 12.5, 0.0);
    for probability in [test.two_sided, test.less, test.greater] {
        close(probability, 1.0, 1e-12);
    }
    close(mann_whitney_approximate(&same, &same, true).unwrap().two_sided, 1.0, 0.0);
    close(superiority(&same, &same).unwrap(), 0.5, 0.0);
    assert!(Shift::between(&same, &same, 0.95).unwrap().estimate.abs() < 1e-12);
}

#[test]
fn the_smallest_probability_follows_from_the_sizes() {
    let cases = [(3, 3, 0.1), (4, 4, 0.0285714285714), (5, 5, 0.0079365079365), (6, 6, 0.0021645021645)];
    let more = [
        (8, 8, 1.554001554001554e-4),
        (10, 10, 1.082508822446903e-5),
        (1, 39, 0.05),
        (3, 10, 0.006993006993006993),
    ];
    for (first, second, expected) in cases.into_iter().chain(more) {
        let values: Vec<f64> = (0..first + second).map(f64::from).collect();
        let (x, y) = values.split_at(usize::try_from(first).unwrap());
        close(mann_whitney(x, y).unwrap().two_sided, expected, 1e-9);
    }
}

#[test]
fn shifts_and_their_intervals_agree_with_the_reference() {
    let check = |x: &[f64], y: &[f64], estimate: f64, ends: Option<[f64; 2]>, above: f64| {
        let shift = Shift::between(x, y, 0.95).unwrap();
        close(shift.estimate, estimate, 1e-9);
        if let Some([low, high]) = ends {
            close(shift.low, low, 1e-9);
            close(shift.high, high, 1e-9);
        }
        assert!(shift.confidence >= 0.95);
        close(superiority(x, y).unwrap(), above, 1e-6);
    };
    check(&SEPARATE.0, &SEPARATE.1, 5.0, None, 1.0);
    check(&SHIFTED.0, &SHIFTED.1, 2.8, Some([1.0, 4.2]), 0.875);
    check(&AGES.0, &AGES.1, -7.0, None, 0.15);
    check(&ALIKE.0, &ALIKE.1, 0.05, Some([-0.25, 0.35]), 0.55);
    check(&TIES.0, &TIES.1, 1.0, None, 0.7619048);
    check(&MANY_TIES.0, &MANY_TIES.1, 2.0, None, 0.815);
    check(&LATENCIES.0, &LATENCIES.1, 18.0, Some([13.0, 24.0]), 0.9930556);
    check(&LOGNORMAL.0, &LOGNORMAL.1, 14.7935, Some([-2.197, 34.098]), 0.635);
    close(Shift::between(&SHIFTED.0, &SHIFTED.1, 0.95).unwrap().confidence, 0.950117, 1e-6);
    close(Shift::between(&LOGNORMAL.0, &LOGNORMAL.1, 0.95).unwrap().confidence, 0.9509096748106276, 1e-9);
}

/// Kayenta's canary judge gives shifts by the normal approximation at 98%; the exact ones lie within one unit of them.
#[test]
fn shifts_agree_with_those_of_a_canary_judge() {
    let control = [245., 251., 249., 260., 238., 255., 247., 252., 243., 258., 250., 246.];
    let check = |experiment: [f64; 12], expected: [f64; 3], above: f64| {
        let shift = Shift::between(&control, &experiment, 0.98).unwrap();
        for (found, expected) in [shift.low, shift.estimate, shift.high].into_iter().zip(expected) {
            assert!((found - expected).abs() <= 1.001, "{shift:?}");
        }
        close(superiority(&control, &experiment).unwrap(), above, 1e-9);
    };
    let slower = [262., 271., 266., 259., 280., 268., 273., 261., 277., 265., 270., 264.];
    check(slower, [12.0, 18.0, 25.0], 0.993_055_555_555_555_6);
    let same = [244., 252., 248., 259., 240., 254., 249., 251., 245., 257., 253., 247.];
    check(same, [-6.0, 1.0, 7.0], 0.524_305_555_555_555_6);
    let little = [249., 256., 252., 263., 243., 258., 252., 256., 247., 261., 254., 250.];
    check(little, [-3.0, 4.0, 11.0], 0.684_027_777_777_777_8);
}

#[test]
fn small_samples_have_no_interval() {
    let shift = Shift::between(&[1.0, 2.0], &[3.0, 4.0], 0.95).unwrap();
    assert_eq!((shift.low, shift.high), (f64::NEG_INFINITY, f64::INFINITY));
    assert_eq!(Shift::between(&[], &[1.0], 0.95), None);
    assert_eq!(mann_whitney(&[f64::NAN], &[1.0]), None);
}

#[test]
fn prediction_intervals_agree_with_the_reference() {
    let history = [101.2, 99.8, 100.5, 102.1, 98.9, 100.0, 101.7, 99.4, 100.9, 100.3];
    close(prediction(&history, 0.99).unwrap().high, 103.47119736, 1e-9);
    close(prediction(&history, 0.95).unwrap().high, 102.42340712, 1e-9);
    close(prediction_of_logarithms(&history, 0.99).unwrap().high, 103.51021336, 1e-9);
    // Bencher's documentation: 25 values of mean 100 and deviation 10, boundary 0.977.
    let documented: Vec<f64> = (0..25).map(|index| 100.0 + 10.0 * f64::from(index % 2 * 2 - 1)).collect();
    let documented: Vec<f64> = documented.into_iter().take(24).chain([100.0]).collect();
    close(prediction(&documented, 0.977).unwrap().high, 121.460_903_471_5, 1e-9);
    assert_eq!(prediction(&history[..1], 0.99), None);
    assert_eq!(prediction_of_logarithms(&[1.0, 0.0], 0.99), None);
}

#[test]
fn holm_steps_down() {
    let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
    for (found, expected) in adjusted.into_iter().zip([0.03, 0.06, 0.06, 0.02]) {
        close(found, expected, 1e-12);
    }
    assert!(holm(&[]).is_empty());
}

fn sample() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((0i32..30).prop_map(f64::from), 1..14)
}

proptest! {
    #[test]
    fn only_the_order_of_values_matters(x in sample(), y in sample()) {
        let test = mann_whitney(&x, &y).unwrap();
        let stretched = |values: &[f64]| values.iter().map(|v| (v / 7.0).exp()).rev().collect::<Vec<_>>();
        let moved = mann_whitney(&stretched(&x), &stretched(&y)).unwrap();
        prop_assert!((test.two_sided - moved.two_sided).abs() < 1e-12);
        prop_assert!((test.less - moved.less).abs() < 1e-12);
        prop_assert!(test.two_sided > 0.0 && test.two_sided <= 1.0 && test.less + test.greater >= 1.0);
    }

    #[test]
    fn the_shift_follows_its_samples(x in sample(), y in sample(), by in -100.0f64..100.0) {
        let shift = Shift::between(&x, &y, 0.9).unwrap();
        let moved: Vec<f64> = y.iter().map(|y| y + by).collect();
        let further = Shift::between(&x, &moved, 0.9).unwrap();
        prop_assert!((further.estimate - shift.estimate - by).abs() < 1e-9);
        prop_assert!(shift.low <= shift.estimate && shift.estimate <= shift.high);
        let turned = Shift::between(&y, &x, 0.9).unwrap();
        prop_assert!((turned.estimate + shift.estimate).abs() < 1e-9);
    }

    #[test]
    fn exact_and_approximate_agree_for_larger_samples(x in prop::collection::vec(0.0f64..1.0, 25..35), y in prop::collection::vec(0.1f64..1.1, 25..35)) {
        let [exact, approximate] = [mann_whitney(&x, &y).unwrap(), mann_whitney_approximate(&x, &y, true).unwrap()];
        prop_assert!(exact.exact);
        prop_assert!((exact.two_sided - approximate.two_sided).abs() < 0.005);
    }

    #[test]
    fn holm_never_lowers_a_probability(probabilities in prop::collection::vec(0.0f64..1.0, 0..20)) {
        for (adjusted, plain) in holm(&probabilities).into_iter().zip(&probabilities) {
            prop_assert!(adjusted >= *plain && adjusted <= 1.0);
        }
    }
}
