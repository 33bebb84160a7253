//! `usl`: where throughput stops growing with load.

use serde::Serialize;

use crate::{
    capacity::usl::Fit,
    loadtest::Note,
    render::{
        chart::{ScalabilityChart, is_flat, no_peak, scalability_characters, scalability_chart},
        count,
        document::{Block, Document, Fact, Picture, Section, Tone},
        json::pretty,
    },
    signal::span_text,
};

/// A fitted curve with the points it was fitted to.
#[derive(Debug, Clone, Copy)]
pub struct Scalability<'a> {
    /// The curve and the interval of its peak.
    pub fit: &'a Fit,
    /// The loads that were tested.
    pub loads: &'a [f64],
    /// The throughput at each.
    pub throughputs: &'a [f64],
    /// A latency in seconds; the load that reaches it is reported.
    pub latency: Option<f64>,
    /// What a reader of the points should know.
    pub notes: &'a [FileNote],
}

/// What a reader of a file's figures should know.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileNote {
    /// The file as it was given.
    pub file: String,
    /// What was left out, added up or reset.
    #[serde(flatten)]
    pub note: Note,
}

#[derive(Serialize)]
struct Json<'a> {
    sigma: f64,
    kappa: f64,
    lambda: f64,
    peak: Peak,
    max_throughput: Option<f64>,
    extrapolated: bool,
    /// How far points lie from the curve as a rule, as a share of it.
    spread: f64,
    /// How far each point lies above the curve, as a share of it.
    residuals: Vec<f64>,
    poor_fit: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    superlinear: Option<Gain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    load_at_latency: Option<LoadAtLatency>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [FileNote],
}

/// Null ends are open: no peak was seen.
#[derive(Serialize)]
struct Peak {
    load: Option<f64>,
    low: f64,
    high: Option<f64>,
}

/// A throughput that grew faster than the load.
#[derive(Serialize)]
struct Gain {
    /// By how much the throughput of each unit of load rose at most, as a share.
    gain: f64,
    load: f64,
}

#[derive(Serialize)]
struct LoadAtLatency {
    latency_seconds: f64,
    load: Option<f64>,
}

/// The curve for programs.
pub fn scalability_json(scalability: &Scalability<'_>) -> String {
    let fit = scalability.fit;
    pretty(&Json {
        sigma: fit.curve.sigma,
        kappa: fit.curve.kappa,
        lambda: fit.curve.lambda,
        peak: Peak {
            load: fit.curve.peak().filter(|_| !is_flat(fit)),
            low: fit.peak.low,
            high: fit.peak.high,
        },
        max_throughput: highest_throughput(fit),
        extrapolated: fit.is_extrapolated(),
        spread: fit.spread,
        residuals: points(scalability).map(|(load, throughput)| fit.residual(load, throughput)).collect(),
        poor_fit: fit.is_poor(),
        superlinear: fit.superlinear.map(|found| Gain { gain: found.gain, load: found.load }),
        load_at_latency: scalability.latency.map(|latency_seconds| LoadAtLatency {
            latency_seconds,
            load: fit.curve.load_at_latency(latency_seconds),
        }),
        notes: scalability.notes,
    })
}

fn points<'a>(scalability: &Scalability<'a>) -> impl Iterator<Item = (f64, f64)> + use<'a> {
    scalability.loads.iter().copied().zip(scalability.throughputs.iter().copied())
}

/// The peak, the parameters and the curve.
pub fn scalability_document(scalability: &Scalability<'_>) -> Document {
    let facts = Block::Facts { facts: facts(scalability) };
    let picture = Picture {
        name: "scalability".to_owned(),
        title: "Throughput against load".to_owned(),
        svg: scalability_picture(scalability),
        characters: scalability_characters(&chart(scalability)),
    };
    Document {
        title: title(scalability.fit).into(),
        sections: vec![
            Section::untitled("summary", vec![facts]),
            Section::untitled("curve", vec![Block::Picture(picture)]),
        ],
        ..Document::default()
    }
}

/// The curve as SVG.
pub fn scalability_picture(scalability: &Scalability<'_>) -> String {
    scalability_chart(&chart(scalability))
}

fn chart<'a>(scalability: &Scalability<'a>) -> ScalabilityChart<'a> {
    let Scalability { fit, loads, throughputs, .. } = *scalability;
    ScalabilityChart { title: "Throughput against load", fit, loads, throughputs }
}

