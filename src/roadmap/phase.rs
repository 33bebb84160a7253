//! Phases: bands of users with what to do, learn and spend in each, and the order of the work.

use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Band, Condition, Figure, Machine, Range,
    amount::FIGURES,
    values::{IDENTIFIER, check_unique, exact_or_pair, read_exact_or_pair},
};
use crate::{
    diagnostic::{Diagnostic, FromToml, Kind, Node, Reader, Spans, schema, toml_table},
    signal::{Quantity, ResourceId, Unit},
};

const DAY: f64 = 86_400.0;

toml_table! {
    /// One phase of the roadmap.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Phase {
        /// Its number in the document.
        pub number: u64,
        /// Its name.
        pub title: String,
        /// The users it is meant for, [from, to]; the upper end belongs to the next phase.
        pub users: Band as USERS,
        /// When it is expected, in months from the start of the roadmap.
        pub horizon_months: Option<Range<u64>>,
        /// What to focus on.
        pub focus: Option<String>,
        /// What the installation costs per month.
        pub cost_per_month: Option<Range<f64>>,
        /// Tools that keep it at that cost.
        pub tools: Vec<String>,
        /// What the team needs to learn for it.
        pub learn: Vec<String>,
        /// When to enter it.
        pub enter: Option<Condition>,
        /// The machines it runs on.
        pub nodes: Vec<Machine>,
        /// What to do.
        pub actions: Vec<Action>,
        /// What is achieved when the actions are done.
        pub result: Option<String>,
        /// How many users the system can serve then.
        pub serves: Option<Band>,
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    check_list = check_phases;
}

const USERS: Kind<Band> = Kind {
    read: |node| {
        let users = Band::from_toml(node)?;
        if users.high() == Some(users.low()) {
            return node.fail("roadmap/empty-band", "the phase covers no users");
        }
        Some(users)
    },
    schema: Band::schema,
};

/// Phases are given in order and cover all users from the first one on, without overlaps or gaps.
fn check_phases(phases: &[Option<Phase>], reader: &Reader<'_>, key: &'static str) {
    if let Some(node) = reader.required(key)
        && node.is_empty_array()
    {
        node.fail::<()>("roadmap/no-phases", "a roadmap has at least one phase");
    }
    for pair in phases.windows(2) {
        if let [Some(before), Some(after)] = pair
            && let Some(error) = boundary_error(before, after)
        {
            reader.report(error);
        }
    }
    let actions = phases.iter().flatten().flat_map(|phase| &phase.actions);
    check_unique(reader, "actions", actions.map(|action| (&action.id, &action.spans)));
}

fn boundary_error(before: &Phase, after: &Phase) -> Option<Diagnostic> {
    let numbers = format!("phases {} and {}", before.number, after.number);
    let error = |code, message: String| Diagnostic::error(code, after.spans.of_key("users"), message);
    let from = format!("starts at {}", after.users.low());
    if after.number <= before.number || after.users.low() < before.users.low() {
        let message = format!("phase {} does not come after phase {}", after.number, before.number);
        let help = "give the phases in the order of their users, with rising numbers";
        let label = format!("phase {}", before.number);
        return Some(
            error("roadmap/phase-order", message).also(before.spans.of_key("users"), label).help(help),
        );
    }
    let Some(high) = before.users.high() else {
        let label = "has no upper end, but is not the last phase";
        let overlap = error("roadmap/overlapping-phases", format!("{numbers} overlap"));
        return Some(overlap.label(from).also(before.spans.of_key("users"), label));
    };
    let (code, message) = match high.cmp(&after.users.low()) {
        Ordering::Greater => ("roadmap/overlapping-phases", format!("{numbers} overlap")),
        Ordering::Less => (
            "roadmap/gap-between-phases",
            format!("{numbers} leave a gap from {high} to {} users", after.users.low()),
        ),
        Ordering::Equal => return None,
    };
    Some(error(code, message).label(from).also(before.spans.of_key("users"), format!("ends at {high}")))
}

