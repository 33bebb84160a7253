//! `usl`: where throughput stops growing with load.

use serde::Serialize;

use crate::{
    capacity::usl::Fit,
    loadtest::Note,
    render::{
        chart::{ScalabilityChart, scalability_characters, scalability_chart},
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
        peak: Peak { load: fit.curve.peak(), low: fit.peak.low, high: fit.peak.high },
        max_throughput: fit.curve.highest_throughput(),
        extrapolated: fit.is_extrapolated(),
        load_at_latency: scalability.latency.map(|latency_seconds| LoadAtLatency {
            latency_seconds,
            load: fit.curve.load_at_latency(latency_seconds),
        }),
        notes: scalability.notes,
    })
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
        (Some(peak), Some(_)) => format!("Throughput peaks at a load of {}", count(peak)),
        _ => format!("No peak: throughput grows at least up to a load of {}", count(fit.peak.low)),
    }
}

fn facts(scalability: &Scalability<'_>) -> Vec<Fact> {
    let fit = scalability.fit;
    let mut facts = Vec::new();
    facts.extend(
        fit.peak
            .high
            .filter(|_| fit.curve.peak().is_some())
            .map(|high| Fact::new("Peak", format!("95% interval {}–{}", count(fit.peak.low), count(high)))),
    );
    facts.extend(fit.curve.highest_throughput().map(|highest| {
        let approached = if fit.curve.peak().is_some() { "" } else { ", approached but never reached" };
        Fact::new("Throughput", format!("at most {}{approached}", count(highest)))
    }));
    facts.extend(latency(scalability));
    facts.push(tested(scalability));
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
