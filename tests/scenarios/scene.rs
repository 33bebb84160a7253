//! Small snapshots, put together from a few values.

use chrono::{DateTime, TimeDelta, Utc};
use scale_advisor::{
    signal::{ResourceId, Series, SignalId, Unit, catalog},
    snapshot::{
        Exhausted, Gap, Limit, Observation, Origin, Reason, Snapshot, SourceReport, SourceResult,
        Unavailable, Window, merge,
    },
};

/// Minutes of history.
pub(crate) const LENGTH: i64 = 120;

/// The end of every scene.
fn now() -> DateTime<Utc> {
    "2026-11-20T16:40:00Z".parse().unwrap()
}

pub(crate) fn signal(name: &str) -> SignalId {
    SignalId::find(name).unwrap_or_else(|| panic!("no signal {name}"))
}

/// What some sources gave.
pub(crate) struct Scene {
    readings: Vec<SourceResult>,
}

pub(crate) fn scene() -> Scene {
    Scene { readings: Vec::new() }
}

impl Scene {
    /// A source that answered; what is measured next comes from it.
    pub(crate) fn source(mut self, name: &str, address: &str, version: &str) -> Self {
        let report = SourceReport {
            version: Some(version.to_owned()),
            ..SourceReport::answered(name, address.to_owned())
        };
        let (observations, gaps, exhausted) = Default::default();
        self.readings.push(SourceResult { observations, gaps, exhausted, ..SourceResult::new(report) });
        self
    }

    pub(crate) fn prometheus(self) -> Self {
        self.source("prometheus", "http://127.0.0.1:9090", "Prometheus 2.42.0")
    }

    /// A source that did not answer, and the gaps that leaves.
    pub(crate) fn failed(mut self, name: &str, address: &str, reason: Reason, detail: &str) -> Self {
        let wanted = catalog().signals().filter(|signal| {
            if name == "prometheus" {
                // What brings its own limits along is not missed.
                !signal.prometheus.is_empty() && signal.limits.is_empty()
            } else {
                signal.native.iter().any(|n| n == name)
            }
        });
        let wanted: Vec<SignalId> = wanted.map(scale_advisor::signal::Signal::id).collect();
        let why = Unavailable::new(reason, detail).hint("start it, or correct the address");
        self.readings.push(SourceResult::failed(name, address.to_owned(), wanted, why));
        self
    }

    /// The source measured before turned us away.
    pub(crate) fn full(mut self, resource: &str, message: &str) -> Self {
        let reading = self.reading();
        let source = reading.report.source.clone();
        let resource = ResourceId::find(resource).unwrap();
        reading.exhausted.push(Exhausted { resource, source, message: message.to_owned() });
        self
    }

    fn reading(&mut self) -> &mut SourceResult {
        self.readings.last_mut().expect("a source comes first")
    }

    fn observe(mut self, name: &str, values: Series) -> Self {
        let reading = self.reading();
        let source = reading.report.source.clone();
        let origin = Origin { source, query: format!("what measures {name}") };
        reading.observations.push(Observation::new(signal(name), values, origin));
        self
    }

    /// Two hours, minute by minute.
    pub(crate) fn minutes(self, name: &str, value: impl Fn(i64) -> f64) -> Self {
        let end = now().timestamp_millis();
        let at = (0..=LENGTH).map(|minute| end - (LENGTH - minute) * 60_000).collect();
        let values = (0..=LENGTH).map(value).collect();
        self.observe(name, Series::new(60_000, at, values).unwrap())
    }

    pub(crate) fn steady(self, name: &str, value: f64) -> Self {
        self.minutes(name, |_| value)
    }

    /// Several steady signals of one source.
    pub(crate) fn all_steady(self, values: &[(&str, f64)]) -> Self {
        values.iter().fold(self, |scene, (name, value)| scene.steady(name, *value))
    }

    pub(crate) fn spot(self, name: &str, value: f64) -> Self {
        // One reading of what swings from sample to sample proves nothing.
        if signal(name).entry().fluctuates {
            const SAMPLES: i64 = 12;
            let at =
                (0..SAMPLES).map(|age| now().timestamp_millis() - (SAMPLES - 1 - age) * 60_000).collect();
            let values = (0..SAMPLES).map(|_| value).collect();
            return self.observe(name, Series::new(60_000, at, values).unwrap());
        }
        self.observe(name, Series::spot(now(), value).unwrap())
    }

    pub(crate) fn all_spots(self, values: &[(&str, f64)]) -> Self {
        values.iter().fold(self, |scene, (name, value)| scene.spot(name, *value))
    }

    fn latest(&mut self) -> &mut Observation {
        self.reading().observations.last_mut().expect("a measurement comes first")
    }

    /// Measures a signal anew.
    pub(crate) fn replace(self, name: &str, value: impl Fn(i64) -> f64) -> Self {
        self.without(name).minutes(name, value)
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.reading().observations.retain(|observation| observation.signal.as_str() != name);
        self
    }

    pub(crate) fn of(mut self, instance: &str) -> Self {
        self.latest().instance = Some(instance.to_owned());
        self
    }

    pub(crate) fn out_of(mut self, value: f64, unit: Unit) -> Self {
        self.latest().limit = Limit::constant(value, unit);
        self
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.latest().attributes.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Gives the latest measurement labels.
    pub(crate) fn labelled(mut self, labels: &[(&str, &str)]) -> Self {
        let pairs = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.latest().labels = pairs.collect();
        self
    }

    pub(crate) fn note(mut self, note: &str) -> Self {
        self.latest().notes.push(note.to_owned());
        self
    }

    pub(crate) fn gap(mut self, name: &str, reason: Reason, detail: &str, hint: Option<&str>) -> Self {
        let reading = self.reading();
        reading.gaps.push(Gap {
            signal: signal(name),
            source: reading.report.source.clone(),
            reason,
            detail: detail.to_owned(),
            hint: hint.map(str::to_owned),
        });
        self
    }

    pub(crate) fn snapshot(self) -> Snapshot {
        let window = Window { from: now() - TimeDelta::minutes(LENGTH), to: now(), step_seconds: 60 };
        let mut snapshot = merge(now(), window, self.readings);
        "0.1.0".clone_into(&mut snapshot.tool_version);
        snapshot
    }
}
