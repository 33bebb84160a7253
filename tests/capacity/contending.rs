//! The contenders do what those they stand for do.

use super::{
    close,
    contenders::{LEVELS, interval_score, linear_bands, pinball, predict_linear},
};

/// Prometheus' own test data (`functions.test`).
#[test]
fn predict_linear_is_that_of_prometheus() {
    let times: Vec<f64> = (0..=10).map(|step| f64::from(step) * 300.0).collect();
    let values = [0.0, 10.0, 20.0, 30.0, 40.0, 0.0, 10.0, 20.0, 30.0, 40.0, 50.0];
    close(predict_linear(&times[1..], &values[1..], 3000.0, 3600.0), 70.0, 1e-10);
    close(predict_linear(&times, &values, 3000.0, 3600.0), 76.818_181_818_181_81, 1e-10);
    close(predict_linear(&times, &values, 600.0, 3600.0), 51.363_636_363_636_37, 1e-10);
    close(predict_linear(&times, &values, 4200.0, 3600.0), 89.545_454_545_454_54, 1e-10);
}

#[test]
fn its_interval_is_the_textbooks() {
    let values = [10.2, 11.1, 10.8, 12.3, 12.9, 12.4, 13.8, 14.1, 13.9, 15.2, 15.0, 16.1];
    let bands = linear_bands(&values, 19);
    close(bands[0][0], 15.505_552_839_186_974, 1e-10);
    close(bands[0][6], 17.330_810_797_176_667, 1e-10);
    close(bands[18][0], 23.682_459_667_709_818, 1e-10);
    close(bands[18][6], 27.254_603_269_353_13, 1e-10);
}

#[test]
fn scores_punish_what_lies_outside() {
    close(interval_score(10.0, 20.0, 15.0), 10.0, 1e-10);
    close(interval_score(10.0, 20.0, 8.0), 50.0, 1e-10);
    close(interval_score(10.0, 20.0, 23.0), 70.0, 1e-10);
    close(pinball(&[4.0; 7], 5.0), LEVELS.iter().sum::<f64>() / 7.0, 1e-10);
}
