//! Sections about the system and how it is run: load, machines, targets, tests.

use serde_json::{Value, json};

use super::{
    shape::{
        Key, by_name, by_signal, count, described, exact_or_pair, flag, list, may, need, one_of, pair,
        reference, table, text, texts,
    },
    values::{self, amount, identifier},
};
use crate::roadmap::{Frequency, Severity};

pub(super) fn load() -> Value {
    table([
        need("signal", "The signal that measures it.", values::load_signal()),
        need("unit", "What one of it is called: \"concurrent users\".", text()),
        may("daily_active_ratio", "Share of the users who are active on a day.", values::share()),
        may("peak_concurrent_ratio", "Share of the users at the busiest moment.", values::share()),
        may("requests_per_user", "Requests of one user per time.", values::rate()),
        may("read_ratio", "Share of the requests that only read.", values::share()),
        may("patterns", "How the load comes about, in words.", texts()),
    ])
}

/// A plain string, or a table with `text`, `when` and `figures`.
pub(super) fn statement() -> Value {
    let table = table([
        need("text", "In words.", text()),
        may("when", "When it holds.", reference("condition")),
        may("figures", "The numbers the document gives in it.", reference("figures")),
    ]);
    json!({ "anyOf": [text(), table] })
}

/// Numbers by their names.
pub(super) fn figures() -> Value {
    described(by_name(amount()), "Numbers by their names.")
}

pub(super) fn machine() -> Value {
    table([need("name", "What runs on it.", text())].into_iter().chain(size()))
}

/// How many there are and how large each one is.
pub(super) fn size() -> [Key; 4] {
    let cores = json!({ "type": "number", "exclusiveMinimum": 0 });
    [
        may("count", "How many; one where nothing is said.", exact_or_pair(count())),
        may("cpu_cores", "Cores of each.", cores),
        may("memory", "Memory of each, such as \"8GiB\".", values::size()),
        may("storage", "Disk space of each, such as \"100GB\".", values::size()),
    ]
}

pub(super) fn deployment() -> Value {
    table([
        need("id", "Its name.", identifier()),
        need("title", "What it consists of.", text()),
        need("users", "How many users it carries.", pair(count())),
        may("nodes", "What it runs on.", list(reference("machine"))),
        may("capacity", "What it carries of each signal.", by_signal(amount())),
        may("figures", "What the document says about it besides.", reference("figures")),
    ])
}

pub(super) fn region() -> Value {
    table([
        need("name", "Its name.", text()),
        need("role", "Its part: primary, secondary, future.", text()),
        may("app_servers", "Application servers there.", count()),
        may("database_primary", "Whether the database's primary is there.", flag()),
        may("database_replicas", "Read replicas there.", count()),
        may("redis_nodes", "Redis nodes there.", count()),
    ])
}

pub(super) fn component() -> Value {
    let scale_on = table([
        need("signal", "The signal.", reference("signal")),
        need("target", "What to keep it at.", reference("quantity")),
    ]);
    table([
        need("name", "Its name.", text()),
        may("current", "What it is today.", text()),
        need("strategy", "How it is to grow.", text()),
        may("replicas", "The fewest and the most replicas.", pair(count())),
        may("scale_on", "What its replicas are scaled on.", list(scale_on)),
        may("figures", "Settings of one replica.", reference("figures")),
    ])
}

pub(super) fn objective() -> Value {
    table([
        need("id", "Its name.", identifier()),
        need("title", "What it promises.", text()),
        need("when_met", "When it is met.", reference("condition")),
    ])
}

pub(super) fn benchmark() -> Value {
    // One signal is compared: what combines several has no single present value to stand beside its target.
    let target = json!({ "$ref": "#/$defs/condition", "required": ["signal"] });
    table([
        need("title", "What is compared.", text()),
        need("target", "When the target is met: a condition on one signal.", target),
        may("current", "What it is, in the unit of that signal.", amount()),
    ])
}

pub(super) fn alert() -> Value {
    table([
        need("id", "Its name.", identifier()),
        need("severity", "How bad it is when it fires.", one_of(&Severity::NAMES)),
        need("when", "When it fires.", reference("condition")),
    ])
}

pub(super) fn load_test() -> Value {
    table([
        need("id", "Its name.", identifier()),
        need("purpose", "What it is to show.", text()),
        may("frequency", "How often it is run.", one_of(&Frequency::NAMES)),
        may("method", "How it goes about it.", text()),
        may("concurrency", "Simulated users at once, one run for each.", list(count())),
        may("duration", "How long the full load lasts.", reference("duration")),
        may("ramp", "How long it takes to reach the full load.", reference("duration")),
        may("scenarios", "What the simulated users do.", texts()),
        may("metrics", "What to write down.", texts()),
        may("figures", "What the document says came out.", reference("figures")),
        may("pass", "What the system's signals must meet during the test.", reference("condition")),
    ])
}

pub(super) fn recovery() -> Value {
    table([
        may("rto", "Recovery time objective: within this time the service is back.", reference("duration")),
        may("rpo", "Recovery point objective: no more than this time is lost.", reference("duration")),
        may("measures", "What is done for it.", texts()),
    ])
}

pub(super) fn playbook() -> Value {
    table([
        need("id", "Its name.", identifier()),
        need("symptom", "What is seen.", text()),
        may("when", "As a condition, where it can be measured.", reference("condition")),
        may("remedies", "What to do, in this order.", texts()),
    ])
}

pub(super) fn contradiction() -> Value {
    let between = json!({ "type": "array", "items": text(), "minItems": 2 });
    table([
        need("text", "What does not fit.", text()),
        need(
            "between",
            "The places: keys joined by `/`; items go by id, number, users, name or title.",
            between,
        ),
    ])
}
