//! What phases count as load, and the load tests that show how much the system can handle.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Condition, Figure,
    amount::{DURATION, FIGURES, RATE, RATIO},
    values::{IDENTIFIER, LOAD_SIGNAL, check_unique},
};
use crate::{
    diagnostic::{Reader, Spans, toml_table},
    signal::{Quantity, SignalId},
};

toml_table! {
    /// The load that phases and milestones are counted in.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Load {
        /// The signal that measures it.
        pub signal: SignalId as LOAD_SIGNAL,
        /// What it counts: "concurrent users".
        pub unit: String,
        /// Share of the users who are active on a day.
        pub daily_active_ratio: Option<Quantity> as RATIO,
        /// Share of the users who are online in the peak hour.
        pub peak_concurrent_ratio: Option<Quantity> as RATIO,
        /// Requests per user and second, to estimate the load from traffic.
        pub requests_per_user: Option<Quantity> as RATE,
        /// Share of the requests that only read.
        pub read_ratio: Option<Quantity> as RATIO,
        /// Traffic patterns, in words.
        pub patterns: Vec<String>,
    }
}

toml_table! {
    /// A test of how the system behaves under load.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct LoadTest {
        /// Its name.
        pub id: String as IDENTIFIER,
        /// What it is to show.
        pub purpose: String,
        /// How often it is run.
        pub frequency: Option<Frequency>,
        /// How it is run, in words.
        pub method: Option<String>,
        /// Concurrent simulated users, one run for each number.
        pub concurrency: Vec<u64>,
        /// How long the full load lasts.
        pub duration: Option<Quantity> as DURATION,
        /// How long it takes to reach the full load.
        pub ramp: Option<Quantity> as DURATION,
        /// What the simulated users do.
        pub scenarios: Vec<String>,
        /// What to record.
        pub metrics: Vec<String>,
        /// Results that the document states.
        pub figures: Vec<Figure> as FIGURES = Vec::new(),
        /// What the system's signals must meet during the test; not evaluated at other times.
        pub pass: Option<Condition>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check_list = check_load_tests;
}

fn check_load_tests(tests: &[Option<LoadTest>], reader: &Reader<'_>, key: &'static str) {
    check_unique(reader, key, tests.iter().flatten().map(|test| (&test.id, &test.spans)));
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

    /// The name in files.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, frequency)| *frequency == self).map_or("", |(name, _)| name)
    }
}
