//! Running the program as a user does, and reading what it says.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

use crate::support::folder;

/// A folder with settings that name every source, so that nothing else on the machine is read.
#[derive(Debug)]
pub struct Project {
    folder: tempfile::TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Project {
    /// Settings for the roadmap of the chat service, without the machine that runs the tests.
    pub fn new(settings: &str) -> Self {
        let project = Self { folder: folder() };
        let text = format!("profile = \"node-queue-chat\"\n{settings}\n[sources.host]\nenabled = false\n");
        std::fs::write(project.path("scale-advisor.toml"), text).unwrap();
        project
    }

    /// A file in the project's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A run of the program in a bare environment.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
        command.env_clear().current_dir(self.folder.path()).args(arguments.split_whitespace());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &str) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// Judges the live system twice: as JSON and as the page for people.
    #[track_caller]
    pub fn check(&self, arguments: &str) -> Judged {
        let json = self.run(&format!("check -q --format json {arguments}"));
        assert_eq!((json.code, json.err.as_str()), (0, ""), "{}", json.out);
        let page = self.run(&format!("check -q {arguments}"));
        assert_eq!((page.code, page.err.as_str()), (0, ""), "{}", page.out);
        Judged { page: page.out, ..Judged::from_json(&json.out) }
    }
}

/// What the program said about a system.
#[derive(Debug)]
pub struct Judged {
    json: Value,
    /// The page for people.
    pub page: String,
}

/// What a bottleneck must look like.
#[derive(Debug)]
pub struct Expected<'a> {
    /// `warning` or `critical`.
    pub verdict: &'a str,
    /// The resource's id.
    pub resource: &'a str,
    /// Which of several, where there are several.
    pub instance: Option<&'a str>,
    /// The lowest and the highest value that is right.
    pub now: (f64, f64),
    /// Where nothing is left.
    pub limit: f64,
    /// How the page begins.
    pub headline: &'a str,
}

impl Judged {
    /// What a program reads, without the page.
    pub fn from_json(text: &str) -> Self {
        Self { json: serde_json::from_str(text).unwrap(), page: String::new() }
    }

    /// A part of the JSON.
    pub fn part(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The finding of a name and an instance.
    ///
    /// # Panics
    /// When there is none: with the whole page.
    #[track_caller]
    pub fn finding(&self, id: &str) -> &Value {
        let findings = self.part("/findings").as_array().unwrap();
        let found = findings.iter().find(|finding| finding["id"] == id);
        found.unwrap_or_else(|| panic!("no finding {id}:\n{}", self.page))
    }

    /// The gap of a signal, or null.
    pub fn gap(&self, signal: &str) -> &Value {
        let gaps = self.part("/coverage/gaps").as_array().unwrap();
        gaps.iter().find(|gap| gap["signal"] == signal).unwrap_or(&Value::Null)
    }

    /// Holds the next bottleneck against what was caused.
    #[track_caller]
    pub fn expect(&self, expected: &Expected<'_>) {
        let next = self.part("/next_bottleneck");
        let instance = next.get("instance").and_then(Value::as_str);
        assert_eq!(next["resource"], expected.resource, "{}", self.page);
        assert_eq!((instance, &next["verdict"]), (expected.instance, &expected.verdict.into()), "{next:#}");
        let now = next["now"]["value"].as_f64().unwrap();
        assert!((expected.now.0..=expected.now.1).contains(&now), "{now}\n{}", self.page);
        let limit = next["limit"]["value"].as_f64().unwrap();
        assert!((limit - expected.limit).abs() < 1e-9, "{limit}\n{}", self.page);
        let verdict = expected.verdict.to_uppercase();
        let (word, headline) = self.page.trim_start().split_once(' ').unwrap();
        assert!(word == verdict && headline.trim_start().starts_with(expected.headline), "{}", self.page);
    }

    /// Holds that nothing is wrong and everything was measured.
    #[track_caller]
    pub fn expect_ok(&self) {
        assert_eq!(self.part("/verdict"), "ok", "{}", self.page);
        assert_eq!(*self.part("/next_bottleneck"), Value::Null, "{}", self.page);
        assert!(self.page.starts_with(" OK        Nothing is near its limit"), "{}", self.page);
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
