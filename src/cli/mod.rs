//! The command line: one file per command. The only place that knows clap, the clock, the environment, standard
//! output and the terminal.

mod assessment_input;
mod atomic;
mod check;
mod ci;
mod collect;
mod demo;
mod discover;
mod doctor;
mod explain;
mod export;
mod fleet;
mod forecast;
mod gate;
mod generate;
mod history;
mod init;
mod notify;
mod observe;
mod options;
mod output;
mod output_options;
mod plan;
mod prices;
mod profiles;
mod project;
mod record;
mod report;
mod results;
mod scope;
mod serve;
mod sources;
mod terminal;
mod usl;
mod version;

use std::{io::Write, process::ExitCode};

use clap::{Parser, Subcommand};

/// Predict which resource in your system saturates next, at how many users, what to do about it, and what it costs
#[derive(Debug, Parser)]
#[command(name = "scale-advisor", version = version::TEXT, propagate_version = true, after_help = HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use color
    #[arg(long, global = true, display_order = 100, value_enum, default_value_t, value_name = "WHEN")]
    color: terminal::ColorChoice,
    /// Short for --color never
    #[arg(long, global = true, display_order = 100, conflicts_with = "color")]
    no_color: bool,
    /// Format of messages on standard error
    #[arg(
        long,
        global = true,
        display_order = 100,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        env = "SCALE_ADVISOR_LOG_FORMAT",
        hide_env_values = true
    )]
    log_format: terminal::LogFormat,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Assess the system now: next bottleneck, scaling phase, cost and action plan
    Check(check::Arguments),
    /// Check all services behind one metrics server: next bottleneck, act-by date and owner of each
    #[command(subcommand)]
    Fleet(Box<fleet::Command>),
    /// Show only the action plan: for today, for a phase, or for a number of users
    Plan(plan::Arguments),
    /// Collect a snapshot of all sources into a file, for `check --snapshot`
    Collect(collect::Arguments),
    /// Find resources near their limits that the roadmap doesn't cover
    Discover(Box<discover::Arguments>),
    /// Diagnose sources and signals: what can be read, and how to fix what can't
    Doctor(doctor::Arguments),
    /// Create a scale-advisor.toml from detected servers and a few questions
    Init(init::Arguments),
    /// List, show and validate roadmaps
    #[command(subcommand)]
    Profiles(profiles::Command),
    /// Compare a build with a baseline: did it lose capacity, and how many users' worth
    Gate(Box<gate::Arguments>),
    /// Forecast load and resources: when limits are reached, with prediction intervals
    Forecast(forecast::Arguments),
    /// Write alerts, recording rules, dashboards and autoscaler settings based on measurements
    #[command(subcommand)]
    Export(Box<export::Command>),
    /// Collect measurements as `check` does and add them to the history
    Record(record::Arguments),
    /// Show, export, import and verify the history written by `record`
    #[command(subcommand)]
    History(history::Command),
    /// Serve the newest assessment over HTTP: Prometheus metrics, HTML page, JSON and health probes
    Serve(Box<serve::Arguments>),
    /// Write the monthly report: changes, next bottlenecks, actions and forecast accuracy
    Report(report::Arguments),
    /// Fit the Universal Scalability Law to a stepped load test: peak throughput, with a confidence interval
    Usl(usl::Arguments),
    /// Explain a name in the output: meaning, computation and origin of its limits
    Explain(explain::Arguments),
    /// Print the JSON Schema of an output or input file
    Schema(generate::SchemaArguments),
    /// Print a shell completion script
    Completions(generate::CompletionArguments),
    /// Print the man page, or write the man pages of all commands
    Man(generate::ManArguments),
    /// Print version, commit and build date
    Version(version::Arguments),
}

/// Runs the program with the process' arguments.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(told) => return tell(&told),
    };
    terminal::set_log_format(arguments.log_format);
    let color = if arguments.no_color { terminal::ColorChoice::Never } else { arguments.color };
    let terminal = terminal::Terminal::detect(color);
    let result = match arguments.command {
        Command::Check(arguments) => check::run(&arguments, &terminal),
        Command::Fleet(command) => fleet::run(&command, &terminal),
        Command::Plan(arguments) => plan::run(&arguments, &terminal),
        Command::Collect(arguments) => collect::run(&arguments, &terminal),
        Command::Discover(arguments) => discover::run(&arguments, &terminal),
        Command::Doctor(arguments) => doctor::run(&arguments, &terminal),
        Command::Init(arguments) => init::run(&arguments, &terminal),
        Command::Profiles(command) => profiles::run(&command, &terminal),
        Command::Gate(arguments) => gate::run(&arguments, &terminal),
        Command::Forecast(arguments) => forecast::run(&arguments, &terminal),
        Command::Export(command) => export::run(&command, &terminal),
        Command::Record(arguments) => record::run(&arguments, &terminal),
        Command::History(command) => history::run(&command, &terminal),
        Command::Serve(arguments) => serve::run(&arguments, &terminal),
        Command::Report(arguments) => report::run(&arguments, &terminal),
        Command::Usl(arguments) => usl::run(&arguments, &terminal),
        Command::Explain(arguments) => explain::run(&arguments, &terminal),
        Command::Schema(arguments) => generate::schema(&arguments),
        Command::Completions(arguments) => generate::completions(&arguments),
        Command::Man(arguments) => generate::man(&arguments),
        Command::Version(arguments) => version::run(&arguments),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal.error(&error);
            Exit::NotAssessed.into()
        }
    }
}

/// Shows help, the version, or what is wrong with the arguments.
fn tell(told: &clap::Error) -> ExitCode {
    let written = told.print().and_then(|()| std::io::stdout().flush());
    match output::unless_closed(written) {
        Err(error) if !told.use_stderr() => {
            terminal::Terminal::detect(terminal::ColorChoice::Auto).error(&error);
            Exit::NotAssessed.into()
        }
        _ => u8::try_from(told.exit_code()).map_or(Exit::NotAssessed.into(), ExitCode::from),
    }
}

/// The table for `--help`.
const HELP: &str = "\
Exit codes:
  0  success: no finding at or above --fail-on, no capacity regression
  1  a finding at or above --fail-on, or a capacity regression
  2  error: invalid usage or files, no reachable source, output not writable, --notify failed (1 and 3 come first)
  3  inconclusive: required data missing, or no baseline
With --format nagios, plugin exit codes apply: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also on errors);
with --fail-on, findings below it do not count.";

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: assessed, and nothing at or above `--fail-on`.
    Assessed,
    /// 1: a finding at or above `--fail-on`. A breach wins over missing evidence.
    Breach,
    /// 2: could not assess, or not tell of it.
    NotAssessed,
    /// 3: required evidence is missing.
    Inconclusive,
    /// The code of a monitoring plugin, which has a table of its own.
    Plugin(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Assessed => 0,
            Exit::Breach => 1,
            Exit::NotAssessed => 2,
            Exit::Inconclusive => 3,
            Exit::Plugin(code) => code,
        })
    }
}
