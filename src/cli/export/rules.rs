//! `export alerts` and `export rules`.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::{EvidenceOptions, open_output};
use crate::{
    cli::{
        Exit,
        output::Output,
        output_options::{OutputFormat, OutputOptions},
        terminal::{Terminal, warn},
    },
    export::{ExportInput, RuleSet, alert_rules, recording_rules},
    render::{ResourceMetadata, RuleFormat, rule_file},
    signal::is_label,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    evidence: EvidenceOptions,
    #[command(flatten)]
    file: RuleFileOptions,
}

/// What is written of rules, and where.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct RuleFileOptions {
    /// Name of the PrometheusRule, optionally with a namespace [default: that of the file]
    #[arg(long, value_name = "[NAMESPACE/]NAME", value_parser = object_name)]
    name: Option<String>,
    /// Label of the PrometheusRule, such as release=prometheus (repeatable)
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = object_label)]
    labels: Vec<(String, String)>,
    #[command(flatten)]
    output: OutputOptions<Format>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A rule file for Prometheus, Mimir, Thanos or vmalert
    #[default]
    #[value(alias = "yaml", alias = "yml")]
    Prometheus,
    /// A resource for the Prometheus operator
    Prometheusrule,
}

impl OutputFormat for Format {
    const JSON: Option<Self> = None;
}

/// A name as Kubernetes has it, with or without a namespace.
pub(super) fn object_name(text: &str) -> Result<String, String> {
    if text.split('/').count() <= 2 && text.split('/').all(is_object_name) {
        return Ok(text.to_owned());
    }
    Err("expected lower-case letters, digits and dashes, and at most one slash".to_owned())
}

fn is_object_name(text: &str) -> bool {
    let inner = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    text.starts_with(inner)
        && text.ends_with(inner)
        && text.len() <= 253
        && text.chars().all(|letter| inner(letter) || letter == '-' || letter == '.')
}

fn object_label(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, such as release=prometheus")?;
    let is_name = name.rsplit('/').next().is_some_and(|last| is_label(&last.replace(['-', '.'], "_")));
    if is_name { Ok((name.to_owned(), value.to_owned())) } else { Err(format!("`{name}` is no label name")) }
}

pub(super) fn alerts(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    write(arguments, terminal, "scale-advisor-alerts", alert_rules)
}

pub(super) fn recordings(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    write(arguments, terminal, "scale-advisor-rules", recording_rules)
}

fn write(
    arguments: &Arguments,
    terminal: &Terminal,
    usual_name: &str,
    rules: fn(&ExportInput<'_>) -> RuleSet,
) -> Result<Exit> {
    let file = arguments.file.open(usual_name)?;
    let evidence = arguments.evidence.evidence(terminal)?;
    let (input, snapshot, survey) = (&evidence.input, &evidence.snapshot, &evidence.survey);
    let rules = rules(&ExportInput { input, snapshot, survey });
    file.write(&rules)?;
    if rules.groups.is_empty() {
        warn("no rules: no signal with a limit was read from Prometheus; `scale-advisor doctor` shows why\n");
        return Ok(Exit::Inconclusive);
    }
    Ok(Exit::Assessed)
}

/// A file of rules, opened before anything is read.
#[derive(Debug)]
pub(in crate::cli) struct RuleFile<'a> {
    options: &'a RuleFileOptions,
    usual_name: &'a str,
    output: Output,
}

impl RuleFileOptions {
    /// Opens the file; one of the usual name where a directory is named.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(in crate::cli) fn open<'a>(&'a self, usual_name: &'a str) -> Result<RuleFile<'a>> {
        let output = open_output(self.output.file.as_deref(), &format!("{usual_name}.yaml"))?;
        Ok(RuleFile { options: self, usual_name, output })
    }
}

impl RuleFile<'_> {
    /// Writes the rules.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(in crate::cli) fn write(mut self, rules: &RuleSet) -> Result<()> {
        let name = self.options.name.as_deref().unwrap_or(self.usual_name);
        let (namespace, name) =
            name.split_once('/').map_or((None, name), |(space, name)| (Some(space), name));
        let format = match self.options.output.format {
            Format::Prometheus => RuleFormat::File,
            Format::Prometheusrule => {
                RuleFormat::PrometheusRule(ResourceMetadata { name, namespace, labels: &self.options.labels })
            }
        };
        self.output.write(&rule_file(rules, format))
    }
}
