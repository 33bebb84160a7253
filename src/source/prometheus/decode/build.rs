//! From tokens to an answer: knows which parts of it mean what, in any order, and ignores the rest.

use super::{
    FaultKind, Limits, number,
    series::{Answer, RawSeries},
    token::{Container, Token},
};

/// How many messages of each list are kept.
const MOST_MESSAGES: usize = 64;
const MOST_LABELS: usize = 256;

/// An answer under construction.
#[derive(Debug)]
pub(super) struct Builder {
    limits: Limits,
    answer: Answer,
    places: Vec<Place>,
    slot: Slot,
    /// The elements of the point or scalar being read.
    time: Option<i64>,
    value_seen: bool,
    scalar: Option<String>,
}

impl Builder {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            answer: Answer::default(),
            places: Vec::new(),
            slot: Slot::Ignored,
            time: None,
            value_seen: false,
            scalar: None,
        }
    }

    /// The series whose points come next, when they do.
    pub(super) fn points(&mut self) -> Option<&mut RawSeries> {
        if self.place() == Some(Place::Values) { self.answer.series.last_mut() } else { None }
    }

    pub(super) fn token(&mut self, token: Token<'_>) -> Result<(), FaultKind> {
        match token {
            Token::Key(key) => {
                self.slot = Slot::of(self.place(), &key);
                Ok(())
            }
            Token::Comma => Ok(()),
            Token::Open(container) => self.open(container),
            Token::Close => self.close(),
            Token::Text(text) => self.text(&text),
            Token::Number(text) => self.number(text),
            Token::True if self.slot == Slot::Partial => {
                self.answer.partial = true;
                Ok(())
            }
            Token::True | Token::False | Token::Null => self.literal(),
        }
    }

    /// The finished answer.
    pub(super) fn finish(mut self) -> Result<Answer, FaultKind> {
        let Some(text) = self.scalar.take() else { return Ok(self.answer) };
        if self.answer.result_type.as_deref() == Some("string") {
            self.answer.text = Some(text);
            return Ok(self.answer);
        }
        let at_ms = self.time.ok_or(FaultKind::Shape { expected: "the time of a scalar" })?;
        let value = number::parse(text.as_bytes());
        let value = value.ok_or(FaultKind::Shape { expected: "a number as the value of a scalar" })?;
        let mut series = RawSeries::default();
        series.samples.push(at_ms, value);
        self.answer.series.push(series);
        Ok(self.answer)
    }

    fn place(&self) -> Option<Place> {
        self.places.last().copied()
    }

    fn open(&mut self, container: Container) -> Result<(), FaultKind> {
        use Container::{Array, Object};
        let place = match (self.place(), &self.slot, container) {
            (None, _, Object) => Place::Answer,
            (Some(Place::Answer), Slot::Data, Object) => Place::Data,
            (Some(Place::Answer), Slot::Warnings, Array) => Place::Warnings,
            (Some(Place::Answer), Slot::Infos, Array) => Place::Infos,
            (Some(Place::Data), Slot::Result, Array) => Place::Result,
            (Some(Place::Data), Slot::Stats, Object) => Place::Stats,
            (Some(Place::Stats), Slot::SampleStats, Object) => Place::SampleStats,
            (Some(Place::Result), _, Object) => self.begin_series()?,
            (Some(Place::Series), Slot::Labels, Object) => Place::Labels,
            (Some(Place::Series), Slot::Values, Array) => self.begin_values(),
            (Some(Place::Series), Slot::Value, Array) | (Some(Place::Values), _, Array) => self.begin_point(),
            (Some(Place::Series), Slot::Histograms, _) => self.note_histograms(),
            (
                Some(Place::Ignored | Place::Warnings | Place::Infos | Place::Stats | Place::SampleStats),
                _,
                _,
            )
            | (Some(Place::Data), Slot::Stats, _)
            | (Some(Place::Answer | Place::Data | Place::Series), Slot::Ignored, _) => Place::Ignored,
            _ => return Err(FaultKind::Shape { expected: "an answer to a query" }),
        };
        self.places.push(place);
        self.slot = Slot::Ignored;
        Ok(())
    }

    fn close(&mut self) -> Result<(), FaultKind> {
        match self.places.pop() {
            Some(Place::Point) if !self.value_seen => {
                return Err(FaultKind::Shape { expected: "a time and a value in a point" });
            }
            Some(Place::Values) => {
                if let Some(series) = self.answer.series.last_mut() {
                    series.samples.complete();
                }
            }
            _ => {}
        }
        self.slot = Slot::Ignored;
        Ok(())
    }

    fn begin_series(&mut self) -> Result<Place, FaultKind> {
        if self.answer.series.len() == self.limits.series {
            return Err(FaultKind::TooManySeries { limit: self.limits.series });
        }
        self.answer.series.push(RawSeries::default());
        Ok(Place::Series)
    }

    fn begin_values(&mut self) -> Place {
        if let Some(series) = self.answer.series.last_mut() {
            series.samples.expect(self.limits.points);
        }
        Place::Values
    }

    fn begin_point(&mut self) -> Place {
        self.time = None;
        self.value_seen = false;
        Place::Point
    }

    fn note_histograms(&mut self) -> Place {
        if let Some(series) = self.answer.series.last_mut() {
            series.histograms = true;
        }
        Place::Ignored
    }

    fn text(&mut self, text: &str) -> Result<(), FaultKind> {
        match (self.place(), std::mem::replace(&mut self.slot, Slot::Ignored)) {
            (_, Slot::Status) => text.clone_into(&mut self.answer.status),
            (_, Slot::ErrorType) => self.answer.error_type = Some(text.to_owned()),
            (_, Slot::Error) => self.answer.error = Some(text.to_owned()),
            (_, Slot::ResultType) => self.answer.result_type = Some(text.to_owned()),
            (_, Slot::Label(name)) => self.label(name, text)?,
            (Some(Place::Point), _) => {
                let value = number::parse(text.as_bytes());
                self.value(value.ok_or(FaultKind::Shape { expected: "a number as the value of a point" })?)?;
            }
            (Some(Place::Result), _) => self.scalar = Some(text.to_owned()),
            (Some(Place::Warnings), _) => keep(&mut self.answer.warnings, text),
            (Some(Place::Infos), _) => keep(&mut self.answer.infos, text),
            (Some(Place::Values) | None, _) => {
                return Err(FaultKind::Shape { expected: "an answer to a query" });
            }
            _ => {}
        }
        Ok(())
    }

    fn number(&mut self, text: &str) -> Result<(), FaultKind> {
        if self.slot == Slot::SamplesRead {
            self.answer.samples_read = text.parse().ok();
        }
        let in_point = self.place() == Some(Place::Point);
        if in_point && self.time.is_some() {
            let value = number::parse(text.as_bytes());
            return self.value(value.ok_or(FaultKind::Shape { expected: "a number" })?);
        }
        if in_point || self.place() == Some(Place::Result) {
            let time = number::milliseconds(text);
            self.time = Some(time.ok_or(FaultKind::Shape { expected: "a time in this era" })?);
            return Ok(());
        }
        self.literal()
    }

    /// A value without a meaning here is passed over, except where a sample is expected.
    fn literal(&mut self) -> Result<(), FaultKind> {
        self.slot = Slot::Ignored;
        match self.place() {
            None | Some(Place::Point | Place::Values | Place::Result) => {
                Err(FaultKind::Shape { expected: "series of points" })
            }
            Some(_) => Ok(()),
        }
    }

    fn label(&mut self, name: String, value: &str) -> Result<(), FaultKind> {
        if let Some(series) = self.answer.series.last_mut() {
            if series.labels.len() == MOST_LABELS {
                return Err(FaultKind::Shape { expected: "at most 256 labels on a series" });
            }
            series.labels.push((name, value.to_owned()));
        }
        Ok(())
    }

    fn value(&mut self, value: f64) -> Result<(), FaultKind> {
        let (Some(time), false) = (self.time, self.value_seen) else {
            return Err(FaultKind::Shape { expected: "a time and a value in a point" });
        };
        self.value_seen = true;
        if let Some(series) = self.answer.series.last_mut() {
            series.samples.push(time, value);
        }
        Ok(())
    }
}

