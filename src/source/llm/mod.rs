//! What was spent on language models, from a file of rows.

mod table;

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, Utc};

use super::{Answer, Request, Source, file_not_readable, read_aside};
use crate::{
    files,
    signal::{Series, SignalId},
    snapshot::{Observation, Origin, Reason, SourceReport, SourceResult, Unavailable},
};
pub use table::{SpendError, SpendTable};

/// The source's name in output and configuration.
pub const NAME: &str = "spend";

/// What it reads.
const SPEND: &str = "llm.spend";
const DAY_MS: f64 = 86_400_000.0;
/// Where the newest row is older than so many milliseconds, nothing is known of the present.
const OLDEST_MS: i64 = 14 * 86_400_000;

/// One file.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is.
    pub path: PathBuf,
    /// How the settings call it.
    pub name: String,
}

impl Source for Settings {
    fn name(&self) -> &'static str {
        NAME
    }

    fn address(&self) -> String {
        self.name.clone()
    }

    fn read<'a>(&'a self, request: &'a Request) -> Answer<'a> {
        read_aside(self, request, read)
    }

    fn wanted(&self) -> Vec<SignalId> {
        SignalId::find(SPEND).into_iter().collect()
    }

    fn keeps_history(&self) -> bool {
        true
    }
}

fn read(settings: &Settings, now: DateTime<Utc>) -> Result<SourceResult, Unavailable> {
    let hint = "correct `spend` under [llm]; it is relative to the directory of the config";
    let file = files::open_regular(&settings.path).map_err(|error| file_not_readable(&error).hint(hint))?;
    let table = SpendTable::read(file, now).map_err(|error| {
        let reason = if error == SpendError::Empty { Reason::Empty } else { Reason::UnexpectedReply };
        let hint = "expected a first line with date, team, model and spend, as in LiteLLM's spend logs";
        Unavailable::new(reason, format!("{}: {error}", settings.name)).hint(hint)
    })?;
    let mut notes = Vec::new();
    if table.to_come > 0 {
        notes.push(format!("rows with future times are left out: {}", table.to_come));
    }
    let report = SourceReport { notes, ..SourceReport::answered(NAME, settings.address()) };
    let mut result = SourceResult::new(report);
    let Some(signal) = SignalId::find(SPEND) else { return Ok(result) };
    if newest_is_recent(&table, now) {
        result.observations = observations(settings, signal, &table);
    } else {
        let why = Unavailable::new(Reason::Stopped, "the newest row is older than 14 days");
        result.gaps.push(why.hint(format!("add newer rows to {}", settings.name)).gap(signal, NAME));
    }
    Ok(result)
}

fn newest_is_recent(table: &SpendTable, now: DateTime<Utc>) -> bool {
    let steps = table.spent.values().map(Vec::len).max().unwrap_or(0);
    let end = table.first_ms + i64::try_from(steps).unwrap_or(0) * table.step_ms;
    now.timestamp_millis() - end <= OLDEST_MS
}

/// What each team spends a day on each model.
fn observations(settings: &Settings, signal: SignalId, table: &SpendTable) -> Vec<Observation> {
    let a_day = DAY_MS / table.step_ms as f64;
    let observation = |((team, model), spent): (&(String, String), &Vec<f64>)| {
        let at_ms =
            (0..spent.len()).map(|step| table.first_ms + i64::try_from(step).unwrap_or(0) * table.step_ms);
        let values = spent.iter().map(|amount| amount * a_day).collect();
        let values = Series::new(table.step_ms, at_ms.collect(), values).ok()?;
        let name: Vec<&str> =
            [model.as_str(), team.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
        let labels = BTreeMap::from([("team".to_owned(), team.clone()), ("model".to_owned(), model.clone())]);
        let origin = Origin { source: NAME.to_owned(), query: settings.name.clone() };
        let instance = (!name.is_empty()).then(|| name.join(" of "));
        Some(Observation { instance, labels, ..Observation::new(signal, values, origin) })
    };
    table.spent.iter().filter_map(observation).collect()
}
