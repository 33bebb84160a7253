//! Load tests: what to try, how often, and what must hold meanwhile.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Condition, Figure, amount, condition, value};
use crate::{
    diagnostic::Node,
    signal::{Quantity, Unit},
};

/// A test of how the system behaves under load.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LoadTest {
    /// Its name.
    pub id: String,
    /// What it is to show.
    pub purpose: String,
    /// How often it is run.
    pub frequency: Option<Frequency>,
    /// How it goes about it.
    pub method: Option<String>,
    /// Simulated users at once, one run for each.
    pub concurrency: Vec<u64>,
    /// How long the full load lasts.
    pub duration: Option<Quantity>,
    /// How long it takes to reach the full load.
    pub ramp: Option<Quantity>,
    /// What the simulated users do.
    pub scenarios: Vec<String>,
    /// What to write down.
    pub metrics: Vec<String>,
    /// What the document says came out.
    pub figures: Vec<Figure>,
    /// What the system's signals must meet during the test; not judged outside of one.
    pub pass: Option<Condition>,
    /// Where its name stands in the file.
    #[serde(skip)]
    pub span: std::ops::Range<usize>,
}

/// How often a test is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Frequency {
    /// With every deployment.
    Deployment,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every quarter of a year.
    Quarterly,
}

impl Frequency {
    /// Every frequency with its name in files.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("deployment", Self::Deployment),
        ("daily", Self::Daily),
        ("weekly", Self::Weekly),
        ("monthly", Self::Monthly),
        ("quarterly", Self::Quarterly),
    ];
}

pub(super) fn read(node: Node<'_>) -> Option<LoadTest> {
    let reader = node.table()?;
    let id = reader.need("id", value::name);
    let purpose = reader.need("purpose", Node::string);
    let frequency = reader.get("frequency", |node| node.one_of(&Frequency::NAMES));
    let method = reader.get("method", Node::string);
    let concurrency = reader.list("concurrency", Node::count);
    let duration = reader.get("duration", |node| value::of_unit(node, Unit::Seconds));
    let ramp = reader.get("ramp", |node| value::of_unit(node, Unit::Seconds));
    let scenarios = reader.list("scenarios", Node::string);
    let metrics = reader.list("metrics", Node::string);
    let figures = reader.get("figures", amount::read_figures).unwrap_or_default();
    let pass = reader.get("pass", condition::read);
    let (id, span) = id?;
    Some(LoadTest {
        id,
        purpose: purpose?,
        frequency,
        method,
        concurrency,
        duration,
        ramp,
        scenarios,
        metrics,
        figures,
        pass,
        span,
    })
}
