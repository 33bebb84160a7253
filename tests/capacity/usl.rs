//! The universal scalability law against published data and fits polished with 40 digits.

use proptest::prelude::*;
use scale_advisor::capacity::{
    random::Random,
    usl::{Curve, Errors, Fit, FitError, fit, fit_with},
};

use super::close;

const SPEC_SDM91: ([f64; 7], [f64; 7]) =
    ([1.0, 18.0, 36.0, 72.0, 108.0, 144.0, 216.0], [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2]);
const CISCO: [f64; 32] = [
    955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7,
    9047.84, 9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806.0,
    12089.37, 12075.41, 12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
];
const RAYTRACER: ([f64; 11], [f64; 11]) = (
    [1.0, 4.0, 8.0, 12.0, 16.0, 20.0, 24.0, 28.0, 32.0, 48.0, 64.0],
    [20.0, 78.0, 130.0, 170.0, 190.0, 200.0, 210.0, 230.0, 260.0, 280.0, 310.0],
);
const SYNTHETIC: ([f64; 6], [f64; 6]) =
    ([1.0, 2.0, 4.0, 6.0, 8.0, 10.0], [1.0, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557]);

/// A fit as the published ones are made.
fn plain(loads: &[f64], throughputs: &[f64]) -> Result<Fit, FitError> {
    fit_with(loads, throughputs, Errors::Absolute)
}

fn counted(throughputs: &[f64]) -> Vec<f64> {
    (1..=throughputs.len()).map(|load| load as f64).collect()
}

fn cisco(points: usize) -> Fit {
    plain(&counted(&CISCO[..points]), &CISCO[..points]).unwrap()
}

/// σ, κ, λ, the sum of squares, the peak's load and throughput.
#[track_caller]
fn agrees(fit: &Fit, expected: [f64; 6], freedom: usize) {
    let curve = fit.curve;
    let found = [
        curve.sigma,
        curve.kappa,
        curve.lambda,
        fit.squares,
        curve.peak().unwrap(),
        curve.highest_throughput().unwrap(),
    ];
    for (found, expected) in found.into_iter().zip(expected) {
        close(found, expected, 1e-6);
    }
    assert_eq!(fit.degrees_of_freedom, freedom);
}

#[test]
fn fits_agree_with_forty_digits() {
    let spec = plain(&SPEC_SDM91.0, &SPEC_SDM91.1).unwrap();
    agrees(
        &spec,
        [
            0.02772847561863,
            1.0436548384409e-4,
            89.99523310433,
            27453.71958403744,
            96.51956096661,
            1883.89899601,
        ],
        4,
    );
    agrees(
        &cisco(32),
        [
            0.02671594503573,
            7.690939206105e-4,
            995.6487859290531,
            1023849.524669825,
            35.57378820095,
            12342.8525538,
        ],
        29,
    );
    agrees(
        &cisco(10),
        [0.01700276671965, 4.465391720270e-4, 938.3792719687, 10043.15548158, 46.918742777, 16052.1024289],
        7,
    );
    let first = |points: usize| plain(&RAYTRACER.0[..points], &RAYTRACER.1[..points]).unwrap();
    agrees(
        &first(6),
        [
            0.024444041421926,
            1.626809280410e-3,
            20.85604530298,
            10.0918818394662,
            24.4882512407,
            203.488182664,
        ],
        3,
    );
    agrees(
        &first(5),
        [0.027895014726749, 1.460803282808e-3, 21.05932577134, 9.52321948212, 25.7964959038, 206.866712662],
        2,
    );
    let synthetic = plain(&SYNTHETIC.0, &SYNTHETIC.1).unwrap().curve;
    close(synthetic.sigma, 0.020005761329581, 1e-6);
    close(synthetic.kappa, 0.019999665278075, 1e-6);
    close(synthetic.lambda, 1.000005121735, 1e-6);
    close(synthetic.peak().unwrap(), 7.000038, 1e-6);
    close(synthetic.highest_throughput().unwrap(), 3.57140949, 1e-6);
}

#[test]
fn what_only_levels_off_is_amdahl() {
    let fit = plain(&RAYTRACER.0, &RAYTRACER.1).unwrap();
    let curve = fit.curve;
    assert!(curve.kappa == 0.0 && curve.peak().is_none() && fit.peak.high.is_none());
    assert!(fit.is_extrapolated());
    close(curve.sigma, 0.0577707811301, 1e-6);
    close(curve.lambda, 21.8488429566, 1e-6);
    close(fit.squares, 697.2377997, 1e-6);
    assert_eq!(fit.degrees_of_freedom, 9);
    close(curve.highest_throughput().unwrap(), 378.198849, 1e-6);
    close(curve.throughput(96.0), 323.27627, 1e-6);
    close(curve.throughput(128.0), 335.45509, 1e-6);
}

