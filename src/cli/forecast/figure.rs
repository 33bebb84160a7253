//! One daily figure from a file, and when it reaches a limit.

use std::path::Path;

use anyhow::{Context, Result, bail};
use chrono::{Datelike, NaiveDate};

use super::days::{self, Day};
use crate::{
    capacity::growth::{self, History},
    cli::{
        Exit,
        output::{ChartFormat, Output},
        project::read_text,
        terminal::{Terminal, safe_lines, warn},
    },
    render::{
        DocumentFormat, SeriesForecast, series_forecast_document, series_forecast_json,
        series_forecast_picture,
    },
    signal::Quantity,
};

/// The horizon where none is asked for, unless the history is shorter.
const DEFAULT_HORIZON: usize = 60;
/// A figure that ends longer before the first forecast day than this is not continued.
const LONGEST_GAP: usize = 1095;

/// What to continue, and until when.
pub(super) struct Figure<'a> {
    pub csv: &'a Path,
    pub limit: Quantity,
    /// The first day to forecast; values of this day and later ones are left out.
    pub at: Option<NaiveDate>,
    /// Days to look ahead.
    pub horizon: Option<usize>,
}

/// # Errors
/// When the file cannot be read or holds no daily values.
pub(super) fn run(
    figure: &Figure<'_>,
    format: ChartFormat,
    mut output: Output,
    terminal: &Terminal,
) -> Result<Exit> {
    let name = safe_lines(&figure.csv.display().to_string());
    let mut days = days::read(&read_text(figure.csv)?).with_context(|| format!("cannot use {name}"))?;
    days.retain(|day| figure.at.is_none_or(|at| day.date < at));
    let numbers: Vec<i32> = days.iter().map(|day| day.date.num_days_from_ce()).collect();
    let values: Vec<f64> = days.iter().map(|day| day.value).collect();
    let history = match History::new(&numbers, &values) {
        Ok(history) => history,
        Err(error) => {
            warn(&format!("error: cannot forecast {name}: {error}\n"));
            return Ok(Exit::Inconclusive);
        }
    };
    let forecast = series_forecast(figure, &history, &days)?;
    let document = |format| series_forecast_document(&forecast).write(format);
    let text = match format {
        ChartFormat::Text => document(DocumentFormat::Text(terminal.style(&output)))?,
        ChartFormat::Markdown => document(DocumentFormat::Markdown)?,
        ChartFormat::Html => document(DocumentFormat::Html)?,
        ChartFormat::Json => series_forecast_json(&forecast),
        ChartFormat::Svg => series_forecast_picture(&forecast),
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}

fn series_forecast(figure: &Figure<'_>, history: &History, days: &[Day]) -> Result<SeriesForecast> {
    let horizon = figure.horizon.unwrap_or_else(|| history.days().min(DEFAULT_HORIZON));
    let last = days.last().map_or(NaiveDate::MIN, |day| day.date);
    let first = figure.at.or_else(|| last.succ_opt()).unwrap_or(last);
    let skipped = usize::try_from((first - last).num_days() - 1).unwrap_or(0);
    if skipped > LONGEST_GAP {
        bail!("the last value is from {last}, {skipped} days before {first}: too old for a forecast");
    }
    let forecast = growth::forecast(history, skipped + horizon);
    let paths = forecast.paths.from_day(skipped);
    Ok(SeriesForecast {
        history: days.iter().map(|day| (day.date, day.value)).collect(),
        first,
        crossing: paths.reach(figure.limit.value()),
        bands: paths.bands(),
        limit: figure.limit,
        growth: forecast.growth,
        change: forecast.change,
    })
}