fn keep(messages: &mut Vec<String>, text: &str) {
    if messages.len() < MOST_MESSAGES {
        messages.push(text.to_owned());
    }
}

/// What an open bracket belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Answer,
    Data,
    Result,
    Series,
    Labels,
    Values,
    Point,
    Warnings,
    Infos,
    Stats,
    SampleStats,
    Ignored,
}

/// What the value behind the latest key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    Status,
    ErrorType,
    Error,
    Warnings,
    Infos,
    Partial,
    Data,
    ResultType,
    Result,
    Labels,
    Label(String),
    Values,
    Value,
    Histograms,
    Stats,
    SampleStats,
    SamplesRead,
    Ignored,
}

impl Slot {
    /// What a key means at its place.
    pub(super) fn of(place: Option<Place>, key: &str) -> Self {
        match (place, key) {
            (Some(Place::Answer), "status") => Self::Status,
            (Some(Place::Answer), "errorType") => Self::ErrorType,
            (Some(Place::Answer), "error") => Self::Error,
            (Some(Place::Answer), "warnings") => Self::Warnings,
            (Some(Place::Answer), "infos") => Self::Infos,
            (Some(Place::Answer), "isPartial") => Self::Partial,
            (Some(Place::Answer), "data") => Self::Data,
            (Some(Place::Data), "resultType") => Self::ResultType,
            (Some(Place::Data), "result") => Self::Result,
            (Some(Place::Data), "stats") => Self::Stats,
            (Some(Place::Stats), "samples") => Self::SampleStats,
            (Some(Place::SampleStats), "totalQueryableSamples") => Self::SamplesRead,
            (Some(Place::Series), "metric") => Self::Labels,
            (Some(Place::Series), "values") => Self::Values,
            (Some(Place::Series), "value") => Self::Value,
            (Some(Place::Series), "histogram" | "histograms") => Self::Histograms,
            (Some(Place::Labels), name) => Self::Label(name.to_owned()),
            _ => Self::Ignored,
        }
    }
}
