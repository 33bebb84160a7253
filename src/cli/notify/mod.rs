//! `--notify`: tells webhooks what has changed since they were told last.

mod state;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use secrecy::SecretString;

use self::state::State;
use super::{
    Exit,
    history::StorePlace,
    options::SourceOptions,
    project::{Project, environment},
    sources::webhook,
    terminal::{error_text, safe_lines, warn},
};
use crate::{
    assess::Assessment,
    config::{ALL_TARGETS, Notify},
    diagnostic::did_you_mean,
    fleet::Row,
    foreign::Secrets,
    notify::{Standing, Told, news},
    render::{
        Message, MessageFormat, act, fleet_notice, fleet_standing, headline, notification, safe, standing,
    },
    roadmap::Roadmap,
    snapshot::Snapshot,
    source::{http::Endpoint, webhook::post},
};

/// Names the webhook where there is none in the settings.
const VARIABLE: &str = "SCALE_ADVISOR_WEBHOOK_URL";
/// The file of what was told.
const STATE: &str = "notified.json";

/// Who is told of changes.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct NotifyOptions {
    /// Post changes since the last notification to this webhook: a name from [[notify]] in the config, or a URL
    /// (repeatable) [without a value: all of [[notify]], or $SCALE_ADVISOR_WEBHOOK_URL]
    #[arg(long, value_name = "NAME|URL", num_args = 0..=1, default_missing_value = ALL_TARGETS)]
    notify: Vec<String>,
    /// File for the notification state [default: notified.json next to the history, or in .scale-advisor next to the
    /// config]
    #[arg(long, value_name = "FILE", requires = "notify")]
    notify_state: Option<PathBuf>,
    /// Print messages to standard error instead of sending them; the state is not updated
    #[arg(long, requires = "notify")]
    notify_dry_run: bool,
}

/// A webhook that is told.
#[derive(Debug)]
struct Target {
    /// What the state calls it.
    name: String,
    /// What messages of ours call it: its name, or the server where it has none.
    title: String,
    endpoint: Endpoint,
    format: MessageFormat,
    /// What its messages call the system.
    system: Option<String>,
}

/// Tells webhooks about one system.
#[derive(Debug)]
pub(super) struct Notifier {
    targets: Vec<Target>,
    state: PathBuf,
    dry_run: bool,
    /// What the system is called where a webhook says nothing else.
    title: String,
    /// What tells the system from others that the same webhooks are told of.
    system: String,
}

/// What is told, in words.
#[derive(Debug)]
pub(super) struct Notice {
    standing: Standing,
    headline: String,
    /// By when to do what.
    act: Option<String>,
    at: DateTime<Utc>,
    simulated: Option<String>,
}

impl Notice {
    /// What there is to tell of an assessment.
    pub(super) fn of_assessment(assessment: &Assessment, snapshot: &Snapshot) -> Self {
        Self {
            standing: standing(assessment, snapshot.discovery.as_ref()),
            headline: headline(assessment),
            act: act(assessment),
            at: assessment.generated_at,
            simulated: assessment.simulated.clone(),
        }
    }

    /// What there is to tell of services.
    pub(super) fn of_fleet(rows: &[Row], at: DateTime<Utc>) -> Self {
        Self { standing: fleet_standing(rows), headline: fleet_notice(rows), act: None, at, simulated: None }
    }

    /// How the system stands, in a sentence.
    pub(super) fn headline(&self) -> &str {
        &self.headline
    }

    /// That there is no assessment, and why.
    pub(super) fn of_failure(error: &anyhow::Error) -> Self {
        let reason = format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            standing: Standing::unassessed(reason),
            headline: "The system could not be assessed".to_owned(),
            act: None,
            at: Utc::now(),
            simulated: None,
        }
    }
}

impl NotifyOptions {
    /// Whether somebody is to be told.
    pub(super) fn is_asked(&self) -> bool {
        !self.notify.is_empty()
    }

