//! `init`: a first `scale-advisor.toml`, from what can be read here and at most five questions.

mod proposal;
mod question;
mod template;

use std::{
    fs::OpenOptions,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::Args;

use self::{
    question::Questions,
    template::{Address, Answers},
};
use super::{
    Exit, assessment_input, observe,
    options::SourceOptions,
    output::Output,
    project::{Project, environment},
    terminal::{Terminal, warn},
};
use crate::{
    config::Config,
    roadmap::{DEFAULT_PROFILE, Roadmap, read_roadmap},
    snapshot::Snapshot,
};

/// What there is shows at a glance; how busy it is does not matter yet.
const GLANCE: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    sources: SourceOptions,
    /// Roadmap: a built-in id (see `profiles list`) or a path [default: the best match for what is found]
    #[arg(long, value_name = "ID|FILE")]
    profile: Option<String>,
    /// Monthly infrastructure cost, in the roadmap's currency
    #[arg(long, value_name = "AMOUNT")]
    monthly_cost: Option<u64>,
    /// Copy the roadmap next to the config file, for editing
    #[arg(long)]
    profile_copy: bool,
    /// Accept what is found without asking
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
    let ask = !arguments.yes && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let mut questions = Questions::new(std::io::stdin().lock(), std::io::stderr(), ask);
    for (given, text) in [
        (&mut sources.prometheus, "Address of Prometheus (Enter: PROMETHEUS_URL, or this machine's)"),
        (&mut sources.postgres, "Address of PostgreSQL (Enter: DATABASE_URL, or this machine's)"),
        (&mut sources.redis, "Address of Redis (Enter: REDIS_URL, or this machine's)"),
    ] {
        if given.is_none() {
            *given = questions.ask(text)?;
        }
    }
    let snapshot = look(&sources)?;
    let systems = proposal::systems(&snapshot);
    let proposed = proposal::profile(&systems);
    let profile = match &arguments.profile {
        Some(profile) => profile.clone(),
        None => {
            questions.ask(&format!("Roadmap (Enter: {proposed})"))?.unwrap_or_else(|| proposed.to_owned())
        }
    };
    let source = assessment_input::find(&profile, Path::new(""))?;
    let roadmap = assessment_input::read(&source, terminal)?;
    let monthly_cost = match arguments.monthly_cost {
        Some(cost) => Some(cost),
        None => questions.number(&format!("Monthly cost in {} (Enter: not said)", roadmap.currency))?,
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
        addresses: addresses(&sources, &snapshot),
        monthly_cost,
        unseen: roadmap.stack.iter().filter(|system| !systems.contains(*system)).cloned().collect(),
    };
    write(&arguments.output, &template::settings(&answers), arguments.force)?;
    if let Some(copy) = &copy {
        write(copy, &source.text, arguments.force)?;
    }
    tell(arguments, &roadmap, copy.as_deref(), &answers)
}

/// What can be read here. That nothing answers is no fault yet: the settings are there to mend it.
fn look(sources: &SourceOptions) -> Result<Snapshot> {
    let project = Project { config: Config::default(), folder: PathBuf::new(), file: None };
    let default = assessment_input::find(DEFAULT_PROFILE, Path::new(""))?;
    let (Some(roadmap), _) = read_roadmap(&default.text) else {
        bail!("the built-in roadmap {DEFAULT_PROFILE} has errors")
    };
    let sources = SourceOptions { sample: Some(GLANCE), past: Duration::ZERO, ..sources.clone() };
    observe::read(&sources, &project, &roadmap)
}

/// The addresses to write down: those that were given, else those that were found on this machine. What stands
/// in the environment is read from there, and what holds a password does not belong in a file.
fn addresses(sources: &SourceOptions, snapshot: &Snapshot) -> Vec<Address> {
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
        Address { source, variable, secret, url: url.filter(|_| !secret) }
    };
    wanted.into_iter().map(address).collect()
}

/// Whether an address has a password in it, as a URL or as key=value pairs.
fn holds_a_password(address: &str) -> bool {
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
    let mut options = OpenOptions::new();
    options.write(true).truncate(force).create(force).create_new(!force);
    let mut file = options.open(path).with_context(|| format!("cannot write to {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write to {}", path.display()))
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
    use super::holds_a_password;

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
