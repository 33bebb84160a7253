//! The roadmaps that ship with the program.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops where something is not as it must be"
)]

mod conditions;
mod figures;
mod k8s_fastapi_llm;
mod node_agent_platform;
mod node_qdrant_saas;
mod node_queue_chat;
mod socketio_mongo_chat;

use scale_advisor::{
    diagnostic::{Severity, SourceFile, render},
    roadmap::{DEFAULT_PROFILE, Roadmap, builtin, builtin_ids, read_roadmap},
    signal::catalog,
};

/// A built-in roadmap, read without an error or a warning; notes tell where its document contradicts itself.
#[track_caller]
fn read(id: &str) -> Roadmap {
    let text = builtin(id).unwrap_or_else(|| panic!("{id} is not built in"));
    let (roadmap, diagnostics) = read_roadmap(text);
    let mistakes = diagnostics.iter().filter(|diagnostic| diagnostic.severity > Severity::Note).count();
    assert_eq!(mistakes, 0, "{}", render(&SourceFile::new(id, text), &diagnostics, false));
    roadmap.expect("a text without mistakes is a roadmap")
}

/// What the notes about contradictions in a document stand at, each with its code, in the order of the file.
fn contradictions(id: &str) -> Vec<(&'static str, &'static str)> {
    let text = builtin(id).expect("built in");
    let mut notes = read_roadmap(text).1;
    notes.sort_by_key(|note| note.primary.span.start);
    notes.into_iter().map(|note| (note.code, &text[note.primary.span])).collect()
}

#[test]
fn every_file_under_profiles_is_built_in() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".toml").unwrap_or_else(|| panic!("{name} is no roadmap")).to_owned())
        .collect();
    names.sort();
    assert_eq!(builtin_ids().collect::<Vec<_>>(), names);
}

#[test]
fn every_roadmap_reads_and_has_the_name_of_its_file() {
    for id in builtin_ids() {
        assert_eq!(read(id).id, id);
    }
}

#[test]
fn the_default_roadmap_knows_a_remedy_for_every_resource() {
    let roadmap = read(DEFAULT_PROFILE);
    let relieved: Vec<_> =
        roadmap.phases.iter().flat_map(|phase| &phase.actions).flat_map(|action| &action.relieves).collect();
    for resource in catalog().resources() {
        assert!(relieved.contains(&&resource.id()), "nothing relieves {}", resource.id());
    }
}

/// The systems of the catalogue that the document behind a roadmap is about.
const SUBJECTS: [(&str, &[&str]); 3] = [
    ("k8s-fastapi-llm", &["container", "kubernetes", "llm"]),
    ("node-qdrant-saas", &["vector"]),
    ("socketio-mongo-chat", &["mongo", "broker"]),
];

#[test]
fn roadmaps_know_a_remedy_for_the_systems_that_they_are_about() {
    for (id, systems) in SUBJECTS {
        let roadmap = read(id);
        let relieved: Vec<_> = roadmap
            .phases
            .iter()
            .flat_map(|phase| &phase.actions)
            .flat_map(|action| &action.relieves)
            .collect();
        let about = catalog().signals().filter(|signal| systems.contains(&signal.system.as_str()));
        for (signal, resource) in about.filter_map(|signal| Some((signal, signal.resource?))) {
            // Milvus is not Qdrant.
            let is_other = id == "node-qdrant-saas" && resource.as_str().starts_with("milvus.");
            assert!(is_other || relieved.contains(&&resource), "{id}: nothing relieves {}", signal.id());
        }
    }
}

#[test]
fn steps_are_single_lines_to_paste() {
    for id in builtin_ids() {
        for action in read(id).phases.iter().flat_map(|phase| &phase.actions) {
            assert!(!action.steps.is_empty(), "{id} {}: no steps", action.id);
            for step in &action.steps {
                assert!(!step.contains('\n'), "{id} {}: {step}", action.id);
                assert_eq!(step.matches('`').count() % 2, 0, "{id} {}: an open quote in {step}", action.id);
            }
        }
    }
}