fn title(fit: &Fit) -> String {
    match (fit.curve.peak(), fit.peak.high) {
        _ if is_flat(fit) => "Throughput does not grow with load".to_owned(),
        (Some(peak), Some(_)) => format!("Throughput peaks at a load of {}", count(peak)),
        _ => no_peak(fit),
    }
}

/// The highest throughput of the curve.
fn highest_throughput(fit: &Fit) -> Option<f64> {
    if is_flat(fit) { Some(fit.curve.lambda) } else { fit.curve.highest_throughput() }
}

fn throughput(fit: &Fit) -> Option<Fact> {
    let highest = count(highest_throughput(fit)?);
    let text = match fit.curve.peak() {
        _ if is_flat(fit) => format!("about {highest} at every load, from the smallest on"),
        Some(_) => format!("at most {highest}"),
        None => format!("at most {highest}, approached but never reached"),
    };
    Some(Fact::new("Throughput", text))
}

fn facts(scalability: &Scalability<'_>) -> Vec<Fact> {
    let fit = scalability.fit;
    let mut facts = Vec::new();
    facts.extend(
        fit.peak
            .high
            .filter(|_| fit.curve.peak().is_some() && !is_flat(fit))
            .map(|high| Fact::new("Peak", format!("95% interval {}–{}", count(fit.peak.low), count(high)))),
    );
    facts.extend(throughput(fit));
    facts.extend(latency(scalability));
    facts.push(tested(scalability));
    facts.push(agreement(scalability));
    facts.extend(superlinear(fit));
    let amdahl = if fit.curve.kappa > 0.0 { "" } else { "; with κ = 0 this is Amdahl's law" };
    facts.push(Fact::new(
        "Model",
        format!(
            "contention σ = {:.6}, coherency κ = {:.3e}, throughput at load 1 λ = {}{amdahl}",
            fit.curve.sigma,
            fit.curve.kappa,
            count(fit.curve.lambda)
        ),
    ));
    facts
}

/// How well the curve agrees with the points, and where it does so worst.
fn agreement(scalability: &Scalability<'_>) -> Fact {
    let fit = scalability.fit;
    let residuals = points(scalability).map(|(load, throughput)| (load, fit.residual(load, throughput)));
    let worst = residuals.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    let worst = worst.map_or_else(String::new, |(load, residual)| {
        let side = if residual < 0.0 { "below" } else { "above" };
        format!(", at most {:.1}% {side} it at a load of {}", residual.abs() * 100.0, count(load))
    });
    let text = format!("points lie {:.1}% from the curve{worst}", fit.spread * 100.0);
    if fit.is_poor() {
        let advice = "; they have a different shape or too much noise, so the peak is unreliable";
        Fact::new("Fit", text + advice).with_tone(Tone::Warning)
    } else {
        Fact::new("Fit", text)
    }
}

/// What to make of a throughput that grew faster than the load.
fn superlinear(fit: &Fit) -> Option<Fact> {
    let found = fit.superlinear?;
    let text = format!(
        "throughput grew faster than the load: {:.0}% more per unit of load at {} than at the smallest load, which this \
         law cannot describe; caches that fill or a first load without warm-up are usual causes, so repeat the small \
         loads, or leave them out",
        found.gain * 100.0,
        count(found.load)
    );
    Some(Fact::new("Superlinear", text).with_tone(Tone::Warning))
}

fn tested(scalability: &Scalability<'_>) -> Fact {
    let fit = scalability.fit;
    let tested = format!("{} loads up to {}", count(scalability.loads.len() as f64), count(fit.tested));
    if fit.is_extrapolated() {
        Fact::new("Tested", format!("{tested}; the result is extrapolated beyond that"))
            .with_tone(Tone::Warning)
    } else {
        Fact::new("Tested", tested)
    }
}

fn latency(scalability: &Scalability<'_>) -> Option<Fact> {
    let seconds = scalability.latency?;
    let latency = span_text(seconds);
    let text = match scalability.fit.curve.load_at_latency(seconds) {
        Some(load) if load > 2.0 * scalability.fit.tested => {
            format!("{latency} at a load of {} (extrapolated)", count(load))
        }
        Some(load) => format!("{latency} at a load of {}", count(load)),
        None => format!("{latency} at no load: slower even when idle, or never that slow"),
    };
    Some(Fact::new("Latency", text))
}
