//! One daily figure from a file, and when it reaches a limit.

use std::{fs::File, path::Path};

use anyhow::{Context, Error, Result, bail};
use chrono::{Datelike, NaiveDate, Utc};

use crate::{
    capacity::growth::{self, History},
    cli::{
        Exit,
        output::{ChartFormat, Output},
        terminal::{Terminal, safe_lines, warn},
    },
    render::{
        DocumentFormat, SeriesForecast, series_forecast_document, series_forecast_json,
        series_forecast_picture, yaml,
    },
    signal::{Quantity, Unit},
    tabular::{
        daily::{DailyValue, read_daily},
        decoded_text,
    },
};

/// The default horizon, unless the history is shorter.
const DEFAULT_HORIZON: usize = 60;
/// A figure that ends longer before the first forecast day than this is not continued.
const LONGEST_GAP: usize = 1095;
/// Values that ended longer ago than so many days hardly say how things are today.
const STALE_DAYS: i64 = 7;
/// A hundred years of days take less than a tenth of it.
const MAX_BYTES: u64 = 16 << 20;
/// A limit that is further away from the values than this factor may be in another unit.
const FAR: f64 = 1000.0;

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
    let file = File::open(figure.csv).with_context(|| format!("cannot read {name}"))?;
    let text = decoded_text(file, MAX_BYTES).with_context(|| format!("cannot read {name}"))?;
    let days = read_daily(&text).map_err(Error::msg).with_context(|| format!("cannot use {name}"))?;
    question_limit(figure.limit, &days)?;
    if let (None, Some(last)) = (figure.at, days.last()) {
        compare_with_today(last.day, Utc::now().date_naive());
    }
    let days: Vec<DailyValue> =
        days.into_iter().filter(|day| figure.at.is_none_or(|at| day.day < at)).collect();
    let numbers: Vec<i32> = days.iter().map(|day| day.day.num_days_from_ce()).collect();
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
        ChartFormat::Yaml => yaml(&series_forecast_json(&forecast)),
        ChartFormat::Svg => series_forecast_picture(&forecast),
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}

/// Warns of values that end long before today, or after it; in some time zone it is tomorrow already.
fn compare_with_today(last: NaiveDate, today: NaiveDate) {
    let age = (today - last).num_days();
    if age > STALE_DAYS {
        warn(&format!(
            "warning: the last value is {age} days old, of {last}, and the forecast begins the day after; `--at {today}` makes \
             it begin today\n"
        ));
    } else if age < -1 {
        warn(&format!(
            "warning: the values go on until {last}, after today; `--at {today}` leaves those out\n"
        ));
    }
}

/// Questions a limit that cannot be in the unit of the values.
fn question_limit(limit: Quantity, days: &[DailyValue]) -> Result<()> {
    let largest = days.iter().map(|day| day.value.abs()).fold(0.0, f64::max);
    let factor = limit.value() / largest;
    if largest == 0.0 {
        return Ok(());
    }
    let share = limit.unit() == Unit::Ratio && largest > 2.0;
    if !share && (1.0 / FAR..FAR).contains(&factor) {
        return Ok(());
    }
    let plain = limit.value();
    if limit.unit() != Unit::Count {
        bail!(
            "the limit {limit} is {plain} in its base unit, but the largest value is {largest}; give the limit as a plain \
             number in the unit of the values"
        );
    }
    warn(&format!(
        "warning: the limit {plain} is more than a thousand times away from the largest value, {largest}; is it in the \
         unit of the values?\n"
    ));
    Ok(())
}

fn series_forecast(figure: &Figure<'_>, history: &History, days: &[DailyValue]) -> Result<SeriesForecast> {
    let horizon = figure.horizon.unwrap_or_else(|| history.days().min(DEFAULT_HORIZON));
    let last = days.last().map_or(NaiveDate::MIN, |day| day.day);
    let first = figure.at.or_else(|| last.succ_opt()).unwrap_or(last);
    let skipped = usize::try_from((first - last).num_days() - 1).unwrap_or(0);
    if skipped > LONGEST_GAP {
        bail!("the last value is from {last}, {skipped} days before {first}: too old for a forecast");
    }
    let forecast = growth::forecast(history, skipped + horizon);
    let paths = forecast.paths.from_day(skipped);
    Ok(SeriesForecast {
        history: days.iter().map(|day| (day.day, day.value)).collect(),
        first,
        crossing: paths.reach(figure.limit.value()),
        bands: paths.bands(),
        limit: figure.limit,
        growth: forecast.growth,
        change: forecast.change,
    })
}
