//! Forecasts: how long they take, how often their bands hold, and what they lose against others.
//!
//! Prints the tables of `benches/README.md`. Further files of `date,value` are scored as well: their paths are taken from
//! the variable `DAILY_SERIES`, separated by `:`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on stops, and prints tables"
)]

#[path = "../tests/capacity/contenders.rs"]
mod contenders;
#[path = "../tests/capacity/gate_simulation.rs"]
mod gate_simulation;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/capacity/kinds.rs"]
mod kinds;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/capacity/relations.rs"]
mod relations;
#[path = "../tests/capacity/score.rs"]
mod score;
#[path = "../tests/capacity/simulate.rs"]
mod simulate;
#[path = "../tests/capacity/suite.rs"]
mod suite;

use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use scale_advisor::capacity::{
    growth::{History, forecast},
    random::Random,
    usl,
};
use score::Score;
use simulate::{KINDS, Kind, series};

/// What is measured, by the names that choose a part: `cargo bench --bench capacity -- shapes`.
const PARTS: [(&str, fn()); 12] = [
    ("gates", gates),
    ("few_runs", few_runs),
    ("creeping", creeping),
    ("peaks", peaks),
    ("speed", speed),
    ("simulated", simulated),
    ("real", real),
    ("quarters", quarters),
    ("services", services),
    ("compared", compared),
    ("shapes", shapes),
    ("relations", relations),
];

fn main() {
    let chosen: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, part) in PARTS {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            part();
        }
    }
}

/// What becomes of builds whose truth is known.
fn gates() {
    use gate_simulation::{Truth, simulate};
    println!(
        "| change | noise | runs a side | metrics | pass | fail | inconclusive | the runs asked for settle it |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|");
    let cases = [
        (1.0, 0.03, 5, 1),
        (1.0, 0.03, 10, 1),
        (1.0, 0.03, 5, 4),
        (1.0, 0.05, 10, 1),
        (1.0, 0.10, 10, 1),
        (1.1, 0.03, 5, 1),
        (1.1, 0.03, 5, 4),
        (1.1, 0.05, 5, 1),
        (1.1, 0.05, 10, 1),
        (1.1, 0.05, 10, 4),
    ];
    for (change, noise, runs, metrics) in cases {
        let shares = simulate(Truth { change, noise, runs, metrics }, 2_000);
        let percent = |share: f64| format!("{:.1}%", share * 100.0);
        println!(
            "| {:+.0}% | {:.0}% | {runs} | {metrics} | {} | {} | {} | {} |",
            (change - 1.0) * 100.0,
            noise * 100.0,
            percent(shares.pass),
            percent(shares.fail),
            percent(shares.open),
            percent(shares.settled)
        );
    }
}

/// What becomes of few runs where the branch has a history.
fn few_runs() {
    use gate_simulation::{Noise, batches_fail, earlier_fail, few_runs_fail};
    println!("| gate | noise | outliers | change | fails |\n|---|--:|--:|--:|--:|");
    let line = |gate: &str, spread: f64, outliers: f64, change: f64, fails: f64| {
        let [spread, outliers, change, fails] =
            [spread, outliers, change - 1.0, fails].map(|share| share * 100.0);
        println!("| {gate} | {spread:.0}% | {outliers:.0}% | {change:+.0}% | {fails:.1}% |");
    };
    for change in [1.0, 1.1] {
        let noise = Noise { spread: 0.03, outliers: 0.0 };
        line("3 against 3, 20 stored", 0.03, 0.0, change, few_runs_fail(change, noise, 4_000));
    }
    for (told, gate) in [(true, "a batch of 3 against 20"), (false, "the same, untold")] {
        for change in [1.0, 1.2] {
            line(gate, 0.03, 0.0, change, batches_fail(change, 0.03, told, 2_000));
        }
    }
    for (runs, spread, outliers) in [(3, 0.05, 0.1), (1, 0.03, 0.0), (1, 0.05, 0.1)] {
        for change in [1.0, 1.2] {
            let fails = earlier_fail(change, Noise { spread, outliers }, runs, 4_000);
            line(&format!("{runs} against 30 earlier"), spread, outliers, change, fails);
        }
    }
}

/// When a creep of 1% a week, of ten builds, is told, and how far off the build it is said to begin with lies.
fn creeping() {
    let branch = gate_simulation::Creeping { calm: 20, per_build: 0.001, noise: 0.02 };
    for per_build in [0.001, 0.0] {
        let found = gate_simulation::creeps(gate_simulation::Creeping { per_build, ..branch }, 400);
        let told =
            |most: usize| found.iter().filter(|(told, _)| told.is_some_and(|builds| builds <= most)).count();
        let within = found.iter().filter(|(_, off)| off.is_some_and(|builds| builds <= 10)).count();
        let [forty, fifty, sixty, within] =
            [told(40), told(50), told(60), within].map(|count| count as f64 / 4.0);
        println!(
            "creep of {:.1}% a build: told by build 40 {forty:.0}%, 50 {fifty:.0}%, 60 {sixty:.0}%; named within 10 builds \
             {within:.0}%",
            per_build * 100.0
        );
    }
}

