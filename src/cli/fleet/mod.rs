//! `fleet`: all services behind one metrics server, which there are, and recording rules with which the server keeps
//! their hourly figures.

mod check;
mod estate;
mod judge;
mod nights;
mod report;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use chrono::TimeDelta;
use clap::{Args, Subcommand, ValueEnum};

use super::{
    Exit,
    check::FailOn,
    export::RuleFileOptions,
    options::{ProjectOptions, SourceOptions, duration},
    output_options::{OutputFormat, OutputOptions},
    terminal::{Terminal, warn},
};
use crate::{
    assess::Verdict,
    export::{Basis, HourlyFigure, fleet_rules},
    fleet::{Choice, Listed, Row, Shard},
    render::{
        self, DocumentFormat, FleetListView, TerminalStyle, fleet_json_lines, fleet_list_document,
        fleet_list_openmetrics, fleet_openmetrics,
    },
    signal::is_label,
    snapshot::Unavailable,
    source::prometheus::HourlyQuery,
};
use estate::Estate;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Assess all services, most urgent first, or show the full page of one
    Check(Box<check::Arguments>),
    /// List all services with owner and roadmap
    List(Box<ListArguments>),
    /// Merge results of `fleet check -o json`, such as those of several shards, into one page or one per owner
    Report(Box<report::Arguments>),
    /// Write recording rules that make Prometheus or Mimir keep hourly values of all services
    Rules(Box<RulesArguments>),
}

/// Which services are meant.
#[derive(Debug, Clone, Args)]
struct FleetOptions {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    /// Labels that identify a service [default: `by` of [fleet] in the config]
    #[arg(long, value_name = "LABEL,…", value_delimiter = ',', value_parser = label)]
    by: Vec<String>,
    /// Only services of this owner (repeatable)
    #[arg(long, value_name = "NAME")]
    owner: Vec<String>,
    /// Only one shard of the services, counted from 0, such as 3/16, to split the work between processes
    #[arg(long, value_name = "PART/PARTS")]
    shard: Option<Shard>,
    /// Stop reading after this many samples, as counted by the server's own statistics; the remaining services are
    /// shown as not read [default: `max_samples` of [fleet], otherwise no limit]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    max_samples: Option<u64>,
}

impl FleetOptions {
    /// What tells the services that are judged from others of the fleet.
    fn part(&self) -> String {
        let by = self.by.join(",");
        let shard = self.shard.map(|shard| format!(" {shard}")).unwrap_or_default();
        format!("{by}{shard} {}", self.owner.join(","))
    }
}

fn label(text: &str) -> Result<String, String> {
    if is_label(text) {
        Ok(text.to_owned())
    } else {
        Err("expected label names, such as namespace,service".to_owned())
    }
}

/// Formats of many services.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A page for a terminal
    #[default]
    Text,
    /// For a wiki, an issue or a pull request
    #[value(alias = "md")]
    Markdown,
    /// One page for a browser
    Html,
    /// For scripts: one JSON object per line and service
    #[value(alias = "jsonl")]
    Json,
    /// Gauges for Prometheus, with dates as Unix timestamps
    Openmetrics,
}

impl OutputFormat for Format {
    const JSON: Option<Self> = Some(Self::Json);
}

impl Format {
    /// The format of the page of one service.
    fn of_check(self) -> render::Format {
        match self {
            Self::Text => render::Format::Text,
            Self::Markdown => render::Format::Markdown,
            Self::Html => render::Format::Html,
            Self::Json => render::Format::Json,
            Self::Openmetrics => render::Format::Openmetrics,
        }
    }

    /// Judged services for programs.
    fn for_programs(self, rows: &[&Row]) -> String {
        match self {
            Self::Openmetrics => fleet_openmetrics(rows),
            _ => fleet_json_lines(rows.iter().copied()),
        }
    }

    /// The format of a page; `None` for programs.
    fn of_document(self, style: TerminalStyle) -> Option<DocumentFormat> {
        match self {
            Self::Text => Some(DocumentFormat::Text(style)),
            Self::Markdown => Some(DocumentFormat::Markdown),
            Self::Html => Some(DocumentFormat::Html),
            Self::Json | Self::Openmetrics => None,
        }
    }
}

/// Which rows are shown.
#[derive(Debug, Clone, Args)]
struct RowOptions {
    /// Show at most this many services [default: 40 on a terminal, otherwise all]
    #[arg(long, value_name = "NUMBER")]
    top: Option<usize>,
    /// Show only services that need action within this time, such as 30d
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    within: Option<Duration>,
    /// Compare with the results of an earlier run (-o json): rows show what is new, worse or recovered, and --fail-on
    /// fails only on what is new or worse (repeatable, for several shards)
    #[arg(long, value_name = "FILE")]
    baseline: Vec<PathBuf>,
    /// Show only services with something new, worse or no longer known since the baseline
    #[arg(long = "new", requires = "baseline")]
    news: bool,
    /// Exit with code 1 if any service has at least this verdict, shown or not
    #[arg(long, value_name = "VERDICT")]
    fail_on: Option<FailOn>,
}

