//! What is kept of a service's past: the hourly figures of its queries, so that a night reads one new day.
//!
//! A history keeps them as bytes, a block for each day: JSON, compressed with gzip and its checksum. The coverage says which
//! queries were read from when to when, and has the checksum of every block: a block that is missing, old or changed is
//! found. Whatever is not as it was written counts as not kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{self, Read, Write},
};

use chrono::DateTime;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::snapshot::Labels;

/// The version of the bytes. Those of another version count as not kept.
const VERSION: u32 = 1;
/// The largest block as JSON: a day of thirty thousand series.
const LARGEST: u64 = 16 << 20;
/// Queries that were not read for so long are forgotten, in seconds: a service that comes back is read as a new one.
const FORGOTTEN_AFTER: i64 = 30 * DAY;
const HOUR: i64 = 3600;
const HOURS: usize = 24;
const DAY: i64 = 24 * HOUR;

/// A query, as the hash of its text: a changed one is another query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QueryKey(u64);

impl QueryKey {
    /// The key of a query's text.
    pub fn new(text: &str) -> Self {
        Self(Sha256::digest(text).iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

impl fmt::Display for QueryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<QueryKey> for String {
    fn from(key: QueryKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for QueryKey {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u64::from_str_radix(&text, 16).map(Self)
    }
}

/// The figures of a series: of each hour the Unix time in seconds at which it ends, and its mean.
pub type Hours = Vec<(i64, f64)>;

/// The figures of a query, with the labels of each series.
pub type QueryHours = Vec<(Labels, Hours)>;

/// Hours that were read of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadHours {
    /// Which query.
    pub query: QueryKey,
    /// The Unix time in seconds from which on all hours are known, because nothing was there before or it was read; `None`
    /// where what is kept was continued.
    pub from: Option<i64>,
    /// The end of the last hour that was read, in Unix seconds.
    pub end: i64,
    /// The figures, none after the end.
    pub series: QueryHours,
}

/// What is kept of a service's past.
#[derive(Debug, Clone, Default)]
pub struct KeptPast {
    queries: BTreeMap<QueryKey, KeptQuery>,
    /// The first day whose block was decoded.
    first_day: i64,
    /// The checksums of the blocks as they are stored, by day.
    stored: BTreeMap<i64, u32>,
    /// The days whose blocks must be written.
    changed: BTreeSet<i64>,
}

/// The figures of a series by day; NaN for hours without one.
type SeriesDays = BTreeMap<i64, [f64; HOURS]>;

#[derive(Debug, Clone, Default)]
struct KeptQuery {
    from: i64,
    end: i64,
    series: BTreeMap<Labels, SeriesDays>,
}

/// A past as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedPast {
    /// What is kept of each query.
    pub coverage: Vec<u8>,
    /// The blocks that are new or changed, by day since the beginning of 1970, UTC.
    pub days: BTreeMap<i64, Vec<u8>>,
}

/// Why what is kept cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusablePast {
    /// It is not as it was written.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Another version of the program wrote it.
    #[error("written by another version of scale-advisor")]
    OtherVersion,
}

#[derive(Serialize, Deserialize)]
struct Coverage {
    queries: BTreeMap<QueryKey, (i64, i64)>,
    blocks: BTreeMap<i64, u32>,
}

#[derive(Serialize, Deserialize)]
struct Block {
    queries: BTreeMap<QueryKey, Vec<SeriesBlock>>,
}

/// A day of a series: its labels, a bit for each hour that has a figure, and the figures.
#[derive(Serialize, Deserialize)]
struct SeriesBlock(Labels, u32, Vec<f64>);

impl KeptPast {
    /// The first day whose block [`Self::decode`] takes, where the hours from an instant on are wanted now; both in Unix
    /// seconds. A query is continued where it ended, however little is wanted: the day that it ended in is added to.
    pub fn first_day(from: i64, now: i64) -> i64 {
        from.min(now - FORGOTTEN_AFTER).div_euclid(DAY)
    }

