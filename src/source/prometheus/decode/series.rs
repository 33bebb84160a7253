//! What a decoded answer holds.

/// A decoded answer to `query` or `query_range`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// `success` or `error`; empty when the answer does not say.
    pub status: String,
    /// The kind of error, such as `bad_data`.
    pub error_type: Option<String>,
    /// The error in the server's words.
    pub error: Option<String>,
    /// What the server warns of: usually that data is missing.
    pub warnings: Vec<String>,
    /// What the server remarks on the query.
    pub infos: Vec<String>,
    /// VictoriaMetrics clusters mark answers that miss the data of some nodes.
    pub partial: bool,
    /// How many samples the server read for it, where it says so.
    pub samples_read: Option<u64>,
    /// `matrix`, `vector`, `scalar` or `string`.
    pub result_type: Option<String>,
    /// The series, in the server's order. A scalar is a series without labels.
    pub series: Vec<RawSeries>,
    /// The result of a query for a string.
    pub text: Option<String>,
}

impl Answer {
    /// What data are missing from it, in words; `None` where it is whole as far as the server says.
    pub fn missing(&self) -> Option<String> {
        missing(&self.warnings, self.partial)
    }
}

/// What warnings and the mark of a partial answer say of missing data.
pub(in crate::source::prometheus) fn missing(warnings: &[String], partial: bool) -> Option<String> {
    let first = warnings.iter().find(|warning| !is_remark(warning)).cloned();
    first.or_else(|| partial.then(|| "some storage nodes did not respond".to_owned()))
}

/// Whether a warning is about the query and not about data: engines begin these with their own name.
pub(in crate::source::prometheus) fn is_remark(warning: &str) -> bool {
    warning.starts_with("PromQL info") || warning.starts_with("PromQL warning")
}

/// One series as the server sent it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawSeries {
    /// Label names and values, in the server's order.
    pub labels: Vec<(String, String)>,
    /// The samples.
    pub samples: Samples,
    /// True when the series also holds native histograms, which are not decoded.
    pub histograms: bool,
}

/// Finite samples in columns, and how many others there were.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    /// Times in Unix milliseconds.
    pub at_ms: Vec<i64>,
    /// Values, as many as times.
    pub values: Vec<f64>,
    /// How many samples were not a number, and were left out.
    pub nan: u64,
    /// How many samples were infinite, and were left out.
    pub infinite: u64,
}

impl Samples {
    /// Adds a sample, or counts it when it is not finite.
    #[inline]
    pub(in crate::source::prometheus) fn push(&mut self, at_ms: i64, value: f64) {
        if value.is_finite() {
            self.at_ms.push(at_ms);
            self.values.push(value);
        } else if value.is_nan() {
            self.nan = self.nan.saturating_add(1);
        } else {
            self.infinite = self.infinite.saturating_add(1);
        }
    }

    /// Reserves memory for so many samples, so that columns need not grow by copying.
    pub(super) fn expect(&mut self, count: usize) {
        self.at_ms.reserve_exact(count);
        self.values.reserve_exact(count);
    }

    /// Releases the memory that was not needed.
    pub(super) fn complete(&mut self) {
        self.at_ms.shrink_to_fit();
        self.values.shrink_to_fit();
    }
}
