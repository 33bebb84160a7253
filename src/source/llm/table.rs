//! Spend on language models as delimited text: LiteLLM's spend logs, or any rows with a date, a team, a model and an
//! amount.

use std::{collections::BTreeMap, io::Read};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use crate::tabular::{DecimalSign, RowError, Rows, Stream, delimiter, shortened};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Rows that are older than this say nothing about the present, nor about a budget of this month.
const KEPT_DAYS: i64 = 62;
/// Dollars of one row.
const LARGEST: f64 = 1e9;
/// More teams times models than this are summed up before.
const MOST_PAIRS: usize = 2_000;

/// What LiteLLM writes where there is none.
const NONE: [&str; 2] = ["", "None"];

/// The names of the columns, best first.
const DATE: [&str; 7] = ["date", "day", "startTime", "start_time", "timestamp", "time", "created_at"];
const TEAM: [&str; 3] = ["team_alias", "team", "team_id"];
const MODEL: [&str; 3] = ["model", "model_group", "litellm_model_name"];
const SPEND: [&str; 5] = ["spend", "cost", "response_cost", "total_cost", "amount"];

/// What was spent, in each hour or on each day, by team and model.
#[derive(Debug, Clone, PartialEq)]
pub struct SpendTable {
    /// An hour, or a day where rows have no time.
    pub step_ms: i64,
    /// The beginning of the first step, in Unix milliseconds.
    pub first_ms: i64,
    /// By team and model, each empty where the file names none: dollars for each step from the first one on; as many for
    /// each.
    pub spent: BTreeMap<(String, String), Vec<f64>>,
    /// Rows that are later than now.
    pub to_come: usize,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpendError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// A row is wrong.
    #[error(transparent)]
    Row(#[from] RowError),
    /// A column is missing.
    #[error("there is no column {what}; name it {names}")]
    NoColumn {
        /// What it holds.
        what: &'static str,
        /// The names it may have.
        names: String,
    },
    /// A row has no date where one must be.
    #[error("line {line}: `{text}` is not a date; write it like 2026-11-20 or 2026-11-20T10:30:00Z")]
    NoDate {
        /// Which line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// An amount is below zero, or more than anybody spends in an hour.
    #[error("line {line}: a spend of `{text}` is no amount from 0 to a billion")]
    NoAmount {
        /// Which line, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// There are too many teams and models.
    #[error("more than {MOST_PAIRS} teams and models; sum them up, or leave out a column")]
    TooMany,
    /// Nothing is left to count.
    #[error("no row is of the last {KEPT_DAYS} days")]
    Empty,
}

impl SpendTable {
    /// Reads rows once, in any order. `now` cuts off what is to come.
    ///
    /// # Errors
    /// With the line, where a row has no date or no amount; without the columns; with too many teams and models.
    pub fn read(raw: impl Read, now: DateTime<Utc>) -> Result<Self, SpendError> {
        let unreadable = |error: std::io::Error| SpendError::Unreadable(error.to_string());
        let stream = Stream::new(raw).map_err(unreadable)?;
        let head = String::from_utf8_lossy(stream.head()).into_owned();
        let sign = delimiter(head.lines().next().unwrap_or_default());
        let mut rows = Rows::new(stream.into_reader(), sign)?;
        let (date, spend) = (need(&rows, "date", &DATE)?, need(&rows, "spend", &SPEND)?);
        let (teams, models) = (find_all(&rows, &TEAM), find_all(&rows, &MODEL));
        let now_ms = now.timestamp_millis();
        let mut hours: BTreeMap<(String, String), BTreeMap<i64, f64>> = BTreeMap::new();
        let (mut has_times, mut to_come) = (true, 0);
        while rows.advance()? {
            let Some(amount) = rows.number(Some(spend), DecimalSign::Point)? else { continue };
            let text = rows.text(Some(date));
            let (at_ms, has_time) = instant(&text)
                .ok_or_else(|| SpendError::NoDate { line: rows.line(), text: shortened(&text) })?;
            if !(0.0..=LARGEST).contains(&amount) {
                return Err(SpendError::NoAmount {
                    line: rows.line(),
                    text: shortened(&rows.text(Some(spend))),
                });
            }
            has_times &= has_time;
            if at_ms > now_ms {
                to_come += 1;
                continue;
            }
            if now_ms - at_ms > KEPT_DAYS * DAY_MS {
                continue;
            }
            let key = (first_named(&rows, &teams), first_named(&rows, &models));
            let of_key = hours.entry(key).or_default();
            *of_key.entry(at_ms.div_euclid(HOUR_MS)).or_default() += amount;
            if hours.len() > MOST_PAIRS {
                return Err(SpendError::TooMany);
            }
        }
        let step_ms = if has_times { HOUR_MS } else { DAY_MS };
        let step = |hour: i64| (hour * HOUR_MS).div_euclid(step_ms);
        let all = || hours.values().flat_map(BTreeMap::keys).map(|hour| step(*hour));
        let (first, last) = all().min().zip(all().max()).ok_or(SpendError::Empty)?;
        let steps = usize::try_from(last - first + 1).unwrap_or(0);
        let filled = |(key, of_key): (&(String, String), &BTreeMap<i64, f64>)| {
            let mut spent = vec![0.0; steps];
            for (hour, amount) in of_key {
                if let Some(sum) = usize::try_from(step(*hour) - first).ok().and_then(|at| spent.get_mut(at))
                {
                    *sum += amount;
                }
            }
            (key.clone(), spent)
        };
        Ok(Self { step_ms, first_ms: first * step_ms, spent: hours.iter().map(filled).collect(), to_come })
    }
}

/// The columns of some names, best first.
fn find_all<R: Read>(rows: &Rows<R>, names: &[&str]) -> Vec<usize> {
    let column = |name: &&str| rows.columns().iter().position(|column| column.eq_ignore_ascii_case(name));
    names.iter().filter_map(column).collect()
}

/// The first of some columns of a row that names something: the id of a team that has no alias.
fn first_named<R: Read>(rows: &Rows<R>, columns: &[usize]) -> String {
    let mut texts = columns.iter().map(|column| rows.text(Some(*column)));
    texts.find(|text| !NONE.contains(&text.as_ref())).unwrap_or_default().into_owned()
}

fn need<R: Read>(rows: &Rows<R>, what: &'static str, names: &[&str]) -> Result<usize, SpendError> {
    find_all(rows, names)
        .first()
        .copied()
        .ok_or_else(|| SpendError::NoColumn { what, names: names.join(", ") })
}

/// Unix milliseconds, and whether a time of day was given. A time without a zone is in UTC.
fn instant(text: &str) -> Option<(i64, bool)> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some((day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis(), false));
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some((at.timestamp_millis(), true));
    }
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    let zones = ["", "+00:00", "+00", "Z", " UTC"];
    let bare = zones.iter().rev().find_map(|zone| text.strip_suffix(zone))?;
    let parsed = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok())?;
    Some((parsed.and_utc().timestamp_millis(), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SpendTable, SpendError> {
        SpendTable::read(text.as_bytes(), "2026-11-20T12:00:00Z".parse().unwrap())
    }

    fn sum(table: &SpendTable, team: &str, model: &str) -> f64 {
        table.spent[&(team.to_owned(), model.to_owned())].iter().sum()
    }

    #[test]
    fn requests_become_hours() {
        let table = read(
            "request_id,startTime,model,team_id,spend,api_key\n\
             a,2026-11-20T09:10:00Z,gpt-4o,t1,0.5,x\n\
             b,2026-11-20 09:50:00.123,gpt-4o,t1,0.25,x\n\
             c,2026-11-20T12:30:00+02:00,claude,t2,2,x\n\
             d,2026-11-21T09:00:00Z,claude,t2,9,x\n\
             e,2026-08-01T09:00:00Z,claude,t2,9,x\n\
             f,2026-11-20T11:59:00Z,gpt-4o,t1,,x\n",
        )
        .unwrap();
        assert_eq!((table.step_ms, table.to_come, table.spent.len()), (HOUR_MS, 1, 2));
        assert_eq!(table.spent[&("t1".to_owned(), "gpt-4o".to_owned())], [0.75, 0.0]);
        assert_eq!(table.spent[&("t2".to_owned(), "claude".to_owned())], [0.0, 2.0]);
    }

    #[test]
    fn days_stay_days_and_columns_may_be_missing() {
        let table = read("Date;Cost\n2026-11-18;1.5\n2026-11-20;2\n2026-11-18;0.5\n").unwrap();
        assert_eq!((table.step_ms, table.spent.len()), (DAY_MS, 1));
        assert_eq!(table.spent[&(String::new(), String::new())], [2.0, 0.0, 2.0]);
        let aliases = read("day,team_alias,team_id,spend\n2026-11-18,search,t1,3\n").unwrap();
        assert!((sum(&aliases, "search", "") - 3.0).abs() < 1e-12);
        let without =
            "day,team_alias,team_id,spend\n2026-11-18,,t1,3\n2026-11-18,None,t1,1\n2026-11-18,None,,2\n";
        let ids = read(without).unwrap();
        assert!((sum(&ids, "t1", "") - 4.0).abs() < 1e-12 && (sum(&ids, "", "") - 2.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_line() {
        assert!(matches!(read("date,spend\nsoon,1\n"), Err(SpendError::NoDate { line: 2, .. })));
        assert!(matches!(read("date,spend\n2026-11-20,-1\n"), Err(SpendError::NoAmount { line: 2, .. })));
        assert!(matches!(read("date,spend\n2026-11-20,much\n"), Err(SpendError::Row(_))));
        assert!(matches!(
            read("date,tokens\n2026-11-20,1\n"),
            Err(SpendError::NoColumn { what: "spend", .. })
        ));
        assert_eq!(read("date,spend\n2024-11-20,1\n"), Err(SpendError::Empty));
        let many: Vec<String> = (0..=MOST_PAIRS).map(|team| format!("2026-11-20,t{team},1")).collect();
        assert_eq!(read(&format!("date,team,spend\n{}\n", many.join("\n"))), Err(SpendError::TooMany));
    }
}
