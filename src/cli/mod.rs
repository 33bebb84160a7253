//! What the user types: one file for each command. The only place that knows clap, the clock, the
//! environment, standard output and the terminal.

mod assessment_input;
mod check;
mod ci;
mod collect;
mod demo;
mod doctor;
mod exit;
mod explain;
mod forecast;
mod gate;
mod generate;
mod history;
mod init;
mod observe;
mod options;
mod output;
mod plan;
mod profiles;
mod progress;
mod project;
mod record;
mod report;
mod results;
mod sources;
mod terminal;
mod usl;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::Exit;

/// Says what in your system runs out next, at how many users, what to do about it, and what it costs.
#[derive(Debug, Parser)]
#[command(name = "scale-advisor", version, propagate_version = true, after_help = exit::HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colour; it never carries meaning alone
    #[arg(long, global = true, display_order = 100, value_enum, default_value_t, value_name = "WHEN")]
    color: terminal::ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge the system now: the next bottleneck, the phase, the cost tier and the plan
    Check(check::Arguments),
    /// Tell what to do alone: now, to enter a phase, or for a number of users
    Plan(plan::Arguments),
    /// Write what the sources say to a file, to be judged later with `check --snapshot`
    Collect(collect::Arguments),
    /// Tell for every source and signal whether it can be read, and how to mend what cannot
    Doctor(doctor::Arguments),
    /// Write a first scale-advisor.toml from what can be read here
    Init(init::Arguments),
    /// List, show and check roadmaps
    #[command(subcommand)]
    Profiles(profiles::Command),
    /// Compare a build with the one before: has it lost capacity, and how many users is that
    Gate(Box<gate::Arguments>),
    /// Continue a daily figure: the band it will lie in, and when it reaches a limit
    Forecast(forecast::Arguments),
    /// Read as `check` does and add what was measured to the history
    Record(record::Arguments),
    /// Look at the history that `record` keeps
    #[command(subcommand)]
    History(history::Command),
    /// Write the month's report: what changed, what runs out next, what to do, and how good earlier forecasts were
    Report(report::Arguments),
    /// Fit a scalability curve to a stepped load test: where throughput peaks, and how well that is known
    Usl(usl::Arguments),
    /// Tell what a name in the output means, how it is computed, and where its limits come from
    Explain(explain::Arguments),
    /// Write the JSON Schema of an output or of a file to write
    Schema(generate::SchemaArguments),
    /// Write a completion script for a shell
    Completions(generate::CompletionArguments),
    /// Write the manual page
    Man,
}

/// Runs the program with the process' arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = terminal::Terminal::detect(arguments.color);
    let result = match arguments.command {
        Command::Check(arguments) => check::run(&arguments, &terminal),
        Command::Plan(arguments) => plan::run(&arguments, &terminal),
        Command::Collect(arguments) => collect::run(&arguments, &terminal),
        Command::Doctor(arguments) => doctor::run(&arguments, &terminal),
        Command::Init(arguments) => init::run(&arguments, &terminal),
        Command::Profiles(command) => profiles::run(&command, &terminal),
        Command::Gate(arguments) => gate::run(&arguments, &terminal),
        Command::Forecast(arguments) => forecast::run(&arguments, &terminal),
        Command::Record(arguments) => record::run(&arguments, &terminal),
        Command::History(command) => history::run(&command, &terminal),
        Command::Report(arguments) => report::run(&arguments, &terminal),
        Command::Usl(arguments) => usl::run(&arguments, &terminal),
        Command::Explain(arguments) => explain::run(&arguments, &terminal),
        Command::Schema(arguments) => generate::schema(&arguments),
        Command::Completions(arguments) => generate::completions(&arguments),
        Command::Man => generate::man(),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal.error(&error);
            Exit::NotAssessed.into()
        }
    }
}
