//! `forecast`: how a daily figure goes on, and when it reaches a limit.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use chrono::{Datelike, NaiveDate};
use clap::{Args, ValueEnum};

use super::{
    Exit,
    output::Output,
    project::read_text,
    terminal::{Terminal, safe_lines, warn},
};
use crate::{
    capacity::growth::{self, History},
    render::{ForecastView, forecast_json, forecast_page},
    signal::{Quantity, parse_duration, parse_quantity},
};

mod days;

use days::Day;

/// The horizon where none is asked for, unless the history is shorter.
const DEFAULT_HORIZON: usize = 60;
/// The longest horizon; nothing is known about years.
const LONGEST_HORIZON: usize = 1095;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Daily values: CSV with the columns date and value, such as the load of each day's busiest hour
    #[arg(long, value_name = "FILE")]
    csv: PathBuf,
    /// The limit, in the unit of the values: 97, 80%, 200GiB
    #[arg(long, value_name = "QUANTITY", value_parser = parse_quantity)]
    limit: Quantity,
    /// The first day to forecast; values of this day and later ones are left out [default: the day after the last]
    #[arg(long, value_name = "DATE")]
    at: Option<NaiveDate>,
    /// How far to look ahead, in whole days [default: 60d, or the length of a shorter history]
    #[arg(long, value_name = "DURATION", value_parser = horizon)]
    horizon: Option<usize>,
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Write the result to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Form {
    /// A page with a chart
    #[default]
    Text,
    /// Daily quantiles and the dates of the crossing for programs
    Json,
}

fn horizon(text: &str) -> Result<usize, String> {
    const DAY: u64 = 86_400;
    let seconds = parse_duration(text)?.as_secs();
    match usize::try_from(seconds / DAY) {
        Ok(days) if (1..=LONGEST_HORIZON).contains(&days) && seconds % DAY == 0 => Ok(days),
        _ => Err(format!("a horizon has 1 to {LONGEST_HORIZON} whole days; write it like \"60d\"")),
    }
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = Output::open(arguments.output.as_deref())?;
    let name = safe_lines(&arguments.csv.display().to_string());
    let mut days = days::read(&read_text(&arguments.csv)?).with_context(|| format!("cannot use {name}"))?;
    days.retain(|day| arguments.at.is_none_or(|at| day.date < at));
    let numbers: Vec<i32> = days.iter().map(|day| day.date.num_days_from_ce()).collect();
    let values: Vec<f64> = days.iter().map(|day| day.value).collect();
    let history = match History::new(&numbers, &values) {
        Ok(history) => history,
        Err(error) => {
            warn(&format!("error: cannot forecast {name}: {error}\n"));
            return Ok(Exit::Inconclusive);
        }
    };
    let view = view(arguments, &history, &days, terminal)?;
    let text = match arguments.format {
        Form::Text => forecast_page(&view),
        Form::Json => forecast_json(&view),
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}

fn view(arguments: &Arguments, history: &History, days: &[Day], terminal: &Terminal) -> Result<ForecastView> {
    let horizon = arguments.horizon.unwrap_or_else(|| history.days().min(DEFAULT_HORIZON));
    let last = days.last().map_or(NaiveDate::MIN, |day| day.date);
    let first = arguments.at.or_else(|| last.succ_opt()).unwrap_or(last);
    let skipped = usize::try_from((first - last).num_days() - 1).unwrap_or(0);
    if skipped > LONGEST_HORIZON {
        bail!("the values end on {last}, {skipped} days before {first}; that is too long ago to go on from");
    }
    let forecast = growth::forecast(history, skipped + horizon);
    let paths = forecast.paths.from_day(skipped);
    Ok(ForecastView {
        history: days.iter().map(|day| (day.date, day.value)).collect(),
        first,
        crossing: paths.reach(arguments.limit.value()),
        bands: paths.bands(),
        limit: arguments.limit,
        growth: forecast.growth,
        change: forecast.change,
        width: terminal.width,
    })
}