/// How many rows a terminal shows unasked.
const SHOWN: usize = 40;

impl RowOptions {
    /// The rows that are shown in a format.
    fn choice(&self, format: Format, owners: &[String]) -> Result<Choice> {
        let within = self.within.map(TimeDelta::from_std).transpose().context("--within is too long")?;
        let top = self.top.or_else(|| (format == Format::Text).then_some(SHOWN));
        Ok(Choice { owners: owners.to_vec(), within, news: self.news, top })
    }

    /// The earlier run to compare with, if any: each service as its newest row has it.
    fn earlier(&self) -> Result<Option<Vec<Row>>> {
        if self.baseline.is_empty() { Ok(None) } else { report::read_all(&self.baseline).map(Some) }
    }

    /// A breach wins over missing evidence; missing evidence never passes, unless settings say what is needed. Beside an
    /// earlier run only what that did not tell counts.
    fn exit(&self, rows: &[Row], all_evidence: bool) -> Exit {
        let verdict = |row: &Row| match &row.change {
            Some(change) => change.verdict.unwrap_or(Verdict::Ok),
            None => row.unsilenced_verdict,
        };
        let breach = self.fail_on.is_some_and(|limit| rows.iter().any(|row| verdict(row) >= limit.verdict()));
        let is_unknown = |row: &Row| {
            row.lacks_evidence(all_evidence) && row.change.as_ref().is_none_or(|change| change.lost_evidence)
        };
        let unknown = self.fail_on.is_some() && rows.iter().any(is_unknown);
        match (breach, unknown || rows.iter().any(|row| !row.missing.is_empty())) {
            (true, _) => Exit::Breach,
            (false, true) => Exit::Inconclusive,
            (false, false) => Exit::Assessed,
        }
    }
}

pub(super) fn run(command: &Command, terminal: &Terminal) -> Result<Exit> {
    match command {
        Command::Check(arguments) => check::run(arguments, terminal),
        Command::List(arguments) => list_services(arguments, terminal),
        Command::Report(arguments) => report::run(arguments, terminal),
        Command::Rules(arguments) => write_rules(arguments, terminal),
    }
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ListArguments {
    #[command(flatten)]
    fleet: FleetOptions,
    #[command(flatten)]
    output: OutputOptions<Format>,
}

fn list_services(arguments: &ListArguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let estate = Estate::find(Estate::declared(&arguments.fleet, terminal)?, &arguments.fleet)?;
    let services: Vec<Listed> = estate.members.iter().map(|member| estate.listed(member)).collect();
    let text = match arguments.output.format.of_document(terminal.style(&output)) {
        Some(format) => {
            let view = FleetListView { services: &services, by: &estate.by, now: estate.now };
            fleet_list_document(&view).write(format)?
        }
        None if arguments.output.format == Format::Openmetrics => fleet_list_openmetrics(&services),
        None => fleet_json_lines(&services),
    };
    output.write(&text)?;
    Ok(Exit::Assessed)
}

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct RulesArguments {
    #[command(flatten)]
    fleet: FleetOptions,
    #[command(flatten)]
    file: RuleFileOptions,
}

fn write_rules(arguments: &RulesArguments, terminal: &Terminal) -> Result<Exit> {
    let file = arguments.file.open("scale-advisor-fleet")?;
    let estate = Estate::find(Estate::declared(&arguments.fleet, terminal)?, &arguments.fleet)?;
    let (reader, _) = estate.reader(&arguments.fleet, &estate.input)?;
    let figure = |query: HourlyQuery| HourlyFigure {
        exporter: query.exporter,
        is_limit: query.is_limit,
        query: query.text,
    };
    let figures = |queries: Result<Vec<HourlyQuery>, Unavailable>| match queries {
        Ok(queries) => Ok(queries.into_iter().map(figure).collect()),
        Err(failure) => Err(failure.detail),
    };
    let queries = reader.hourly_queries(&estate.input.declared.numbers(), &estate.differing_facts());
    let figures: BTreeMap<_, _> =
        queries.into_iter().map(|(signal, queries)| (signal, figures(queries))).collect();
    let basis = Basis {
        profile: estate.input.roadmap.id.clone(),
        generated_at: estate.now,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        simulated: None,
    };
    let rules = fleet_rules(basis, figures);
    file.write(&rules)?;
    if rules.groups.is_empty() {
        warn("no rules: the server has no metric that a forecast of this roadmap needs\n");
        return Ok(Exit::Inconclusive);
    }
    Ok(Exit::Assessed)
}
