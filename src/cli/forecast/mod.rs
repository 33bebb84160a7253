//! `forecast`: load and resources, or one daily figure from a file.

mod figure;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, value_parser};

use self::figure::Figure;
use super::{
    Exit, assessment_input, observe,
    options::{ProjectOptions, ReplayOptions, SourceOptions},
    output::ChartFormat,
    output_options::OutputOptions,
    project::Project,
    terminal::Terminal,
};
use crate::{
    assess::{Assumptions, forecast},
    render::{DocumentFormat, forecast_document, forecast_picture, pretty, yaml},
    signal::{Quantity, parse_duration, parse_quantity},
};

/// The longest horizon; nothing is known about years.
const LONGEST_HORIZON: usize = 1095;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    replay: ReplayOptions,
    /// Forecast horizon in whole days [default: the length of the history, at most 180d; 60d with --csv]
    #[arg(long, value_name = "DURATION", value_parser = horizon)]
    horizon: Option<usize>,
    /// What-if for this many users: exceeded limits, phase, cost and plan
    #[arg(long, value_name = "COUNT", conflicts_with = "csv", value_parser = value_parser!(u64).range(1..))]
    users: Option<u64>,
    /// Assume this load growth, such as 8%/month, instead of estimating it
    #[arg(long, value_name = "RATE", value_parser = rate, conflicts_with = "csv", allow_hyphen_values = true)]
    growth: Option<f64>,
    /// Forecast a daily value instead: CSV with the columns date and value, such as the load of each day's peak hour;
    /// --at is then the first day to forecast
    #[arg(long, value_name = "FILE", requires = "limit", conflicts_with_all = ["snapshot", "demo"])]
    csv: Option<PathBuf>,
    /// Limit of that value, in the same unit: 97, 80%, 200GiB
    #[arg(long, value_name = "QUANTITY", value_parser = limit, requires = "csv", allow_hyphen_values = true)]
    limit: Option<Quantity>,
    #[command(flatten)]
    output: OutputOptions<ChartFormat>,
}

fn horizon(text: &str) -> Result<usize, String> {
    const DAY: u64 = 86_400;
    let seconds = parse_duration(text)?.as_secs();
    match usize::try_from(seconds / DAY) {
        Ok(days) if (1..=LONGEST_HORIZON).contains(&days) && seconds % DAY == 0 => Ok(days),
        _ => Err(format!("the horizon must be 1 to {LONGEST_HORIZON} whole days, such as \"60d\"")),
    }
}

fn limit(text: &str) -> Result<Quantity, String> {
    let limit = parse_quantity(text)?;
    if limit.value() > 0.0 { Ok(limit) } else { Err("the limit must be above 0".to_owned()) }
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    if let (Some(csv), Some(limit)) = (&arguments.csv, arguments.limit) {
        let at = arguments.sources.at.map(|at| at.date_naive());
        let figure = Figure { csv, limit, at, horizon: arguments.horizon };
        return figure::run(&figure, arguments.output.format, output, terminal);
    }
    if arguments.limit.is_some() {
        bail!("--limit needs --csv FILE");
    }
    let mut project = Project::judged(&arguments.project, &arguments.replay, terminal)?;
    let input = assessment_input::load(arguments.project.profile.as_deref(), &mut project, terminal)?;
    if arguments.users.is_some() && input.roadmap.phases.is_empty() {
        bail!("roadmap {} has no phases, which --users needs", input.roadmap.id);
    }
    let snapshot = observe::snapshot(&arguments.replay, &arguments.sources, &project, &input.roadmap)?;
    let assumptions = Assumptions { horizon: arguments.horizon, growth: arguments.growth, users: None };
    let forecast = forecast(&input, &snapshot, assumptions, arguments.users);
    let document = |format| forecast_document(&forecast, &input.roadmap).write(format);
    let text = match arguments.output.format {
        ChartFormat::Text => document(DocumentFormat::Text(terminal.style(&output)))?,
        ChartFormat::Markdown => document(DocumentFormat::Markdown)?,
        ChartFormat::Html => document(DocumentFormat::Html)?,
        ChartFormat::Json => pretty(&forecast),
        ChartFormat::Yaml => yaml(&pretty(&forecast)),
        ChartFormat::Svg => forecast_picture(&forecast, &input.roadmap),
    };
    output.write(&text)?;
    let none = forecast.load.points.is_none()
        && forecast.resources.iter().all(|resource| resource.saturates_on.is_none());
    Ok(if none { Exit::Inconclusive } else { Exit::Assessed })
}

/// Days of a month, as everywhere in forecasts.
const MONTH: f64 = 30.0;

/// "8%/month", "8%" or "100%/year" as a share a month.
///
/// # Errors
/// When it is no such rate, or everything would be gone.
fn rate(text: &str) -> Result<f64, String> {
    let wrong =
        || format!("invalid growth rate `{text}`; expected a rate such as 8%/month, -2%/week or 100%/year");
    let (share, period) = text.split_once('/').unwrap_or((text, "month"));
    let share: f64 =
        share.trim().strip_suffix('%').and_then(|share| share.trim().parse().ok()).ok_or_else(wrong)?;
    let days = match period.trim() {
        "day" => 1.0,
        "week" => 7.0,
        "month" => MONTH,
        "year" => 365.0,
        _ => return Err(wrong()),
    };
    let monthly = (MONTH / days * (share / 100.0).ln_1p()).exp_m1();
    if monthly.is_finite() && monthly > -1.0 && monthly < 100.0 { Ok(monthly) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_brought_to_a_month() {
        assert!((rate("8%/month").unwrap() - 0.08).abs() < 1e-12);
        assert!((rate("8 %").unwrap() - 0.08).abs() < 1e-12);
        assert!((rate("-2%/week").unwrap() - (0.98_f64.powf(30.0 / 7.0) - 1.0)).abs() < 1e-12);
        assert!((rate("100%/year").unwrap() - (2.0_f64.powf(30.0 / 365.0) - 1.0)).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", "8", "8/month", "%", "eight%", "8%/fortnight", "-100%", "NaN%", "inf%", "1e9%/day"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }
}
