//! Sections about growth: phases, milestones, costs, the architecture.

use serde_json::{Value, json};

use super::{
    sections::size,
    shape::{
        Key, count, exact_or_pair, flag, list, may, money, need, one_of, pair, reference, table, text, texts,
        with,
    },
    values::identifier,
};
use crate::roadmap::{Priority, Timeline};

pub(super) fn phase() -> Value {
    table([
        need("number", "Its number in the document.", count()),
        need("title", "Its name.", text()),
        need(
            "users",
            "The users it is meant for, [from, to]; the upper end belongs to the next phase.",
            pair(count()),
        ),
        may("horizon_months", "When it is expected, in months from the beginning.", pair(count())),
        may("focus", "What to concentrate on.", text()),
        may("cost_per_month", "What the installation costs a month.", exact_or_pair(money())),
        may("tools", "Means to keep that cost.", texts()),
        may("learn", "What the team should learn for it.", texts()),
        may("enter", "When to enter it.", reference("condition")),
        may("nodes", "What it runs on.", list(reference("machine"))),
        may("actions", "What to do.", list(action())),
        may("result", "What is reached when that is done.", text()),
        may("serves", "How many users the system carries then.", pair(count())),
    ])
}

fn action() -> Value {
    let keys = [
        need("id", "Its number in the document, such as \"2.1\".", identifier()),
        need("title", "What it is.", text()),
        need("component", "The part of the system it changes.", text()),
        may("priority", "How urgent it is; medium when left out.", one_of(&Priority::NAMES)),
        may("effort", "How long it takes.", work()),
        may("steps", "What it consists of.", texts()),
        may("benefits", "What it brings.", texts()),
        may("relieves", "The resources it relieves.", list(reference("resource"))),
        may("figures", "The numbers the document gives for it.", reference("figures")),
    ];
    scheduled(keys)
}

pub(super) fn milestone() -> Value {
    table([
        need("users", "The users at which it is expected.", count()),
        may("act_by_users", "The users by which the remedy must be in place.", count()),
        need("title", "What is expected to happen.", text()),
        need("resource", "What runs out.", reference("resource")),
        may("symptoms", "How it shows.", list(reference("statement"))),
        need("impact", "What users and the business feel.", text()),
        may("risk", "What happens when nothing is done in time.", text()),
        need("solution", "The remedy.", text()),
        may("options", "Remedies to choose from.", texts()),
        may("decision_point", "Whether the architecture itself is to be decided here.", flag()),
        need("effort", "How long the remedy takes to work out.", work()),
        may("lead_time", "From the decision until the remedy is in place.", reference("duration")),
        need("cost_per_month", "What the remedy adds to the monthly bill.", exact_or_pair(money())),
    ])
}

pub(super) fn decision() -> Value {
    table([
        need("id", "Its name.", identifier()),
        need("when", "When it is due.", reference("condition")),
        need("action", "What to do then.", text()),
        need("timeline", "The order of magnitude of the time it takes.", one_of(&Timeline::NAMES)),
        may("relieves", "The resources it relieves.", list(reference("resource"))),
    ])
}

pub(super) fn cost() -> Value {
    let item = [
        need("name", "What is paid for.", text()),
        need("per_month", "What all of it costs a month.", money()),
    ];
    let cost = table([
        need("users", "The users.", count()),
        may(
            "per_month",
            "What it all costs a month; the sum of the items when left out.",
            exact_or_pair(money()),
        ),
        may("note", "What the money buys, or who spends it.", text()),
        may("items", "What the cost consists of.", list(table(item.into_iter().chain(size())))),
    ]);
    with(cost, "anyOf", json!([{ "required": ["per_month"] }, { "required": ["items"] }]))
}

pub(super) fn effort() -> Value {
    table([
        may("users", "The users the stage is for.", count()),
        need("title", "What the effort goes into.", text()),
        need("effort", "How long it takes.", work()),
    ])
}

pub(super) fn stage() -> Value {
    scheduled([
        need("number", "Its number in the document.", count()),
        need("title", "Its name.", text()),
        may("items", "What is to be done in it.", texts()),
    ])
}

pub(super) fn architecture() -> Value {
    let outcomes = table([
        need("stay", "Every criterion is met.", text()),
        need("gradual", "There is a gap, but a tolerable one.", text()),
        need("full", "Several criteria fail.", text()),
    ]);
    let criterion = table([
        need("id", "Its name.", identifier()),
        need("title", "What it asks.", text()),
        may("when_met", "When the present architecture meets it.", reference("condition")),
    ]);
    table([
        may("carries", "The users it carries with improvements.", pair(count())),
        may("change_from_users", "The users below which it need not change.", count()),
        may("stay_if", "Reasons to stay.", list(reference("statement"))),
        may("evaluate_if", "Reasons to look for another one.", list(reference("statement"))),
        need("outcomes", "What there is to choose from.", outcomes),
        may("criteria", "What the choice rests on.", list(criterion)),
    ])
}

/// A duration of work, or a pair of them.
fn work() -> Value {
    exact_or_pair(reference("duration"))
}

/// A table of what is planned in weeks or in months, but not in both.
fn scheduled(keys: impl IntoIterator<Item = Key>) -> Value {
    let counted = || exact_or_pair(json!({ "type": "integer", "minimum": 1 }));
    let schedule = [
        may("weeks", "The weeks it is planned in, counted from 1.", counted()),
        may("months", "The months it is planned in, counted from 1.", counted()),
    ];
    with(table(keys.into_iter().chain(schedule)), "not", json!({ "required": ["weeks", "months"] }))
}
