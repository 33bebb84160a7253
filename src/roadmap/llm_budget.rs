//! Budgets for language models that the settings state.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{DAY, WORDS};
use crate::{
    diagnostic::{Diagnostic, FromToml, Kind, Node, Reader, Spans, schema, toml_table},
    signal::span_text,
};

/// No budget is reset more often, in seconds.
const SHORTEST: u64 = 3600;

toml_table! {
    /// Money that may be spent on language models until it counts as unspent again.
    #[derive(Debug, Clone)]
    pub struct LlmBudget {
        /// The team that spends it, by its alias, or its id where it has none; all teams when left out.
        pub team: Option<String> as WORDS,
        /// The model that it is spent on; all models when left out.
        pub model: Option<String> as WORDS,
        /// US dollars.
        pub amount: f64 as DOLLARS,
        /// How often it is reset: "month", or a time such as "30d", which needs `since`; each month when left out.
        pub every: Every = Every::Month,
        /// A day on which it is reset, in UTC; the first of a month when left out.
        pub since: Option<NaiveDate> as DAY,
        /// The places of its values in the file.
        pub spans: Spans as flatten,
    }
    check = needs_a_beginning;
    check_list = check_unique;
}

/// How often a budget is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// On the same day of each month.
    Month,
    /// After so many seconds.
    Seconds(u64),
}

/// What is more than nothing.
const DOLLARS: Kind<f64> = Kind {
    read: |node| match node.number()? {
        amount if amount > 0.0 && amount.is_finite() => Some(amount),
        _ => node.fail("config/llm-budget", "a budget must be more than 0"),
    },
    schema: || json!({ "type": "number", "exclusiveMinimum": 0 }),
};

impl FromToml for Every {
    fn from_toml(node: Node<'_>) -> Option<Self> {
        if node.as_str() == Some("month") {
            return Some(Self::Month);
        }
        let seconds = Duration::from_toml(node)?.as_secs();
        if seconds < SHORTEST {
            return node.fail("config/llm-budget", "a budget is reset every hour at most");
        }
        Some(Self::Seconds(seconds))
    }

    fn schema() -> Value {
        schema::with(String::schema(), "description", json!("\"month\", or a time such as \"30d\"."))
    }
}

fn needs_a_beginning(budget: &mut LlmBudget, reader: &Reader<'_>) {
    if budget.every != Every::Month && budget.since.is_none() {
        let message = "set `since` to a day on which it is reset, such as 2026-11-01";
        reader.report(Diagnostic::error("config/llm-budget", budget.spans.of_key("every"), message));
    }
}

/// A team may have one budget for each month and one for each day, but not two of a kind.
fn check_unique(budgets: &[Option<LlmBudget>], reader: &Reader<'_>, key: &'static str) {
    let nodes = reader.optional(key).and_then(Node::items).unwrap_or_default();
    let mut named = BTreeSet::new();
    for (budget, node) in budgets.iter().zip(nodes) {
        if budget.as_ref().is_some_and(|budget| !named.insert(budget.name())) {
            let message = "another budget has the same team, model and `every`";
            reader.report(Diagnostic::error("config/llm-budget", node.span(), message));
        }
    }
}

impl LlmBudget {
    /// What it is called: "team search", "model gpt-4o", "team search on gpt-4o every 7 d".
    pub fn name(&self) -> String {
        let name = match (&self.team, &self.model) {
            (Some(team), Some(model)) => format!("team {team} on {model}"),
            (Some(team), None) => format!("team {team}"),
            (None, Some(model)) => format!("model {model}"),
            (None, None) => "all teams".to_owned(),
        };
        match self.every {
            Every::Month => name,
            Every::Seconds(seconds) => format!("{name} every {}", span_text(seconds as f64)),
        }
    }

