//! A scalability curve as a page with a chart, and as JSON.

use serde::Serialize;

use super::{
    chart::{ScalabilityChart, scalability_chart},
    format::count,
    wrap,
};
use crate::{capacity::usl::Fit, signal::span_text};

/// Rows and columns of the chart.
const ROWS: usize = 12;
const MOST_COLUMNS: usize = 72;

/// A fitted curve with the points it was fitted to.
#[derive(Debug, Clone, Copy)]
pub struct ScalabilityView<'a> {
    /// The curve and how well its peak is known.
    pub fit: &'a Fit,
    /// The loads that were tested.
    pub loads: &'a [f64],
    /// The throughput at each.
    pub throughputs: &'a [f64],
    /// A latency in seconds whose load is asked for.
    pub latency: Option<f64>,
    /// Columns of the page.
    pub width: usize,
}

#[derive(Serialize)]
struct Json {
    sigma: f64,
    kappa: f64,
    lambda: f64,
    peak: Peak,
    max_throughput: Option<f64>,
    extrapolated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    load_at_latency: Option<LoadAtLatency>,
}

/// Absent ends are open: no peak was seen.
#[derive(Serialize)]
struct Peak {
    load: Option<f64>,
    low: f64,
    high: Option<f64>,
}

#[derive(Serialize)]
struct LoadAtLatency {
    latency_seconds: f64,
    load: Option<f64>,
}

/// The curve for programs.
pub fn scalability_json(view: &ScalabilityView<'_>) -> String {
    let fit = view.fit;
    let json = Json {
        sigma: fit.curve.sigma,
        kappa: fit.curve.kappa,
        lambda: fit.curve.lambda,
        peak: Peak { load: fit.curve.peak(), low: fit.peak.low, high: fit.peak.high },
        max_throughput: fit.curve.highest_throughput(),
        extrapolated: fit.is_extrapolated(),
        load_at_latency: view.latency.map(|latency_seconds| LoadAtLatency {
            latency_seconds,
            load: fit.curve.load_at_latency(latency_seconds),
        }),
    };
    let mut text = serde_json::to_string_pretty(&json).unwrap_or_default();
    text.push('\n');
    text
}

/// The curve for people.
pub fn scalability_page(view: &ScalabilityView<'_>) -> String {
    let width = view.width.clamp(40, 100);
    let mut out = String::new();
    let sentences = [headline(view.fit), parameters(view.fit)].into_iter().chain(latency(view));
    for sentence in sentences {
        for line in wrap(&sentence, width - 2) {
            out.extend([" ", &line, "\n"]);
        }
    }
    out.push('\n');
    out.push_str(&chart(view, width));
    out
}

/// The curve as SVG.
pub fn scalability_picture(view: &ScalabilityView<'_>) -> String {
    let ScalabilityView { fit, loads, throughputs, .. } = *view;
    scalability_chart(&ScalabilityChart { title: "Throughput against load", fit, loads, throughputs })
}

fn headline(fit: &Fit) -> String {
    let (low, tested) = (count(fit.peak.low), count(fit.tested));
    let words = match (fit.curve.peak(), fit.peak.high) {
        (Some(peak), Some(high)) => {
            format!("Throughput peaks at a load of {} ({low}–{}, 95% confidence)", count(peak), count(high))
        }
        _ => format!("No peak was seen: throughput grows up to a load of at least {low}"),
    };
    let highest = fit.curve.highest_throughput().map(|highest| {
        let verb = if fit.curve.peak().is_some() { "at" } else { "approaching" };
        format!(", {verb} {}", count(highest))
    });
    let caution = if fit.is_extrapolated() {
        format!("; this is extrapolated, because loads were tested up to {tested} only")
    } else {
        String::new()
    };
    format!("{words}{}{caution}.", highest.unwrap_or_default())
}

fn parameters(fit: &Fit) -> String {
    let amdahl = if fit.curve.kappa > 0.0 { "" } else { "; without coherency this is Amdahl's law" };
    format!(
        "contention σ = {:.6}, coherency κ = {:.3e}, throughput at a load of one λ = {}{amdahl}",
        fit.curve.sigma,
        fit.curve.kappa,
        count(fit.curve.lambda)
    )
}

fn latency(view: &ScalabilityView<'_>) -> Option<String> {
    let latency = view.latency?;
    let asked = span_text(latency);
    Some(match view.fit.curve.load_at_latency(latency) {
        Some(load) if load > 2.0 * view.fit.tested => {
            format!("A latency of {asked} is reached at a load of {} (extrapolated).", count(load))
        }
        Some(load) => format!("A latency of {asked} is reached at a load of {}.", count(load)),
        None => {
            format!("No load has a latency of {asked}: an idle system is slower, or it never slows down.")
        }
    })
}

/// The curve as dots and the points as circles, from zero to a little beyond the largest load.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a chart has few rows and columns"
)]
fn chart(view: &ScalabilityView<'_>, width: usize) -> String {
    const LABEL: usize = 10;
    let columns = width.saturating_sub(LABEL + 3).min(MOST_COLUMNS);
    let farthest = view.fit.tested * 1.1;
    let load_at = |column: usize| farthest * column as f64 / (columns - 1) as f64;
    let curve: Vec<f64> = (0..columns).map(|column| view.fit.curve.throughput(load_at(column))).collect();
    let top = curve.iter().chain(view.throughputs).copied().fold(0.0, f64::max);
    let row_of = |value: f64| ROWS - 1 - ((value / top * (ROWS - 1) as f64).round() as usize).min(ROWS - 1);
    let mut grid = vec![vec![' '; columns]; ROWS];
    for (column, value) in curve.iter().enumerate() {
        grid[row_of(*value)][column] = '·';
    }
    for (load, throughput) in view.loads.iter().zip(view.throughputs) {
        let column = ((load / farthest * (columns - 1) as f64).round() as usize).min(columns - 1);
        grid[row_of(*throughput)][column] = 'o';
    }
    let mut out = String::new();
    for (row, cells) in grid.into_iter().enumerate() {
        let label = match row {
            0 => count(top),
            row if row + 1 == ROWS => "0".to_owned(),
            _ => String::new(),
        };
        let line: String = cells.into_iter().collect();
        out.push_str(format!(" {label:>LABEL$} │{line}").trim_end());
        out.push('\n');
    }
    let margin = " ".repeat(LABEL + 2);
    out.extend([&margin, "└", &"─".repeat(columns), "\n"]);
    let end = count(farthest);
    let padding = " ".repeat((columns + 1).saturating_sub(end.chars().count() + 4));
    out.extend([&margin, "load", &padding, &end, "\n"]);
    out.push_str(" o measured, · fitted\n");
    out
}
