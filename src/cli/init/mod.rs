//! `init`: a first `scale-advisor.toml`, from what can be read here and a few questions.

mod proposal;
mod question;
mod scope;
mod template;

use std::{
    io::{BufRead, IsTerminal, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail};
use clap::Args;
use secrecy::SecretString;

use self::{
    question::{Question, Questions},
    template::{Address, Answers},
};
use super::{
    Exit, assessment_input,
    atomic::Readers,
    observe,
    options::SourceOptions,
    output::{Output, write_file},
    project::{Project, environment},
    scope::choices,
    sources::{listening, postgres_settings},
    terminal::{Terminal, safe_lines, warn},
};
use crate::{
    config::Config,
    roadmap::{DEFAULT_PROFILE, Roadmap, builtin, builtin_ids, read_roadmap},
    snapshot::Snapshot,
    source::{Search, prometheus, redis},
};

/// What there is shows at a glance; how busy it is does not matter yet.
const GLANCE: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    sources: SourceOptions,
    /// Roadmap: a built-in id (see `profiles list`) or a path [default: the best match]
    #[arg(long, value_name = "ID|FILE")]
    profile: Option<String>,
    /// Monthly infrastructure cost, in the roadmap's currency
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    monthly_cost: Option<f64>,
    /// Copy the roadmap next to the config file, for editing
    #[arg(long)]
    profile_copy: bool,
    /// Accept all defaults without asking
    #[arg(short, long)]
    yes: bool,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    /// Config file to write
    #[arg(short, long, value_name = "FILE", default_value = "scale-advisor.toml")]
    output: PathBuf,
}

pub(super) fn run(arguments: &Arguments, terminal: &Terminal) -> Result<Exit> {
    refuse_to_overwrite(&arguments.output, arguments.force)?;
    let mut sources = arguments.sources.clone();
    sources.scope = sources.scope.with_matchers_alone();
    scope::refuse_two_of_a_label(&sources.scope)?;
    let ask = !arguments.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let mut questions = Questions::new(std::io::stdin().lock(), std::io::stderr(), ask);
    ask_for_urls(&mut sources, &mut questions)?;
    let usual = builtin_roadmap(DEFAULT_PROFILE)?;
    let look = |sources: &SourceOptions| look(sources, &usual);
    // Asked before the roadmap is proposed, so that other products' systems do not count.
    let snapshot = look(&sources)?;
    let snapshot = scope::ask(&mut sources, snapshot, &usual, &mut questions, look)?;
    let systems = proposal::systems(&snapshot);
    let proposed = proposal::profiles(&systems);
    let profile = match &arguments.profile {
        Some(profile) => profile.clone(),
        None => ask_for_roadmap(&proposed, &mut questions)?,
    };
    let source = assessment_input::find(&profile, Path::new(""))?;
    let roadmap = assessment_input::read(&source, terminal)?;
    // This roadmap may count another load.
    let snapshot = scope::ask(&mut sources, snapshot, &roadmap, &mut questions, look)?;
    let open = choices(&snapshot, &roadmap);
    let monthly_cost = if arguments.monthly_cost.is_some() {
        arguments.monthly_cost
    } else {
        let text = format!("Monthly cost in {}", roadmap.currency);
        let help = "what the infrastructure costs per month, such as 640 or 12.50";
        questions.ask(&Question { text: &text, choices: "such as 640", default: "not set", help }, amount)?
    };
    let copy = arguments.profile_copy.then(|| copy_name(&arguments.output, &roadmap));
    if let Some(copy) = &copy {
        refuse_to_overwrite(copy, arguments.force)?;
    }
    let profile =
        copy.as_ref().and_then(|copy| copy.file_name()).map_or(profile, |name| name.display().to_string());
    let answers = Answers {
        profile: &profile,
        roadmap: &roadmap,
        addresses: addresses(&sources, &snapshot, &arguments.output),
        monthly_cost,
        scope: scope::block(&sources.scope, &open),
        discovery: snapshot.discovery.as_ref(),
        unseen: roadmap.stack.iter().filter(|system| !systems.contains(*system)).cloned().collect(),
    };
    write(&arguments.output, &template::settings(&answers), arguments.force)?;
    if let Some(copy) = &copy {
        write(copy, &source.text, arguments.force)?;
    }
    if !open.is_empty() {
        let (shown, file) = (scope::shown(&open), safe_lines(&arguments.output.display().to_string()));
        warn(&format!(
            "{shown}\nnote: choose with --match, or in [scope] of {file}; until then `check` exits with code 2\n"
        ));
    }
    tell(arguments, &roadmap, copy.as_deref(), &answers)
}

