//! The JSON Schema of a roadmap's TOML file, for editors. Types and reading stand in the file of each section.

mod condition;
mod plans;
mod sections;
pub(crate) mod shape;
pub(crate) mod values;

use serde_json::{Value, json};

use super::document::SCHEMA;
use shape::{DRAFT, Key, by_signal, described, list, may, need, reference, table, text, with};

/// The JSON Schema (2020-12) of a roadmap as people write it.
///
/// It describes shapes and names; what must hold between sections only reading the file can tell.
pub fn profile_schema() -> Value {
    let mut schema = table(about().into_iter().chain(state()).chain(growth()).chain(practice()));
    schema["$schema"] = DRAFT.into();
    schema["title"] = "Scaling roadmap".into();
    schema["$defs"] = json!({
        "signal": described(values::signal(), "A signal of the catalogue."),
        "resource": described(values::resource(), "A resource of the catalogue."),
        "quantity": values::quantity(),
        "duration": described(values::duration(), "A duration such as \"90s\", \"10m\", \"24h\" or \"28d\"."),
        "condition": described(condition::condition(), "Something that holds, does not hold, or cannot be known."),
        "statement": sections::statement(),
        "figures": sections::figures(),
        "machine": sections::machine(),
    });
    schema
}

fn about() -> [Key; 7] {
    let currency = json!({ "type": "string", "pattern": "^[A-Z]{3}$" });
    [
        need("schema", "The version of the file's shape.", json!({ "const": SCHEMA })),
        need("id", "The name it is chosen by.", values::identifier()),
        need("title", "The name people know it by.", text()),
        need("summary", "What it is for, in a sentence or two.", text()),
        may("roadmap", "The document it was made from.", text()),
        need("currency", "ISO 4217 code of every amount of money in it.", currency),
        may("stack", "The systems it expects.", list(values::system())),
    ]
}

fn state() -> [Key; 6] {
    let baseline = by_signal(values::amount());
    [
        need("load", "What phases count and how to estimate it.", sections::load()),
        may("baseline", "What the system does today, by signal.", baseline),
        may("limitations", "What holds the present system back.", list(reference("statement"))),
        may("deployments", "Shapes of the installation, smallest first.", list(sections::deployment())),
        may("regions", "Places to deploy to.", list(sections::region())),
        may("components", "Parts of the system and how far each scales.", list(sections::component())),
    ]
}

fn growth() -> [Key; 8] {
    let phases = with(list(plans::phase()), "minItems", 1.into());
    [
        need("phases", "The phases in order of their users.", phases),
        may("milestones", "Expected bottlenecks.", list(plans::milestone())),
        may("decisions", "When to scale which component.", list(plans::decision())),
        may("costs", "Costs at stated numbers of users, in order of these.", list(plans::cost())),
        may("efforts", "The engineers' work for each stage.", list(plans::effort())),
        may("architecture", "Whether and when to leave the architecture.", plans::architecture()),
        may("implementation", "The work in its order.", list(plans::stage())),
        may("savings", "Ways to spend less.", list(reference("statement"))),
    ]
}

fn practice() -> [Key; 8] {
    [
        may("objectives", "Targets to hold.", list(sections::objective())),
        may("benchmarks", "Targets beside what is reached.", list(sections::benchmark())),
        may("alerts", "Conditions that call for somebody.", list(sections::alert())),
        may("load_tests", "How to test under load.", list(sections::load_test())),
        may("recovery", "Targets for the recovery after a disaster.", sections::recovery()),
        may("playbooks", "What to do about which symptom.", list(sections::playbook())),
        may("principles", "What the design keeps to.", list(reference("statement"))),
        may("contradictions", "Where the document contradicts itself.", list(sections::contradiction())),
    ]
}