toml_table! {
    /// Something to do.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Action {
        /// Its number in the document, such as "2.1".
        pub id: String as IDENTIFIER,
        /// What it is.
        pub title: String,
        /// The component it changes.
        pub component: String,
        /// How urgent it is; medium when left out.
        pub priority: Priority = Priority::Medium,
        /// How long it takes.
        pub effort: Option<Range<Quantity>>,
        /// When it is planned, counted from the start of its phase.
        #[serde(flatten)]
        pub schedule: Schedule as flatten,
        /// Its steps.
        pub steps: Vec<String>,
        /// Its benefits.
        pub benefits: Vec<String>,
        /// The resources it relieves.
        pub relieves: Vec<ResourceId>,
        /// The numbers the document gives for it: parameters, replicas, targets.
        pub figures: Vec<Figure> as FIGURES = Vec::new(),
        /// The places of its values in the file.
        #[serde(skip)]
        pub spans: Spans as flatten,
    }
    restrict = weeks_or_months;
}

impl Action {
    /// How long it takes: its effort, else the time that is planned for it.
    pub fn duration(&self) -> Option<Range<Quantity>> {
        self.effort.or_else(|| self.schedule.duration().map(Range::exact))
    }
}

/// How urgent an action is, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Do it first.
    High,
    /// Do it after those.
    Medium,
    /// Do it when there is time.
    Low,
}

impl Priority {
    /// Every priority with its name in files.
    pub const NAMES: [(&'static str, Self); 3] =
        [("high", Self::High), ("medium", Self::Medium), ("low", Self::Low)];
}

toml_table! {
    /// One stage of the work.
    #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
    pub struct Stage {
        /// Its number in the document.
        pub number: u64,
        /// Its name.
        pub title: String,
        /// When it is planned, counted from the start of the work.
        #[serde(flatten)]
        pub schedule: Schedule as flatten,
        /// What to do in it.
        pub items: Vec<String>,
    }
    restrict = weeks_or_months;
}

toml_table! {
    /// Weeks or months, counted from 1, first and last included.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
    pub struct Schedule {
        /// The weeks it is planned in, counted from 1 at the start of its phase or of the plan.
        pub weeks: Option<Range<u64>> as COUNTED,
        /// The months it is planned in, where the document counts in months.
        pub months: Option<Range<u64>> as COUNTED,
    }
    check = check_schedule;
}

const COUNTED: Kind<Range<u64>> = Kind {
    read: |node| {
        let range = read_exact_or_pair(node, Node::count)?;
        if range.low() == 0 {
            return node.fail("roadmap/range", "weeks and months are counted from 1");
        }
        Some(range)
    },
    schema: || exact_or_pair(json!({ "type": "integer", "minimum": 1 })),
};

fn check_schedule(_: &mut Schedule, reader: &Reader<'_>) {
    if let [Some(weeks), Some(months)] = ["weeks", "months"].map(|key| reader.optional(key)) {
        let message = "`weeks` and `months` exclude each other";
        reader.report(
            Diagnostic::error("roadmap/two-schedules", months.span(), message)
                .also(weeks.span(), "planned in weeks already"),
        );
    }
}

fn weeks_or_months(schema: Value) -> Value {
    schema::with(schema, "not", json!({ "required": ["weeks", "months"] }))
}

impl Schedule {
    /// How long it takes, a month having 30 days; `None` where nothing is planned or the end is open.
    pub fn duration(&self) -> Option<Quantity> {
        let (range, days) = match (self.weeks, self.months) {
            (Some(weeks), _) => (weeks, 7.0),
            (None, Some(months)) => (months, 30.0),
            (None, None) => return None,
        };
        let count = range.high()? - range.low() + 1;
        Quantity::new(count as f64 * days * DAY, Unit::Seconds)
    }
}
