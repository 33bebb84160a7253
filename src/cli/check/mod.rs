//! `check`: assess the system now.

mod screen;
mod watch;

use std::{collections::BTreeMap, sync::LazyLock, time::Duration};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum, builder::PossibleValue};

use super::{
    Exit, assessment_input, ci,
    notify::{self, Notice, Notifier, NotifyOptions},
    observe,
    options::{LossOptions, ProjectOptions, ReplayOptions, SourceOptions, duration},
    output_options::{OutputFormat, OutputOptions},
    project::Project,
    terminal::{Terminal, warn},
};
use crate::{
    assess::{Assessment, Verdict, assess},
    render::{
        Cases, CheckView, ExitPolicy, Format, Rows, Templates, TerminalStyle, check_document,
        check_openmetrics, pretty, render_cases, yaml,
    },
    roadmap::{FactValue, Silence},
    signal::SignalId,
    source::Search,
};

#[derive(Debug, Clone, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    project: ProjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    replay: ReplayOptions,
    #[command(flatten)]
    notify: NotifyOptions,
    #[command(flatten)]
    losses: LossOptions,
    #[command(flatten)]
    output: OutputOptions<CheckFormat>,
    /// Show all findings, all steps and the origin of each value
    #[arg(short, long)]
    verbose: bool,
    /// Show only rows of this resource or service level, such as postgres.connections, or of this system, such as
    /// postgres (repeatable); verdict and exit code still cover everything
    #[arg(long, value_name = "NAME", value_parser = row_name)]
    resource: Vec<String>,
    /// Show only rows whose name contains this text, such as db-1 (repeatable); verdict and exit code still cover
    /// everything
    #[arg(long, value_name = "TEXT")]
    filter: Vec<String>,
    /// Refresh the page in place, by default every 30s; `q` quits. Without a terminal, pages are printed one after
    /// another
    #[arg(
        short, long, value_name = "INTERVAL", num_args = 0..=1, default_missing_value = "30s", value_parser = duration,
        conflicts_with_all = ["snapshot", "demo", "at", "notify"]
    )]
    watch: Option<Duration>,
    /// Exit with code 1 on findings of at least this severity
    #[arg(long, value_name = "VERDICT")]
    fail_on: Option<FailOn>,
    /// What is said of a service of a fleet
    #[arg(skip)]
    further: FurtherDeclared,
}

/// What is declared of one service of a fleet, beside what the settings say of all.
#[derive(Debug, Clone, Default)]
pub(super) struct FurtherDeclared {
    /// Facts beside those of the settings, or in their place.
    pub facts: BTreeMap<String, FactValue>,
    /// Silences beside those of the settings.
    pub silences: Vec<Silence>,
}

/// The name of a resource, a service level or a system, as far as that can be known before settings are read.
fn row_name(text: &str) -> Result<String, String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if !text.is_empty() && text.chars().all(is_name) {
        return Ok(text.to_owned());
    }
    Err("expected a name such as postgres.connections or postgres; --filter searches text".to_owned())
}

/// The severity from which findings make a run fail.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FailOn {
    Warning,
    Critical,
}

impl FailOn {
    /// The verdict from which on a run fails.
    pub(super) fn verdict(self) -> Verdict {
        match self {
            Self::Warning => Verdict::Warning,
            Self::Critical => Verdict::Critical,
        }
    }
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    ci::as_plugin(arguments.output.format.shared(), terminal, judge(arguments, terminal))
}

/// Assesses one service of a fleet.
pub(super) fn of_service(
    project: ProjectOptions,
    sources: SourceOptions,
    output: OutputOptions<Format>,
    fail_on: Option<FailOn>,
    further: FurtherDeclared,
    terminal: &Terminal,
) -> Result<Exit> {
    let OutputOptions { format, file } = output;
    let arguments = Arguments {
        project,
        sources,
        replay: ReplayOptions { snapshot: None, demo: false },
        notify: NotifyOptions::default(),
        losses: LossOptions::default(),
        output: OutputOptions { format: CheckFormat::Shared(format), file },
        verbose: false,
        resource: Vec::new(),
        filter: Vec::new(),
        watch: None,
        fail_on,
        further,
    };
    judge(&arguments, terminal)
}

fn judge(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    let format = arguments.output.format.shared();
    let chosen = !arguments.resource.is_empty() || !arguments.filter.is_empty();
    if chosen && !matches!(format, Format::Text | Format::Markdown | Format::Html) {
        bail!("--resource and --filter need a page format: text, wide, markdown or html");
    }
    if let Some(interval) = arguments.watch {
        if format != Format::Text || arguments.output.file.is_some() {
            bail!("--watch works only with text or wide on standard output");
        }
        let sources = SourceOptions { quiet: true, ..arguments.sources.clone() };
        return watch::run(&Arguments { sources, ..arguments.clone() }, interval, terminal);
    }
    let mut output = arguments.output.open()?;
    let result = assessed(arguments, terminal.style(&output), terminal)?;
    output.write(&result.text)?;
    // Whoever reads the page need not wait for webhooks.
    let is_told = result.news.as_ref().is_none_or(|(notifier, notice)| notifier.tell(notice));
    Ok(ci::concluded(format, &result.cases)?.unwrap_or_else(|| notify::concluded(result.exit, is_told)))
}