#[test]
fn published_figures_are_met() {
    let curve = plain(&SPEC_SDM91.0, &SPEC_SDM91.1).unwrap().curve;
    close(curve.highest_throughput().unwrap(), 1884.0, 1e-4);
    close(curve.optimal_load().unwrap(), 36.06401, 1e-4);
    close(curve.lambda / curve.sigma, 3245.589, 1e-4);
    for (load, expected) in
        SPEC_SDM91.0.into_iter().zip([90.0, 1078.0, 1541.0, 1850.0, 1879.0, 1822.0, 1646.0])
    {
        assert!((curve.throughput(load) - expected).abs() <= 0.5);
    }
    let other = Curve { sigma: 0.001, kappa: 0.00001, ..curve };
    close(other.peak().unwrap(), 316.0696, 1e-4);
    close(other.optimal_load().unwrap(), 1000.0, 1e-9);

    let curve = cisco(32).curve;
    for (found, printed) in [
        (curve.sigma, 0.02671591),
        (curve.kappa, 7.690945e-4),
        (curve.lambda, 995.6486),
        (curve.throughput(1.0), 995.648799),
        (curve.throughput(20.0), 11063.633102),
        (curve.throughput(35.0), 12341.745714),
        (curve.latency(1.0), 0.00100437022),
        (curve.latency(20.0), 0.00180772444),
        (curve.latency(35.0), 0.00283590351),
    ] {
        close(found, printed, 1e-5);
    }
}

#[test]
fn the_peaks_interval_is_that_of_the_profile_likelihood() {
    let spec = plain(&SPEC_SDM91.0, &SPEC_SDM91.1).unwrap();
    close(spec.peak.low, 77.8553558507989, 1e-6);
    close(spec.peak.high.unwrap(), 156.66180407258176, 1e-6);
    assert!(!spec.is_extrapolated());
    let all = cisco(32);
    close(all.peak.low, 32.359896070300174, 1e-6);
    close(all.peak.high.unwrap(), 40.49639508916579, 1e-6);
    let short = cisco(10);
    close(short.peak.low, 24.62304398779963, 1e-6);
    assert_eq!(short.peak.high, None);
    assert!(short.is_extrapolated());
}

#[test]
fn loads_for_a_throughput_or_a_latency_are_found() {
    let curve = cisco(32).curve;
    for (throughput, load) in [
        (955.0, 0.9580694547936354),
        (5000.0, 5.7677119613805266),
        (11048.0, 19.923902901799458),
        (12201.0, 29.56903620725183),
        (12342.0, 35.06971929804306),
    ] {
        close(curve.load_at_throughput(throughput).unwrap(), load, 1e-5);
    }
    assert_eq!(curve.load_at_throughput(13000.0), None);
    for (latency, load) in [
        (0.0012, 7.0593291717978115),
        (0.0016, 16.152271257169183),
        (0.002, 23.233887405633386),
        (0.03, 177.69840388250617),
    ] {
        close(curve.load_at_latency(latency).unwrap(), load, 1e-6);
    }
    assert_eq!(curve.load_at_latency(1e-6), None);
    let amdahl = Curve { sigma: 0.1, kappa: 0.0, lambda: 10.0 };
    close(amdahl.load_at_latency(amdahl.latency(40.0)).unwrap(), 40.0, 1e-12);
    let linear = Curve { sigma: 0.0, kappa: 0.0, lambda: 10.0 };
    assert_eq!(linear.load_at_latency(1.0), None);
}

#[test]
fn points_that_are_none_are_refused() {
    assert_eq!(fit(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]), Err(FitError::TooFew { points: 3, loads: 3 }));
    assert_eq!(fit(&[1.0; 9], &[1.0; 9]), Err(FitError::TooFew { points: 9, loads: 1 }));
    assert_eq!(fit(&[1.0, 0.0, 3.0, 4.0], &[1.0; 4]), Err(FitError::Invalid { index: 1 }));
    assert_eq!(fit(&[1.0, 2.0, 3.0, 4.0], &[1.0, 1.0, f64::NAN, 1.0]), Err(FitError::Invalid { index: 2 }));
    assert_eq!(fit(&[1.0, 2.0, 3.0, 4.0], &[0.0; 4]), Err(FitError::NoCurve));
}

