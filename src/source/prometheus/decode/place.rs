//! The parts of an answer that mean something.

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
