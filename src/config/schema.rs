//! The JSON Schema of `scale-advisor.toml`, for editors.

use serde_json::{Value, json};

use crate::{
    gate::{Better, FailOn, OnInconclusive},
    roadmap::schema::{
        shape::{
            DRAFT, Key, by_name, by_signal, count, described, flag, list, may, need, one_or_more, reference,
            table, text, texts, with,
        },
        values,
    },
};

/// The JSON Schema (2020-12) of a project's settings as people write them.
pub fn config_schema() -> Value {
    let query = table([need("prometheus", "A query in PromQL.", text())]);
    let mut schema = table([
        may("profile", "The id of a built-in roadmap, or a path to one.", text()),
        may("absent", "Systems this installation does not have.", list(values::system())),
        may("history", "Where the history is kept: a file, or postgres://….", history()),
        may("remote_write", "A server that gets the hourly rollups too, by remote write.", remote_write()),
        may("sources", "Where to read, and how to get in.", sources()),
        may("signals", "Queries of the project's own, by signal.", by_signal(query)),
        may("thresholds", "Limits of the project's own, by signal.", by_signal(values::limits())),
        may("facts", "What no server can tell.", by_name(values::fact_value())),
        may("plan", "How far along the roadmap the team is.", plan()),
        may("report", "How reports look.", report()),
        may("gate", "What `check` insists on, and what `gate` lets pass.", gate()),
    ]);
    schema["$schema"] = DRAFT.into();
    schema["title"] = "Settings of scale-advisor".into();
    schema["$defs"] = json!({
        "signal": described(values::signal(), "A signal of the catalogue."),
        "quantity": values::quantity(),
        "duration": described(values::duration(), "A duration such as \"90s\", \"10m\", \"24h\" or \"28d\"."),
    });
    schema
}

/// A path, or the address of a PostgreSQL server.
fn history() -> Value {
    let path = json!({ "not": { "pattern": "^$|://" } });
    with(text(), "anyOf", json!([{ "pattern": "^postgres(ql)?://" }, path]))
}

fn remote_write() -> Value {
    let address = need("url", "Its address, such as http://mimir:9009/api/v1/push.", text());
    exclusive(table([address].into_iter().chain(sign_in()).chain(tls())))
}

fn report() -> Value {
    let folder = with(text(), "minLength", json!(1));
    table([may("templates", "The folder of templates that take the place of the built-in ones.", folder)])
}

fn plan() -> Value {
    table([
        may("done", "Ids of actions that are done.", texts()),
        may("phase", "The phase the installation is built for.", count()),
    ])
}

fn gate() -> Value {
    let words = |names: &[&str]| json!({ "enum": names });
    let unsettled = || words(&OnInconclusive::NAMES.map(|(name, _)| name));
    let written = json!({ "type": "string", "allOf": [reference("quantity")] });
    let floor = json!({ "anyOf": [{ "type": "number", "minimum": 0 }, written] });
    let acknowledgement = table([
        need("id", "The finding, such as \"metric:latency_p95\".", filled()),
        need("reason", "Why it is accepted.", filled()),
        need("until", "The last day on which it counts, such as \"2027-01-31\".", day()),
        need("owner", "Who answers for it.", filled()),
    ]);
    table([
        may("require", "Signals without which a result is inconclusive.", list(reference("signal"))),
        may("fail_on", "How bad a finding must be to fail.", words(&FailOn::NAMES.map(|(name, _)| name))),
        may("on_inconclusive", "What a result does that settles nothing.", unsettled()),
        may("on_missing_baseline", "What a missing baseline does.", unsettled()),
        may("margin", "The loss that is allowed, as a share of the baseline; 5% when left out.", share()),
        may("margins", "The same for single metrics, by metric.", by_name(share())),
        may("floors", "The smallest change that matters, by metric.", by_name(floor)),
        may(
            "directions",
            "Which way is better, by metric.",
            by_name(words(&Better::NAMES.map(|(name, _)| name))),
        ),
        may("ignore", "What stands among the metrics and is not held against a build.", list(filled())),
        may("min_headroom", "The share of the load at saturation that must stay unused.", share()),
        may("acknowledge", "Failures that somebody has accepted for a while.", list(acknowledgement)),
    ])
}

