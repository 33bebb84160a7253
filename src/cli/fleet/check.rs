//! `fleet check`: all services judged, or the page of one.

use anyhow::{Result, bail};
use clap::Args;

use super::{
    FleetOptions, Format, RowOptions,
    estate::{Estate, Member, Profile},
    judge::judge,
    nights::Nights,
};
use crate::{
    cli::{
        Exit,
        check::{self as page, FurtherDeclared},
        notify::{self, Notice, NotifyOptions},
        output_options::OutputOptions,
        terminal::{Terminal, safe_lines},
    },
    diagnostic::did_you_mean,
    fleet::{chosen, compared, most_urgent_first},
    render::{FleetView, fleet_document},
    roadmap::builtin,
    signal::{LabelMatcher, MatchKind},
};

#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Arguments {
    /// Show the full page of this service, such as shop/checkout, like `check` limited to its labels
    #[arg(value_name = "SERVICE", conflicts_with = "notify")]
    service: Option<String>,
    #[command(flatten)]
    fleet: FleetOptions,
    /// Read all values of every service again, and replace those in the history
    #[arg(long, conflicts_with = "service")]
    rebuild: bool,
    #[command(flatten)]
    notify: NotifyOptions,
    #[command(flatten)]
    output: OutputOptions<Format>,
    #[command(flatten)]
    rows: RowOptions,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let mut output = arguments.output.open()?;
    let declared = Estate::declared(&arguments.fleet, terminal)?;
    let (sources, part) = (&arguments.fleet.sources, arguments.fleet.part());
    let notifier = arguments.notify.fleet_notifier(&declared.0, sources, &part)?;
    let tell = |error: &anyhow::Error| notify::tell_of_failure(notifier.as_ref(), error);
    let estate = Estate::find(declared, &arguments.fleet).inspect_err(tell)?;
    if let Some(name) = &arguments.service {
        return show_page(arguments, &estate, member(&estate, name)?, terminal);
    }
    let earlier = arguments.rows.earlier()?;
    let mut nights = Nights::open(&estate, &arguments.fleet.sources, arguments.rebuild)?;
    let mut judged = judge(&estate, &arguments.fleet, &mut nights, terminal).inspect_err(tell)?;
    if let Some(earlier) = earlier {
        judged.rows = compared(judged.rows, &earlier);
    }
    most_urgent_first(&mut judged.rows);
    let format = arguments.output.format;
    let choice = arguments.rows.choice(format, &[])?;
    let shown = chosen(&judged.rows, &choice, estate.now);
    let text = match format.of_document(terminal.style(&output)) {
        Some(format) => {
            let view = FleetView {
                all: &judged.rows,
                shown: &shown,
                now: estate.now,
                questions: Some(judged.questions),
                samples: estate.max_samples.map(|_| judged.samples),
            };
            fleet_document(&view).write(format)?
        }
        None => format.for_programs(&shown),
    };
    output.write(&text)?;
    let is_told =
        notifier.as_ref().is_none_or(|notifier| notifier.tell(&Notice::of_fleet(&judged.rows, estate.now)));
    let exit = arguments.rows.exit(&judged.rows, estate.project.config.gate.require.is_empty());
    // Whatever was not read may be anything.
    let exit = if judged.is_cut_short && exit == Exit::Assessed { Exit::Inconclusive } else { exit };
    Ok(notify::concluded(exit, is_told))
}

/// The service of a name.
fn member<'a>(estate: &'a Estate, name: &str) -> Result<&'a Member> {
    let named: Vec<&Member> = estate
        .members
        .iter()
        .filter(|member| member.shown.name() == name || member.service.name() == name)
        .collect();
    match named[..] {
        [only] => Ok(only),
        [] => {
            let names: Vec<String> = estate.members.iter().map(|member| member.shown.name()).collect();
            let near = did_you_mean(name, names.iter().map(String::as_str));
            let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            bail!("no service is named `{}`{near}; `fleet list` shows all", safe_lines(name))
        }
        _ => bail!("several services are named `{}`; use `check` with --match", safe_lines(name)),
    }
}

/// The page of one service: what `check` says within its scope.
fn show_page(arguments: &Arguments, estate: &Estate, member: &Member, terminal: &Terminal) -> Result<Exit> {
    let mut fleet = arguments.fleet.clone();
    let matchers = estate.by.iter().zip(member.service.values()).map(|(label, value)| LabelMatcher {
        label: label.clone(),
        kind: MatchKind::Equal,
        value: value.clone(),
    });
    fleet.sources.scope.matchers.extend(estate.scope.iter().cloned().chain(matchers));
    match &member.kind.profile {
        Profile::Usual => {}
        Profile::Labelled(name) if builtin(name).is_none() => {
            bail!("the label of this service names the roadmap `{name}`, which is not built in");
        }
        Profile::Labelled(name) => fleet.project.profile = Some(name.clone()),
        Profile::Stated(name) if builtin(name).is_some() => fleet.project.profile = Some(name.clone()),
        Profile::Stated(path) => {
            fleet.project.profile = Some(estate.project.folder.join(path).display().to_string());
        }
    }
    let (format, file) = (arguments.output.format.of_check(), arguments.output.file.clone());
    let declared =
        FurtherDeclared { facts: estate.facts_of(&member.kind), silences: member.silences.clone() };
    let output = OutputOptions { format, file };
    page::of_service(fleet.project, fleet.sources, output, arguments.rows.fail_on, declared, terminal)
}