    /// Whoever is to be told about a system; `None` where nobody is.
    ///
    /// # Errors
    /// When there is no such webhook, or its address cannot be used.
    pub(super) fn notifier(
        &self,
        project: &Project,
        sources: &SourceOptions,
        roadmap: &Roadmap,
    ) -> Result<Option<Notifier>> {
        self.notifier_of(project, sources, &roadmap.title, &roadmap.id)
    }

    /// The same about many services. `part` tells those that are judged from others of the fleet.
    ///
    /// # Errors
    /// When there is no such webhook, or its address cannot be used.
    pub(super) fn fleet_notifier(
        &self,
        project: &Project,
        sources: &SourceOptions,
        part: &str,
    ) -> Result<Option<Notifier>> {
        self.notifier_of(project, sources, "fleet", &format!("fleet {part}"))
    }

    fn notifier_of(
        &self,
        project: &Project,
        sources: &SourceOptions,
        title: &str,
        id: &str,
    ) -> Result<Option<Notifier>> {
        if !self.is_asked() {
            return Ok(None);
        }
        let mut targets: Vec<Target> = Vec::new();
        for wanted in &self.notify {
            for target in found(wanted, project)? {
                if targets.iter().all(|known| known.name != target.name) {
                    targets.push(target);
                }
            }
        }
        let state = match &self.notify_state {
            Some(path) => path.clone(),
            None => default_state(project, sources)?,
        };
        let scope = sources.scope.applied_to(&project.config.scope);
        let matchers = scope.matchers.iter().map(|matcher| format!(" {matcher}"));
        Ok(Some(Notifier {
            targets,
            state,
            dry_run: self.notify_dry_run,
            title: title.to_owned(),
            system: [id.to_owned()].into_iter().chain(matchers).collect(),
        }))
    }
}

/// The webhooks that a value of the flag names.
fn found(wanted: &str, project: &Project) -> Result<Vec<Target>> {
    let configured = &project.config.notify;
    let target = |notify: &Notify| {
        let (endpoint, format) = webhook::configured(notify, project)?;
        let title = format!("{} at {}", notify.name, endpoint.address());
        Ok(Target { name: notify.name.clone(), title, endpoint, format, system: notify.system.clone() })
    };
    if wanted == ALL_TARGETS {
        if !configured.is_empty() {
            return configured.iter().map(target).collect();
        }
        let Some(url) = environment(VARIABLE) else {
            bail!("--notify: there is no [[notify]] in the config, and ${VARIABLE} is not set");
        };
        return Ok(vec![unnamed(&url.into()).with_context(|| format!("${VARIABLE}"))?]);
    }
    if let Some(notify) = configured.iter().find(|notify| notify.name == wanted) {
        return Ok(vec![target(notify)?]);
    }
    if wanted.contains("://") {
        warn(&format!(
            "warning: other accounts can see the URL in --notify; use [[notify]] or ${VARIABLE} instead\n"
        ));
        return Ok(vec![unnamed(&wanted.into()).context("--notify")?]);
    }
    let near = did_you_mean(wanted, configured.iter().map(|notify| notify.name.as_str()));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    bail!("--notify: no [[notify]] in the config is named `{}`{near}", safe_lines(wanted))
}

/// A webhook without a name: a hash of its address takes the place of one in the state.
fn unnamed(url: &SecretString) -> Result<Target> {
    let (endpoint, format) = webhook::at(url)?;
    let title = endpoint.address();
    let name = format!("{title} {}", webhook::fingerprint(url));
    Ok(Target { name, title, endpoint, format, system: None })
}

/// Beside the history, where that is a file.
fn default_state(project: &Project, sources: &SourceOptions) -> Result<PathBuf> {
    Ok(match StorePlace::resolve(&sources.history, project)? {
        StorePlace::File(history) => history.with_file_name(STATE),
        StorePlace::Server(_) => project.folder.join(".scale-advisor").join(STATE),
    })
}