/// A source that is asked for.
struct Asked<'a> {
    /// The flag, which the answer fills.
    given: &'a mut Option<String>,
    name: &'a str,
    /// What a URL looks like.
    choices: &'a str,
    /// The environment variable that is read if nothing is entered.
    variable: &'a str,
    /// The usual port, on which a server of this machine is looked for.
    port: u16,
    /// Whether an answer is a usable URL.
    check: &'a dyn Fn(&str) -> Result<(), String>,
}

/// Asks for the sources that no flag names.
fn ask_for_urls(
    sources: &mut SourceOptions,
    questions: &mut Questions<impl BufRead, impl Write>,
) -> Result<()> {
    let prometheus = |url: &str| prometheus::Settings::new(url).map(drop).map_err(|error| error.to_string());
    let postgres =
        |url: &str| postgres_settings(&SecretString::from(url)).map(drop).map_err(|error| error.to_string());
    let redis = |url: &str| redis::Settings::parse(url).map(drop).map_err(|error| error.to_string());
    let asked = [
        Asked {
            given: &mut sources.prometheus,
            name: "Prometheus",
            choices: "http://host:9090",
            variable: "PROMETHEUS_URL",
            port: 9090,
            check: &prometheus,
        },
        Asked {
            given: &mut sources.postgres,
            name: "PostgreSQL",
            choices: "postgres://user@host/database",
            variable: "DATABASE_URL",
            port: 5432,
            check: &postgres,
        },
        Asked {
            given: &mut sources.redis,
            name: "Redis",
            choices: "redis://host:6379",
            variable: "REDIS_URL",
            port: 6379,
            check: &redis,
        },
    ];
    for Asked { given, name, choices, variable, port, check } in asked {
        if given.is_none() && questions.is_asking() {
            let default = default_address(variable, port);
            let (text, help) = (
                format!("{name} URL"),
                format!("the URL of {name}; keep URLs with a password in {variable}"),
            );
            let question = Question { text: &text, choices, default: &default, help: &help };
            *given = questions.ask(&question, |url| check(url).map(|()| url.to_owned()))?;
        }
    }
    Ok(())
}

/// What is read if no URL is entered: the variable's server, else what listens on this machine.
fn default_address(variable: &str, port: u16) -> String {
    match environment(variable) {
        Some(_) => format!("${variable}"),
        None => listening(port).map_or_else(|| "none".to_owned(), |address| format!("{address}, found here")),
    }
}

