//! Windows of more points than a server answers at once.

use std::time::Duration;

use scale_advisor::source::prometheus::Settings;

use super::{END, observation, read_window, signal};
use crate::support::prometheus::{Backfill, Span};

const STEP: u32 = 10;
/// Three requests of at most 11,000 points.
const POINTS: u32 = 25_000;

/// Whole numbers, because VictoriaMetrics does not keep the last digits of others.
fn wave(at: i64) -> f64 {
    ((at as f64 / 777.0).sin() * 1e6).round()
}

#[test]
fn the_pieces_are_the_whole() {
    let (seconds, step) = (i64::from(POINTS * STEP), i64::from(STEP));
    let span = Span::before(END, seconds, step);
    let late = Span { from: span.to - 100 * step, ..span };
    let history = Backfill::default().gauge("wave", &[], span, wave).gauge("wave_late", &[], late, wave);
    for server in [history.prometheus(), history.victoria_metrics()] {
        let mut settings = Settings::new(&server.url()).unwrap();
        settings.bindings.insert(signal("users.concurrent"), "wave".into());
        settings.bindings.insert(signal("http.requests"), "wave_late".into());
        let reading = read_window(&settings, seconds, STEP, Duration::from_secs(60));
        let whole = observation(&reading, "users.concurrent");
        let expected: Vec<f64> = whole.values.at_ms().iter().map(|at| wave(at / 1000)).collect();
        assert_eq!(whole.values.len(), POINTS as usize + 1);
        assert!(whole.values.values() == expected, "values were lost, doubled or moved");
        assert_eq!(observation(&reading, "http.requests").values.len(), 101);
    }
}