/// How often the interval of the peak holds it: σ = 0.03, κ = 4e-4, a peak at 49.
fn peaks() {
    let curve = usl::Curve { sigma: 0.03, kappa: 4e-4, lambda: 100.0 };
    let truth = curve.peak().unwrap();
    let past = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 48.0, 64.0, 96.0];
    for errors in [usl::Errors::Relative, usl::Errors::Absolute] {
        for (loads, noise) in [(&past[..], 0.02), (&past, 0.05), (&past[..7], 0.02), (&past[..7], 0.05)] {
            let mut random = Random::new(11);
            let held = (0..1_000).filter(|_| {
                let measured: Vec<f64> = loads
                    .iter()
                    .map(|load| curve.throughput(*load) * (noise * random.normal()).exp())
                    .collect();
                let peak = usl::fit_with(loads, &measured, errors).unwrap().peak;
                peak.low <= truth && peak.high.is_none_or(|high| truth <= high)
            });
            let (up_to, held) = (loads.last().unwrap(), held.count() as f64 / 10.0);
            println!(
                "peak within its interval, {errors:?} errors of {noise}, loads up to {up_to}: {held:.1}%"
            );
        }
    }
}

/// The fastest of some rounds.
fn best(rounds: usize, mut run: impl FnMut()) -> Duration {
    let times = (0..rounds).map(|_| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    });
    times.min().unwrap_or_default()
}

/// A forecast as it is used: futures, bands and the date of a limit.
fn forecast_all(values: &[f64], days: usize) {
    let numbers: Vec<i32> = (0..).take(values.len()).collect();
    let forecast = forecast(&History::new(&numbers, values).unwrap(), days);
    std::hint::black_box((forecast.paths.bands(), forecast.paths.reach(300.0)));
}

fn year(seed: u64) -> Vec<f64> {
    series(&mut Random::new(seed), Kind::Exponential, 365, 0).into_iter().map(f64::exp).collect()
}

fn speed() {
    println!("## Speed\n\n| | |\n|---|---|");
    let values = year(1);
    for days in [60, 180] {
        let time = best(30, || forecast_all(&values, days));
        println!("| 365 values, 600 futures of {days} days, one core | {:.1} ms |", time.as_secs_f64() * 1e3);
    }
    let many: Vec<Vec<f64>> = (0..1000).map(year).collect();
    let time = best(3, || {
        thread::scope(|scope| {
            for half in many.chunks(500) {
                scope.spawn(|| half.iter().for_each(|values| forecast_all(values, 60)));
            }
        });
    });
    println!("| 1,000 of them, two threads | {:.2} s |", time.as_secs_f64());
    let loads: Vec<f64> = (1..=32).map(f64::from).collect();
    let curve = usl::Curve { sigma: 0.03, kappa: 8e-4, lambda: 1000.0 };
    let mut random = Random::new(1);
    let measured: Vec<f64> =
        loads.iter().map(|load| curve.throughput(*load) * (1.0 + 0.02 * random.normal())).collect();
    let time = best(30, || {
        std::hint::black_box(usl::fit(&loads, &measured).unwrap());
    });
    println!(
        "| scalability curve through 32 points, with the peak's interval | {:.2} ms |",
        time.as_secs_f64() * 1e3
    );
}

/// Figures that are not straight: what is stated, and what others lose on them. `SERIES_TO` names a file for
/// `benches/autoets.py`, which scores the same figures.
fn shapes() {
    use std::fmt::Write;
    println!(
        "\n## Figures of known shapes, 90 days ahead\n\n| shape | P of the limit | reached | Brier | dates of those claimed |{HEADING_OF_SHAPES}"
    );
    let mut written = String::new();
    for kind in kinds::KINDS {
        let before = if kind == kinds::Kind::Certain { 120 } else { 90 };
        let found = kinds::outcome(kind, before, 120, 1);
        let cells = kinds::compared(kind, before, 120, 1)
            .map(|bands| format!("{:.2}, {:.4}", bands.covered, bands.pinball))
            .join(" | ");
        let [stated, reached, dates, claimed] =
            [found.stated, found.reached, found.dates, found.claimed].map(|sum| found.mean(sum));
        let brier = found.mean(found.brier);
        println!(
            "| {kind:?} | {stated:.2} | {reached:.2} | {brier:.3} | {dates:.2} of {claimed:.2} | {cells} |"
        );
        let mut random = Random::new(1 + kind as u64);
        for _ in 0..40 {
            let known = kinds::known(&mut random, kind, before);
            let list = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
            let (history, future) = (list(&known.history), list(&known.future));
            writeln!(written, "{kind:?};{};{history};{future}", known.limit).unwrap();
        }
    }
    if let Ok(path) = std::env::var("SERIES_TO") {
        std::fs::write(path, written).unwrap();
    }
}