    /// The past of these bytes. `days` are all blocks that are stored from `from_day` on.
    ///
    /// # Errors
    /// When it is not as it was written, or of another version.
    pub fn decode(
        coverage: &[u8],
        days: &BTreeMap<i64, Vec<u8>>,
        from_day: i64,
    ) -> Result<Self, UnusablePast> {
        let Coverage { queries, blocks } = unpacked(coverage)?;
        let kept = |(key, (from, end))| (key, KeptQuery { from, end, series: BTreeMap::new() });
        let mut past = Self {
            queries: queries.into_iter().map(kept).collect(),
            first_day: from_day,
            stored: blocks,
            changed: BTreeSet::new(),
        };
        for (day, checksum) in past.stored.range(from_day..) {
            let Some(bytes) = days.get(day).filter(|bytes| crc32fast::hash(bytes) == *checksum) else {
                return Err(UnusablePast::Damaged(format!(
                    "the values of {} are not those that were stored",
                    date(*day)
                )));
            };
            let Block { queries } = unpacked(bytes)?;
            for (key, all) in queries {
                // What no coverage speaks of was forgotten.
                let Some(query) = past.queries.get_mut(&key) else { continue };
                for SeriesBlock(labels, hours, values) in all {
                    query.series.entry(labels).or_default().insert(*day, figures(hours, &values)?);
                }
            }
        }
        Ok(past)
    }

    /// The end of the last hour that is kept of a query, where all hours from an instant on are known and later ones can
    /// be added; both in Unix seconds.
    pub fn end(&self, query: QueryKey, from: i64) -> Option<i64> {
        let continued = |kept: &&KeptQuery| kept.from <= from && place(kept.end + HOUR).0 >= self.first_day;
        self.queries.get(&query).filter(continued).map(|kept| kept.end)
    }

    /// The end of the first hour from an instant on that has a figure.
    pub fn first(&self, query: QueryKey, from: i64) -> Option<i64> {
        let series = self.queries.get(&query)?.series.values();
        series.filter_map(|days| hours(days).map(|(at, _)| at).find(|at| *at >= from)).min()
    }

    /// The figures of a query whose hours end from one instant to another, in the order of the labels.
    pub fn hours(&self, query: QueryKey, from: i64, to: i64) -> QueryHours {
        let Some(kept) = self.queries.get(&query) else { return Vec::new() };
        let within = |days| -> Hours { hours(days).filter(|(at, _)| (from..=to).contains(at)).collect() };
        let series = kept.series.iter().map(|(labels, days)| (labels.clone(), within(days)));
        series.filter(|(_, hours)| !hours.is_empty()).collect()
    }