/// What a run of `check` comes to.
struct Assessed {
    text: String,
    cases: Cases,
    exit: Exit,
    /// Whom to tell of it, and what.
    news: Option<(Notifier, Notice)>,
}

/// Reads and assesses the system once.
///
/// # Errors
/// When settings or roadmap have errors, or when nothing could be read.
fn assessed(arguments: &Arguments, style: TerminalStyle, terminal: &Terminal) -> Result<Assessed> {
    let profile = arguments.project.profile.as_deref();
    let mut project = Project::judged(&arguments.project, &arguments.replay, terminal)?;
    let FurtherDeclared { facts, silences } = arguments.further.clone();
    project.config.facts.values.extend(facts);
    project.config.silences.extend(silences);
    let mut input = assessment_input::load(profile, &mut project, terminal)?;
    let notifier = arguments.notify.notifier(&project, &arguments.sources, &input.roadmap)?;
    let sources = arguments.sources.searching(Search::Bounded);
    let snapshot = observe::snapshot(&arguments.replay, &sources, &project, &input.roadmap)
        .inspect_err(|error| notify::tell_of_failure(notifier.as_ref(), error))?;
    input.declared.lost = arguments.losses.parts(&snapshot)?;
    let assessment = assess(&input, &snapshot);
    let measured =
        |signal: &SignalId| snapshot.observations.iter().any(|observation| observation.signal == *signal);
    let missing: Vec<SignalId> =
        project.config.gate.require.iter().copied().filter(|signal| !measured(signal)).collect();
    let policy = ExitPolicy {
        fail_on: arguments.fail_on.map(FailOn::verdict),
        all_evidence: project.config.gate.require.is_empty(),
        missing: &missing,
    };
    let cases = ci::cases(&assessment, &policy, &input, profile, &project)?;
    let rows = Rows { names: &arguments.resource, texts: &arguments.filter };
    for (name, near) in rows.unknown_names(&assessment) {
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        warn(&format!("warning: no resource or service level of this assessment is named `{name}`{near}\n"));
    }
    let format = arguments.output.format;
    let verbose = arguments.verbose || format == CheckFormat::Wide;
    let view = CheckView { assessment: &assessment, snapshot: &snapshot, verbose, rows };
    let text = match format.shared() {
        Format::Text => check_document(&view).to_terminal(style),
        Format::Markdown => check_document(&view).to_markdown(),
        Format::Html => check_document(&view).to_html(&Templates::default())?,
        Format::Json => pretty(&assessment),
        Format::Yaml => yaml(&pretty(&assessment)),
        Format::Openmetrics => check_openmetrics(&assessment),
        Format::Ci(format) => render_cases(format, &cases),
    };
    let exit = exit(&assessment, &policy);
    let news = notifier.map(|notifier| (notifier, Notice::of_assessment(&assessment, &snapshot)));
    Ok(Assessed { text, cases, exit, news })
}

/// A breach wins over missing evidence; missing evidence never passes.
fn exit(assessment: &Assessment, policy: &ExitPolicy<'_>) -> Exit {
    let breach = policy.fail_on.is_some_and(|limit| assessment.unsilenced_verdict() >= limit);
    let unknown = policy.fail_on.is_some()
        && policy.all_evidence
        && assessment.findings.iter().any(|finding| {
            finding.verdict == Verdict::Unknown
                && finding.kind.is_fault()
                && assessment.silence_of(finding).is_none()
        });
    match (breach, !policy.missing.is_empty() || unknown) {
        (true, _) => Exit::Breach,
        (false, true) => Exit::Inconclusive,
        (false, false) => Exit::Assessed,
    }
}

/// Formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CheckFormat {
    /// A page for a terminal with everything, as with `-v`.
    Wide,
    /// One that `gate` has as well.
    Shared(Format),
}

/// Every format, in the order of `--help`.
static FORMATS: LazyLock<Vec<CheckFormat>> = LazyLock::new(|| {
    let shared = Format::value_variants().iter().copied().map(CheckFormat::Shared);
    let mut formats: Vec<CheckFormat> = shared.collect();
    formats.insert(1, CheckFormat::Wide);
    formats
});

impl CheckFormat {
    /// The format without what it says about details.
    fn shared(self) -> Format {
        match self {
            Self::Wide => Format::Text,
            Self::Shared(format) => format,
        }
    }
}

impl Default for CheckFormat {
    fn default() -> Self {
        Self::Shared(Format::Text)
    }
}

impl ValueEnum for CheckFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &FORMATS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Wide => Some(PossibleValue::new("wide")),
            Self::Shared(format) => format.to_possible_value(),
        }
    }
}

impl OutputFormat for CheckFormat {
    const JSON: Option<Self> = Some(Self::Shared(Format::Json));
    const NOTE: &'static str = "wide is text with all details, as with -v; github writes workflow commands and appends to \
                                $GITHUB_STEP_SUMMARY; nagios uses plugin exit codes; in junit unknown findings are \
                                skipped, or errors if they make the run exit with code 3.";
}