const HEADING_OF_SHAPES: &str =
    " scale-advisor | predict_linear | seasonal naive |\n|---|---|---|---|---|---|---|---|";

/// Services of which the signal does not follow the load in a straight line, or not all the time.
fn relations() {
    use scale_advisor::capacity::demand::Strictness;
    println!(
        "\n## Saturation loads\n\n| service | within the interval | median error | bias | width | told to have changed |\n|---|---|---|---|---|---|"
    );
    for kind in relations::KINDS {
        let found = relations::outcome(kind, 200, 1, Strictness::HourlyMean);
        println!(
            "| {kind:?} | {:.2} | {:.1}% | {:+.1}% | {:.1}% | {:.2} |",
            found.covered,
            found.error * 100.0,
            found.bias * 100.0,
            found.width * 100.0,
            found.changed
        );
    }
}

fn row(name: &str, score: &Score) {
    let coverage = score.coverage().map(|covered| format!("{covered:.3}")).join(" | ");
    let (dates, claimed) = (score.date_coverage(), score.dates_claimed());
    let (brier, base) = (score.brier(), score.brier_of_base_rate());
    println!(
        "| {name} | {coverage} | {dates:.3} of {claimed:.3} | {brier:.3} | {base:.3} | {} |",
        score.forecasts
    );
}

const HEADING: &str = "| 1 d | 7 d | 14 d | 30 d | 60 d | dates of those claimed | Brier | base rate | forecasts |\n|---|---|---|---|---|---|---|---|---|---|";

fn simulated() {
    for before in [14, 21, 42, 90, 180, 365] {
        println!("\n## Simulated, {before} days of history\n\n| kind {HEADING}");
        let scores = KINDS.map(|kind| (kind, suite::simulated(kind, before, 120)));
        let mut pooled = Score::default();
        for (kind, score) in &scores {
            row(&format!("{kind:?}"), score);
            pooled.merge(score);
        }
        row("all", &pooled);
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/daily");
    let mut files: Vec<PathBuf> =
        ["bikeshare", "i94_p95", "bitcoin_tx"].map(|name| folder.join(name).with_extension("csv")).into();
    let more = std::env::var("DAILY_SERIES").unwrap_or_default();
    files.extend(more.split(':').filter(|path| !path.is_empty()).map(PathBuf::from));
    files
}

fn real() {
    let files = files();
    for before in [28, 42, 90, 180, 365, 1000] {
        println!("\n## Real, {before} days of history\n\n| series {HEADING}");
        let mut all = Score::default();
        for file in &files {
            let score = suite::rolling(file, before, 31);
            if score.forecasts > 0.0 {
                row(&file.file_stem().unwrap_or_default().to_string_lossy(), &score);
                all.merge(&score);
            }
        }
        row("all", &all);
    }
}

/// 90 days ahead from 90 days: the loss as a share of the level, and bands that reach where nothing ever came.
fn quarters() {
    println!(
        "\n## Real, 90 days ahead from 90 days\n\n| series | mean pinball | median | within 90% | exploded | forecasts |\n|---|--:|--:|--:|--:|--:|"
    );
    let mut all = kinds::Outcome::default();
    let show = |name: &str, found: &kinds::Outcome| {
        let [pinball, covered] = [found.pinball, found.covered].map(|sum| found.mean(sum));
        let (median, exploded, count) = (kinds::middle(&found.losses), found.exploded, found.count);
        println!("| {name} | {pinball:.3} | {median:.3} | {covered:.3} | {exploded} | {count} |");
    };
    for file in files() {
        let found = suite::quarters(&file, 31);
        show(&file.file_stem().unwrap_or_default().to_string_lossy(), &found);
        all.merge(&found);
    }
    show("all", &all);
}

fn services() {
    println!(
        "\n## Simulated services\n\n| services | saturation loads | dates | dates of the first | right first |\n|---|---|---|---|---|"
    );
    for (count, seed) in [(150, 2024), (150, 1), (600, 7)] {
        let suite::Outcome { loads, dates, first_dates, firsts } = suite::services(count, seed);
        println!("| {count} | {loads:.3} | {dates:.3} | {first_dates:.3} | {firsts:.3} |");
    }
}

fn compared() {
    let files = files();
    for before in [90, 365] {
        let names = suite::CONTENDERS.map(|(name, _)| name).join(" | ");
        println!(
            "\n## Losses over 30 days, {before} days of history: interval score, pinball\n\n| series | {names} |\n|---|---|---|---|"
        );
        for file in &files {
            let losses = suite::losses(file, before, 31);
            let cells = losses.map(|loss| format!("{:.2}, {:.3}", loss.interval, loss.pinball)).join(" | ");
            println!("| {} | {cells} |", file.file_stem().unwrap_or_default().to_string_lossy());
        }
    }
}