    /// When it was reset last, and when it will be next.
    pub fn period(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        match self.every {
            Every::Month => self.month(now),
            Every::Seconds(seconds) => {
                let length = i64::try_from(seconds.max(SHORTEST)).unwrap_or(i64::MAX);
                let first = midnight(self.since.unwrap_or_default());
                let into = (now - first).num_seconds().rem_euclid(length);
                let begun = now
                    - TimeDelta::seconds(into)
                    - TimeDelta::nanoseconds(i64::from(now.timestamp_subsec_nanos()));
                let next = TimeDelta::try_seconds(length).and_then(|length| begun.checked_add_signed(length));
                (begun, next.unwrap_or(DateTime::<Utc>::MAX_UTC))
            }
        }
    }

    /// A day that a month does not have is its last.
    fn month(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let first = self.since.unwrap_or_else(|| now.date_naive().with_day(1).unwrap_or_default());
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let shifted = |by: i64| {
            let count = Months::new(u32::try_from(by.unsigned_abs()).unwrap_or(0));
            let day = if by < 0 { first.checked_sub_months(count) } else { first.checked_add_months(count) };
            midnight(day.unwrap_or(first))
        };
        let by = months(now.date_naive()) - months(first);
        let this = shifted(by);
        if this <= now { (this, shifted(by + 1)) } else { (shifted(by - 1), this) }
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::read_document;

    fn budgets(text: &str) -> (Vec<LlmBudget>, usize) {
        let (found, diagnostics) =
            read_document(&format!("[[b]]\n{text}\n"), |reader| reader.list("b", LlmBudget::from_toml));
        (found, diagnostics.len())
    }

    #[track_caller]
    fn period(text: &str, now: &str, expected: [&str; 2]) {
        let (found, problems) = budgets(text);
        assert_eq!(problems, 0, "{text}");
        let (from, until) = found[0].period(now.parse().unwrap());
        assert_eq!([from, until].map(|at| at.format("%Y-%m-%dT%H").to_string()), expected);
    }

    #[test]
    fn periods_begin_with_a_reset() {
        let now = "2026-11-20T16:40:00Z";
        period("amount = 5", now, ["2026-11-01T00", "2026-12-01T00"]);
        period("amount = 5\nsince = 2026-01-25", now, ["2026-10-25T00", "2026-11-25T00"]);
        period("amount = 5\nsince = 2026-01-31", "2026-11-30T00:00:00Z", ["2026-11-30T00", "2026-12-31T00"]);
        period("amount = 5\nevery = \"month\"\nsince = 2027-03-20", now, ["2026-11-20T00", "2026-12-20T00"]);
        period("amount = 5\nevery = \"30d\"\nsince = 2026-11-01", now, ["2026-11-01T00", "2026-12-01T00"]);
        period("amount = 5\nevery = \"7d\"\nsince = 2026-12-01", now, ["2026-11-17T00", "2026-11-24T00"]);
        period("amount = 5\nevery = \"24h\"\nsince = 2026-11-01", now, ["2026-11-20T00", "2026-11-21T00"]);
    }

    #[test]
    fn what_is_no_budget_is_refused() {
        for wrong in [
            "amount = 0",
            "amount = -5",
            "team = \"a\"",
            "amount = 5\nevery = \"30d\"",
            "amount = 5\nteam = \" \"",
            "amount = 5\nevery = \"1s\"\nsince = 2026-11-01",
            "amount = 5\nsince = \"soon\"",
        ] {
            assert!(budgets(wrong).1 > 0, "{wrong}");
        }
    }

    #[test]
    fn a_budget_is_named_by_who_spends_it_on_what() {
        for (text, name) in [
            ("amount = 5", "all teams"),
            ("amount = 5\nteam = \"a\"", "team a"),
            ("amount = 5\nmodel = \"m\"", "model m"),
            ("amount = 5\nteam = \"a\"\nmodel = \"m\"", "team a on m"),
            ("amount = 5\nteam = \"a\"\nevery = \"7d\"\nsince = 2026-11-01", "team a every 7 d"),
        ] {
            assert_eq!(budgets(text).0[0].name(), name);
        }
    }
}