/// Asks for a built-in roadmap or a file.
///
/// Where several fit the systems equally well, that is said: which of them is meant, nothing here tells.
fn ask_for_roadmap(
    proposed: &[&'static str],
    questions: &mut Questions<impl BufRead, impl Write>,
) -> Result<String> {
    let first = proposed.first().copied().unwrap_or(DEFAULT_PROFILE);
    if let [first, others @ ..] = proposed
        && !others.is_empty()
    {
        let others = others.join(", ");
        warn(&format!("note: {first} and {others} fit equally well; choose one with --profile\n"));
    }
    let choices: Vec<String> = builtin_ids()
        .filter_map(|id| Some(format!("  {id:<20} {}", read_roadmap(builtin(id)?).0?.title)))
        .collect();
    questions.show(&format!("Roadmaps:\n{}", choices.join("\n")))?;
    let help = format!("an id of this list or a path to a .toml file\n{}", choices.join("\n"));
    let question =
        Question { text: "Roadmap", choices: "one of these, or a .toml file", default: first, help: &help };
    let answer = questions.ask(&question, |name| {
        let source = assessment_input::find(name, Path::new("")).map_err(|error| error.to_string())?;
        match read_roadmap(&source.text) {
            (Some(_), _) => Ok(name.to_owned()),
            (None, _) => Err(format!("{name} has errors: see `scale-advisor profiles check {name}`")),
        }
    })?;
    Ok(answer.unwrap_or_else(|| first.to_owned()))
}

/// An amount of money per month.
fn amount(text: &str) -> Result<f64, String> {
    let amount: Option<f64> = text.parse().ok();
    amount
        .filter(|amount| amount.is_finite() && *amount >= 0.0)
        .ok_or_else(|| format!("`{text}` is not an amount; expected a number such as 640 or 12.50"))
}

/// What can be read here. That nothing answers is no fault yet: the settings are there to mend it.
fn look(sources: &SourceOptions, roadmap: &Roadmap) -> Result<Snapshot> {
    let project = Project { config: Config::default(), folder: PathBuf::new(), source: None, file: None };
    let sources = SourceOptions {
        sample: Some(GLANCE),
        past: Duration::ZERO,
        search: Search::Bounded,
        ..sources.clone()
    };
    observe::read(&sources, &project, roadmap)
}

fn builtin_roadmap(id: &str) -> Result<Roadmap> {
    match read_roadmap(&assessment_input::find(id, Path::new(""))?.text) {
        (Some(roadmap), _) => Ok(roadmap),
        (None, _) => bail!("the built-in roadmap {id} has errors"),
    }
}

/// The addresses to write down: those that were given, else those that were found on this machine. What stands
/// in the environment is read from there, and what holds a password does not belong in a file.
fn addresses(sources: &SourceOptions, snapshot: &Snapshot, output: &Path) -> Vec<Address> {
    let wanted = [
        ("prometheus", "PROMETHEUS_URL", &sources.prometheus),
        ("postgres", "DATABASE_URL", &sources.postgres),
        ("redis", "REDIS_URL", &sources.redis),
    ];
    let address = |(source, variable, given): (&'static str, &'static str, &Option<String>)| {
        let report = snapshot.sources.iter().find(|report| report.source == source);
        let found = || report.map(|report| report.address.clone());
        let url = match given {
            Some(given) => Some(given.clone()),
            None if environment(variable).is_some() => None,
            None => found(),
        };
        let secret = url.as_deref().is_some_and(holds_a_password);
        let sign_in = if source == prometheus::NAME { sign_in(sources, output) } else { Vec::new() };
        Address { source, variable, secret, url: url.filter(|_| !secret), sign_in }
    };
    wanted.into_iter().map(address).collect()
}

/// What flags say of signing in to Prometheus. Paths in a config are relative to it.
fn sign_in(sources: &SourceOptions, output: &Path) -> Vec<(&'static str, String)> {
    let beside = output.parent().is_none_or(|folder| folder == Path::new(""));
    let path = |file: &PathBuf| match std::path::absolute(file) {
        Ok(absolute) if !beside => absolute.display().to_string(),
        _ => file.display().to_string(),
    };
    let client = &sources.client;
    let file = client.http_config_file.as_ref().map(|file| ("http_config_file", path(file)));
    let datasource = client.grafana_datasource.clone().map(|uid| ("grafana_datasource", uid));
    file.into_iter().chain(datasource).collect()
}

/// Whether an address has a password in it, as a URL or as key=value pairs.
pub(super) fn holds_a_password(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let user = rest.rsplit_once('@').map(|(user, _)| user);
    user.is_some_and(|user| user.contains(':')) || address.to_ascii_lowercase().contains("password")
}

/// The roadmap's own name, beside the settings.
fn copy_name(settings: &Path, roadmap: &Roadmap) -> PathBuf {
    settings.with_file_name(format!("{}.toml", roadmap.id))
}

fn refuse_to_overwrite(path: &Path, force: bool) -> Result<()> {
    if path.exists() && !force {
        bail!("{} already exists; use --force to overwrite it, or --output for another file", path.display());
    }
    Ok(())
}

fn write(path: &Path, text: &str, force: bool) -> Result<()> {
    refuse_to_overwrite(path, force)?;
    write_file(path, text, Readers::Umask)
}

fn tell(
    arguments: &Arguments,
    roadmap: &Roadmap,
    copy: Option<&Path>,
    answers: &Answers<'_>,
) -> Result<Exit> {
    for address in answers.addresses.iter().filter(|address| address.secret) {
        let Address { source, variable, .. } = address;
        warn(&format!(
            "note: the {source} URL contains a password and is not written to the file; set {variable}\n"
        ));
    }
    let mut text = format!("{}: roadmap {} ({})\n", arguments.output.display(), roadmap.id, roadmap.title);
    if let Some(copy) = copy {
        text.extend([&copy.display().to_string(), ": copy of the roadmap, for editing\n"]);
    }
    text.push_str("next: run `scale-advisor doctor` to test the sources, then `scale-advisor check`\n");
    Output::open(None)?.write(&text)?;
    Ok(Exit::Assessed)
}

#[cfg(test)]
mod tests {
    use super::{amount, holds_a_password};

    #[test]
    fn money_may_have_decimals() {
        assert_eq!(amount("12.50"), Ok(12.5));
        assert_eq!(amount("640"), Ok(640.0));
        for text in ["", "-1", "NaN", "inf", "12,50", "many"] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn passwords_are_seen_wherever_they_stand() {
        for secret in
            ["postgres://me:pw@db/app", "redis://:pw@h", "host=db password=x", "postgres://db?password=x"]
        {
            assert!(holds_a_password(secret), "{secret}");
        }
        for plain in ["http://127.0.0.1:9090", "postgres://me@db:5432/app", "redis://127.0.0.1:6379"] {
            assert!(!holds_a_password(plain), "{plain}");
        }
    }
}
