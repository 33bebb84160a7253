//! A stack: its history, the user's settings, and the right answer.

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{
    alerts,
    answer::{Answer, Claim},
    support::{folder, prometheus::Backfill},
};

/// A stack with its right answer.
pub(crate) struct Stack {
    /// What it shows.
    pub(crate) name: String,
    data: Backfill,
    profile: &'static str,
    settings: String,
    arguments: Vec<String>,
    victoria_metrics: Option<&'static str>,
    claims: Vec<Claim>,
}

impl Stack {
    /// A stack on the roadmap for a chat with queues.
    pub(crate) fn new(name: impl Into<String>, data: Backfill, claims: Vec<Claim>) -> Self {
        Self {
            name: name.into(),
            data,
            profile: "node-queue-chat",
            settings: String::new(),
            arguments: Vec::new(),
            victoria_metrics: None,
            claims,
        }
    }

    /// On another roadmap.
    pub(crate) fn profile(self, profile: &'static str) -> Self {
        Self { profile, ..self }
    }

    /// With further settings.
    pub(crate) fn settings(self, settings: &str) -> Self {
        Self { settings: settings.to_owned(), ..self }
    }

    /// With further arguments.
    pub(crate) fn arguments(self, arguments: &[&str]) -> Self {
        Self { arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(), ..self }
    }

    /// In a VictoriaMetrics whose address has these parameters.
    pub(crate) fn victoria_metrics(self, parameters: &'static str) -> Self {
        Self { victoria_metrics: Some(parameters), ..self }
    }

    /// What is wrong with the program's answer.
    pub(crate) fn faults(&self) -> Vec<String> {
        let server = match self.victoria_metrics {
            Some(_) => self.data.victoria_metrics(),
            None => self.data.prometheus(),
        };
        let url = format!("{}/{}", server.url(), self.victoria_metrics.unwrap_or_default());
        let project = folder();
        let answer = self.ask(&url, project.path());
        let mut faults: Vec<String> = self.claims.iter().filter_map(|claim| claim(&answer).err()).collect();
        // Rules are for Prometheus; of a stack that could not be assessed there are none.
        if self.victoria_metrics.is_none() && answer.json.is_object() {
            faults.extend(alerts::outcome(&server, project.path(), &self.arguments, &answer).faults);
        }
        faults
    }

    /// What the alerts that are exported for it do in a VictoriaMetrics that holds it; `None` where it cannot be assessed.
    pub(crate) fn alerts_in_victoria_metrics(&self) -> Option<alerts::Outcome> {
        let server = self.data.victoria_metrics();
        let project = folder();
        let answer = self.ask(&server.url(), project.path());
        let is_assessed = answer.json.is_object();
        is_assessed.then(|| alerts::outcome(&server, project.path(), &self.arguments, &answer))
    }

    /// What `check` says in an empty folder.
    fn ask(&self, url: &str, project: &Path) -> Answer {
        let settings = format!(
            "profile = \"{}\"\n{}\n[sources.prometheus]\nurl = \"{url}\"\n\n[sources.host]\nenabled = false\n",
            self.profile, self.settings
        );
        std::fs::write(project.join("scale-advisor.toml"), settings).unwrap();
        let run = |format: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_scale-advisor"));
            command.env_clear().current_dir(project);
            command.args(["check", "-q", "--at", "2025-10-09T08:53:40Z", "--format", format]);
            command.args(&self.arguments).output().unwrap()
        };
        let output = run("json");
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let json: Value = serde_json::from_str(&out).unwrap_or_default();
        let page = run("text");
        let text = [out.as_bytes(), &output.stderr, &page.stdout].map(String::from_utf8_lossy).concat();
        Answer { code: output.status.code().unwrap_or(-1), json, text }
    }
}