/// How often the interval of the peak holds it, of tests up to so many users with noise in proportion.
fn coverage(loads: &[f64], noise: f64, rounds: u32) -> f64 {
    let curve = Curve { sigma: 0.03, kappa: 4e-4, lambda: 100.0 };
    let truth = curve.peak().unwrap();
    let seed = if noise < 0.03 { 27 } else { 57 };
    let mut random = Random::new(seed + loads.len() as u64);
    let held = (0..rounds).filter(|_| {
        let measured: Vec<f64> =
            loads.iter().map(|load| curve.throughput(*load) * (noise * random.normal()).exp()).collect();
        let peak = fit(loads, &measured).unwrap().peak;
        peak.low <= truth && peak.high.is_none_or(|high| truth <= high)
    });
    held.count() as f64 / f64::from(rounds)
}

#[test]
fn the_peaks_interval_holds_it_as_often_as_it_claims() {
    let past = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0, 64.0, 96.0];
    let short = [1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0];
    for (loads, noise) in [(&past[..], 0.02), (&past, 0.05), (&short, 0.02), (&short, 0.05)] {
        let held = coverage(loads, noise, 300);
        assert!((0.92..=0.99).contains(&held), "{held} up to {:?} with {noise}", loads.last());
    }
}

#[test]
fn a_throughput_that_outgrows_the_load_is_named() {
    let loads = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
    let superlinear = fit(&loads, &[100.0, 230.0, 520.0, 1150.0, 2500.0, 5200.0]).unwrap();
    let gain = superlinear.superlinear.unwrap();
    assert!(gain.gain > 0.5 && gain.load >= 16.0, "{superlinear:?}");
    let mut random = Random::new(3);
    let curve = Curve { sigma: 0.0, kappa: 1e-4, lambda: 100.0 };
    let named = (0..300).filter(|_| {
        let measured = loads.map(|load| curve.throughput(load) * (0.03 * random.normal()).exp());
        fit(&loads, &measured).unwrap().superlinear.is_some()
    });
    assert!(named.count() <= 6, "a straight line is none");
}

#[test]
fn points_that_have_another_shape_are_named() {
    let loads = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
    let collapsed = fit(&loads, &[100.0, 200.0, 400.0, 800.0, 90.0, 80.0]).unwrap();
    assert!(collapsed.is_poor() && !collapsed.is_sound(), "{collapsed:?}");
    let good = fit(&loads, &[100.0, 190.0, 360.0, 640.0, 1000.0, 1200.0]).unwrap();
    assert!(!good.is_poor() && good.superlinear.is_none(), "{good:?}");
    assert!(good.residual(1.0, 110.0) > good.residual(1.0, 100.0));
}

proptest! {
    #[test]
    fn a_curve_is_found_again_from_its_points(sigma in 0.0f64..0.5, kappa in 1e-5f64..1e-2, lambda in 0.1f64..1e5) {
        let curve = Curve { sigma, kappa, lambda };
        let loads = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
        let found = fit(&loads, &loads.map(|load| curve.throughput(load))).unwrap().curve;
        prop_assert!((found.sigma - sigma).abs() < 1e-6);
        prop_assert!((found.kappa - kappa).abs() < 1e-6);
        prop_assert!((found.lambda / lambda - 1.0).abs() < 1e-6);
    }

    #[test]
    fn units_of_throughput_do_not_matter(noise in prop::collection::vec(0.9f64..1.1, 8), factor in 1e-3f64..1e6) {
        let curve = Curve { sigma: 0.05, kappa: 5e-4, lambda: 100.0 };
        let loads = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 96.0];
        let measured: Vec<f64> = loads.iter().zip(&noise).map(|(load, noise)| curve.throughput(*load) * noise).collect();
        let scaled: Vec<f64> = measured.iter().map(|value| value * factor).collect();
        let [one, other] = [fit(&loads, &measured).unwrap(), fit(&loads, &scaled).unwrap()];
        prop_assert!((one.curve.sigma - other.curve.sigma).abs() < 1e-6);
        prop_assert!((one.curve.lambda * factor / other.curve.lambda - 1.0).abs() < 1e-6);
        prop_assert!(one.peak.low <= one.curve.peak().unwrap_or(f64::INFINITY));
        prop_assert!(one.peak.high.is_none_or(|high| high >= one.curve.peak().unwrap()));
        prop_assert!((0.0..=1.0).contains(&one.curve.sigma) && one.curve.kappa >= 0.0);
    }

    #[test]
    fn any_points_give_an_answer_or_a_reason(points in prop::collection::vec((0.0f64..1e6, 0.0f64..1e9), 0..40)) {
        let (loads, throughputs): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        if let Ok(fit) = fit(&loads, &throughputs) {
            prop_assert!(fit.curve.lambda > 0.0 && fit.squares >= 0.0 && fit.peak.low >= 0.0);
        }
    }
}
