//! What is measured in a small world: from pictures and functions, with names, labels and limits, or why it is not.

use super::{DAY, World, now, signal_named};
use crate::{
    signal::{ResourceId, Series, Unit},
    snapshot::{Exhausted, Gap, Limit, Observation, Origin, Reason, SourceReport},
};

impl World {
    /// A single reading, taken now.
    pub(in crate::assess::tests) fn spot(self, signal: &str, value: f64) -> Self {
        self.observe(signal, Series::spot(now(), value).unwrap())
    }

    /// A whole day at one value.
    pub(in crate::assess::tests) fn flat(self, signal: &str, value: f64) -> Self {
        self.minutes(signal, DAY, |_| Some(value))
    }

    /// The last `length` minutes up to now, minute by minute; `None` is a missing sample.
    pub(in crate::assess::tests) fn minutes(
        self,
        signal: &str,
        length: i64,
        value: impl Fn(i64) -> Option<f64>,
    ) -> Self {
        let end = now().timestamp_millis();
        let samples = (0..=length).filter_map(|minute| Some((minute, value(minute)?)));
        let (at, values) = samples.map(|(minute, value)| (end - (length - minute) * 60_000, value)).unzip();
        self.observe(signal, Series::new(60_000, at, values).unwrap())
    }

    /// The minutes up to now: `#` is `high`, `.` is `low`, a blank is a missing sample.
    pub(in crate::assess::tests) fn picture(self, signal: &str, picture: &str, low: f64, high: f64) -> Self {
        let marks: Vec<char> = picture.chars().collect();
        let length = i64::try_from(marks.len()).unwrap() - 1;
        self.minutes(signal, length, |minute| match marks[usize::try_from(minute).unwrap()] {
            '#' => Some(high),
            '.' => Some(low),
            _ => None,
        })
    }

    /// One value a month, the newest of this month.
    pub(in crate::assess::tests) fn months(self, signal: &str, values: &[f64]) -> Self {
        const MONTH_MS: i64 = 30 * 86_400_000;
        let age = |index: usize| i64::try_from(values.len() - 1 - index).unwrap() * MONTH_MS;
        let at = (0..values.len()).map(|index| now().timestamp_millis() - age(index)).collect();
        self.observe(signal, Series::new(86_400_000, at, values.to_vec()).unwrap())
    }

    /// The means of the last `days` days' hours, by the number of the hour; the last is that before now.
    pub(in crate::assess::tests) fn hours(
        mut self,
        signal: &str,
        days: i64,
        value: impl Fn(i64) -> f64,
    ) -> Self {
        const HOUR_MS: i64 = 3_600_000;
        let end = now().timestamp_millis() / HOUR_MS;
        let hours = days * 24;
        let at = (0..hours).map(|hour| (end - hours + hour) * HOUR_MS).collect();
        let values = (0..hours).map(value).collect();
        self.history.push(observation(signal, Series::new(HOUR_MS, at, values).unwrap()));
        self
    }

    fn observe(mut self, signal: &str, values: Series) -> Self {
        self.observations.push(observation(signal, values));
        self
    }

    /// Names the instance of the latest past.
    pub(in crate::assess::tests) fn past_of(mut self, instance: &str) -> Self {
        self.history.last_mut().unwrap().instance = Some(instance.to_owned());
        self
    }

    /// Names the instance of the latest measurement.
    pub(in crate::assess::tests) fn of(mut self, instance: &str) -> Self {
        self.observations.last_mut().unwrap().instance = Some(instance.to_owned());
        self
    }

    /// The instance of the latest measurement stopped reporting.
    pub(in crate::assess::tests) fn stopped(mut self) -> Self {
        self.stopped.extend(self.observations.pop());
        self
    }

    /// Gives the latest measurement labels.
    pub(in crate::assess::tests) fn labelled(mut self, labels: &[(&str, &str)]) -> Self {
        let pairs = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.observations.last_mut().unwrap().labels = pairs.collect();
        self
    }

    /// Names the source of the latest measurement.
    pub(in crate::assess::tests) fn read_by(mut self, source: &str) -> Self {
        source.clone_into(&mut self.observations.last_mut().unwrap().origin.source);
        self
    }

    /// Says what 100 % of the latest measurement is.
    pub(in crate::assess::tests) fn out_of(mut self, count: f64) -> Self {
        self.observations.last_mut().unwrap().limit = Limit::constant(count, Unit::Count);
        self
    }

    /// Adds an attribute to the latest measurement.
    pub(in crate::assess::tests) fn with(mut self, name: &str, value: &str) -> Self {
        let attributes = &mut self.observations.last_mut().unwrap().attributes;
        attributes.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(in crate::assess::tests) fn gap(mut self, signal: &str, reason: Reason) -> Self {
        self.gaps.push(Gap {
            signal: signal_named(signal),
            source: "test".to_owned(),
            reason,
            detail: "it was not there".to_owned(),
            hint: None,
        });
        self
    }

    /// A source that was read directly.
    pub(in crate::assess::tests) fn source(mut self, name: &str) -> Self {
        self.sources.push(SourceReport::answered(name, "nowhere"));
        self
    }

    pub(in crate::assess::tests) fn refused(mut self, resource: &str) -> Self {
        self.exhausted.push(Exhausted {
            resource: ResourceId::find(resource).unwrap(),
            source: "test".to_owned(),
            message: "no slots left".to_owned(),
        });
        self
    }
}

fn observation(signal: &str, values: Series) -> Observation {
    Observation::new(
        signal_named(signal),
        values,
        Origin { source: "test".to_owned(), query: format!("query of {signal}") },
    )
}