    /// How many figures it has.
    pub fn len(&self) -> usize {
        let days = self.queries.values().flat_map(|query| query.series.values()).map(BTreeMap::len);
        days.sum::<usize>() * HOURS
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds hours that were read. What the server does not have any more stays. Where later hours are kept, as of a run that
    /// looked at an earlier time, nothing changes.
    pub fn add(&mut self, read: ReadHours) {
        let kept = self.queries.get(&read.query).map(|query| (query.from, query.end));
        let from = match (read.from, kept) {
            (None, None) => return,
            (_, Some((_, end))) if read.end < end => return,
            (None, Some((from, _))) => from,
            // Without a gap between them, all hours of both are known.
            (Some(read_from), Some((from, end))) if read_from <= end => from.min(read_from),
            (Some(read_from), _) => read_from,
        };
        let query = self.queries.entry(read.query).or_default();
        (query.from, query.end) = (from, read.end);
        for (labels, hours) in read.series {
            let days = query.series.entry(labels).or_default();
            for (at, value) in hours {
                let (day, hour) = place(at);
                self.changed.insert(day);
                if let Some(figure) = days.entry(day).or_insert([f64::NAN; HOURS]).get_mut(hour) {
                    *figure = value;
                }
            }
        }
    }

    /// What has to be written, with the days before one forgotten; `None` where no query was ever read, or where a day has
    /// more series than are kept.
    pub fn encode(mut self, first_day: i64) -> Option<EncodedPast> {
        let newest = self.queries.values().map(|query| query.end).max()?;
        self.queries.retain(|_, query| query.end >= newest - FORGOTTEN_AFTER);
        for query in self.queries.values_mut() {
            query.from = query.from.max(first_day * DAY);
        }
        self.stored.retain(|day, _| *day >= first_day);
        let mut days = BTreeMap::new();
        for day in self.changed.range(first_day..) {
            let bytes = packed(&self.block(*day)).ok()?;
            self.stored.insert(*day, crc32fast::hash(&bytes));
            days.insert(*day, bytes);
        }
        let queries = self.queries.iter().map(|(key, query)| (*key, (query.from, query.end))).collect();
        let coverage = packed(&Coverage { queries, blocks: self.stored }).ok()?;
        Some(EncodedPast { coverage, days })
    }

    fn block(&self, day: i64) -> Block {
        let of_query = |(key, query): (&QueryKey, &KeptQuery)| {
            let of_series = |(labels, days): (&Labels, &SeriesDays)| {
                let figures = days.get(&day)?;
                let known = figures.iter().enumerate().filter(|(_, figure)| figure.is_finite());
                let hours = known.clone().fold(0, |hours, (hour, _)| hours | 1 << hour);
                let values: Vec<f64> = known.map(|(_, figure)| *figure).collect();
                Some(SeriesBlock(labels.clone(), hours, values)).filter(|block| !block.2.is_empty())
            };
            let series: Vec<SeriesBlock> = query.series.iter().filter_map(of_series).collect();
            (!series.is_empty()).then_some((*key, series))
        };
        Block { queries: self.queries.iter().filter_map(of_query).collect() }
    }
}

/// A day as a date.
fn date(day: i64) -> String {
    let begin = DateTime::from_timestamp(day.saturating_mul(DAY), 0);
    begin.map_or_else(|| format!("day {day}"), |begin| begin.date_naive().to_string())
}

/// The day and the hour of the day that end at an instant.
fn place(end: i64) -> (i64, usize) {
    let begin = end - HOUR;
    (begin.div_euclid(DAY), usize::try_from(begin.rem_euclid(DAY) / HOUR).unwrap_or_default())
}

/// The figures of a series with the ends of their hours.
fn hours(days: &SeriesDays) -> impl Iterator<Item = (i64, f64)> {
    let of_day = |(day, figures): (&i64, &[f64; HOURS])| {
        let begin = day * DAY;
        (1..).zip(*figures).map(move |(hour, figure)| (begin + hour * HOUR, figure))
    };
    days.iter().flat_map(of_day).filter(|(_, figure)| figure.is_finite())
}

/// The figures of a day.
fn figures(hours: u32, values: &[f64]) -> Result<[f64; HOURS], UnusablePast> {
    let mut figures = [f64::NAN; HOURS];
    let named = (0..).zip(&mut figures).filter(|(hour, _)| hours >> hour & 1 == 1).map(|(_, figure)| figure);
    if u32::try_from(values.len()) != Ok(hours.count_ones()) || hours >> HOURS != 0 {
        return Err(UnusablePast::Damaged("a day has more or fewer values than hours".to_owned()));
    }
    named.zip(values).for_each(|(figure, value)| *figure = *value);
    Ok(figures)
}

fn packed<T: Serialize>(content: &T) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(&(VERSION, content))?;
    if json.len() as u64 > LARGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&json)?;
    encoder.finish()
}

fn unpacked<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, UnusablePast> {
    let damaged = |error: &dyn fmt::Display| UnusablePast::Damaged(error.to_string());
    let mut json = Vec::new();
    // Reads up to its end, where the checksum is, unless it is too long.
    GzDecoder::new(bytes).take(LARGEST + 1).read_to_end(&mut json).map_err(|error| damaged(&error))?;
    let (version, content): (u32, &RawValue) =
        serde_json::from_slice(&json).map_err(|error| damaged(&error))?;
    if version != VERSION {
        return Err(UnusablePast::OtherVersion);
    }
    serde_json::from_str(content.get()).map_err(|error| damaged(&error))
}

#[cfg(test)]
mod tests;