/// A share from 0% to below 100%.
fn share() -> Value {
    json!({ "type": "string", "pattern": r"^\s*[0-9]{1,2}(\.[0-9]+)?\s*%\s*$" })
}

fn filled() -> Value {
    json!({ "type": "string", "pattern": r"\S" })
}

fn day() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

fn sources() -> Value {
    let url = |what| table([may("url", what, text())]);
    let interval =
        may("scrape_interval", "How often it scrapes; asked of it when absent.", reference("duration"));
    let address = may("url", "Its address.", text());
    let prometheus = table([address, interval].into_iter().chain(sign_in()).chain(tls()));
    let host = table([may("enabled", "Whether this machine is read; true when left out.", flag())]);
    table([
        may("prometheus", "A server with the HTTP interface of Prometheus.", exclusive(prometheus)),
        may("postgres", "A PostgreSQL server.", url("Its connection string.")),
        may("pgbouncer", "The console of PgBouncer.", url("Its connection string.")),
        may("redis", "A Redis server.", redis()),
        may("host", "The machine the program runs on.", host),
        may("health", "JSON documents in which applications tell how they are.", one_or_more(health())),
        may("csv", "Files with a day and a number on each line.", one_or_more(csv())),
    ])
}

fn redis() -> Value {
    let keys = [
        may("url", "Its address.", text()),
        may("prefix", "The prefix of the job queues' keys.", text()),
        may("queues", "Queues to read instead of looking for them.", texts()),
    ];
    table(keys.into_iter().chain(tls()))
}

fn csv() -> Value {
    table([
        need("file", "The path of the file.", text()),
        need("signal", "What the numbers are.", reference("signal")),
    ])
}

fn health() -> Value {
    let pick = table([
        need("pointer", "Where the number stands.", pointer()),
        may("capacity", "Where the whole stands that it is a share of.", pointer()),
        may("unit", "The unit the document counts in, such as \"ms\".", text()),
    ]);
    let values = by_signal(json!({ "anyOf": [pointer(), pick] }));
    let keys = [
        need("url", "The address of the document.", text()),
        may("name", "Its name; several endpoints need one each.", text()),
        may("status", "Where the state stands.", pointer()),
        may("healthy", "Words for a healthy state.", texts()),
        may("degraded", "Words for a degraded state.", texts()),
        may("unhealthy", "Words for an unhealthy state.", texts()),
        may("values", "Where signals stand, by signal.", values),
    ];
    exclusive(table(keys.into_iter().chain(sign_in()).chain(tls())))
}

/// A place in a JSON document (RFC 6901).
fn pointer() -> Value {
    json!({ "type": "string", "pattern": "^/" })
}

fn sign_in() -> [Key; 5] {
    [
        may("headers", "Headers of every request.", by_name(text())),
        may("bearer_token", "A token to sign in with.", text()),
        may("token_file", "A file with such a token.", text()),
        may("username", "The name to sign in with.", text()),
        may("password", "The password to that name.", text()),
    ]
}

/// A table with at most one way to sign in.
fn exclusive(table: Value) -> Value {
    let pairs = [["bearer_token", "token_file"], ["bearer_token", "username"], ["token_file", "username"]];
    with(table, "not", json!({ "anyOf": pairs.map(|both| json!({ "required": both })) }))
}

fn tls() -> [Key; 3] {
    [
        may("ca_file", "A file with the certificate authority to trust.", text()),
        may("client_certificate", "A file with the certificate to show.", text()),
        may("client_key", "A file with its key.", text()),
    ]
}