impl Notifier {
    /// Tells every webhook what is new to it. Whether all that was to be told was told; what was not has been written to
    /// standard error, and is told by the next run.
    pub(super) fn tell(&self, notice: &Notice) -> bool {
        let told = if self.dry_run || notice.simulated.is_some() {
            self.tell_without_state(notice)
        } else {
            self.tell_with_state(notice)
        };
        told.unwrap_or_else(|error| {
            warn(&error_text(&error.context("no notifications were sent")));
            false
        })
    }

    /// What a dry run or a simulated system says changes nothing of what was told.
    fn tell_without_state(&self, notice: &Notice) -> Result<bool> {
        let state = if self.dry_run && self.state.exists() && notice.simulated.is_none() {
            Some(State::open(&self.state)?)
        } else {
            None
        };
        let mut all = true;
        for target in &self.targets {
            let told = state.as_ref().and_then(|state| state.told(&target.name, &self.system));
            all &= self.send(target, notice, &told.cloned().unwrap_or_default()).is_some();
        }
        Ok(all)
    }

    fn tell_with_state(&self, notice: &Notice) -> Result<bool> {
        let mut state = State::open(&self.state)?;
        let mut all = true;
        for target in &self.targets {
            let before = state.told(&target.name, &self.system).cloned();
            match self.send(target, notice, &before.clone().unwrap_or_default()) {
                Some(told) if before.as_ref() != Some(&told) => {
                    if let Err(error) = state.keep(&target.name, &self.system, told) {
                        let title = safe(&target.title);
                        warn(&error_text(
                            &error.context(format!("{title} will get the same notification again")),
                        ));
                        all = false;
                    }
                }
                Some(_) => {}
                None => all = false,
            }
        }
        Ok(all)
    }

    /// Sends what is new, if anything is. What the webhook knows then; `None` where it could not be told.
    fn send(&self, target: &Target, notice: &Notice, told: &Told) -> Option<Told> {
        let news = news(told, &notice.standing);
        // The simulated system is for trying a webhook.
        if news.is_empty() && notice.simulated.is_none() {
            return Some(news.told);
        }
        let message = Message {
            system: target.system.as_deref().unwrap_or(&self.title),
            verdict: notice.standing.verdict,
            headline: &notice.headline,
            act: notice.act.as_deref(),
            at: notice.at,
            simulated: notice.simulated.as_deref(),
            news: &news,
        };
        let body = notification(target.format, &message);
        if self.dry_run {
            warn(&format!("note: to {}:\n{}\n", safe(&target.title), body.trim_end()));
            return Some(news.told);
        }
        match post(&target.endpoint, &body) {
            Ok(()) => Some(news.told),
            Err(failure) => {
                let failure = failure.to_string();
                warn(&format!("error: cannot notify {}: {}\n", safe(&target.title), safe(&failure)));
                None
            }
        }
    }
}

/// Tells that there is no assessment; the run fails with this error in any case.
pub(super) fn tell_of_failure(notifier: Option<&Notifier>, error: &anyhow::Error) {
    if let Some(notifier) = notifier {
        notifier.tell(&Notice::of_failure(error));
    }
}

/// The secrets of the webhooks in the settings: a server that is read may have them from a log.
pub(super) fn secrets(project: &Project) -> Secrets {
    let mut secrets = Secrets::default();
    // An address that cannot be used is reported where it is.
    let endpoints =
        project.config.notify.iter().filter_map(|notify| webhook::configured(notify, project).ok());
    endpoints.for_each(|(endpoint, _)| secrets.extend(endpoint.secrets()));
    secrets
}

/// The exit code of a run, where somebody was to be told: a failure to do so is an error, and hides neither a breach nor
/// missing evidence.
pub(super) fn concluded(exit: Exit, is_told: bool) -> Exit {
    match exit {
        Exit::Assessed if !is_told => Exit::NotAssessed,
        exit => exit,
    }
}
