//! What the topics found, gathered for the reading.

use chrono::{DateTime, Utc};

use super::NAME;
use crate::{
    postgres::QueryError,
    signal::{Quantity, Series, SignalId, Unit},
    snapshot::{Gap, Limit, Observation, Origin, Reason},
    statements::StatementSnapshot,
};

/// Observations and gaps of one run.
#[derive(Debug)]
pub(super) struct Answers {
    at: DateTime<Utc>,
    /// Our role, quoted for SQL.
    role: String,
    pub(super) observations: Vec<Observation>,
    pub(super) gaps: Vec<Gap>,
    pub(super) statements: Option<StatementSnapshot>,
}

/// One value on its way into the snapshot.
#[derive(Debug)]
pub(super) struct Observed {
    signal: &'static str,
    value: f64,
    query: String,
    instance: Option<String>,
    capacity: Option<Quantity>,
    attributes: Vec<(String, String)>,
    notes: Vec<String>,
}

impl Observed {
    /// A value of a signal, in the signal's unit, and the view or query that gave it.
    pub(super) fn new(signal: &'static str, value: f64, query: impl Into<String>) -> Self {
        Self {
            signal,
            value,
            query: query.into(),
            instance: None,
            capacity: None,
            attributes: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Which of several.
    pub(super) fn instance(self, name: String) -> Self {
        Self { instance: Some(name), ..self }
    }

    /// The whole of which the value is a share.
    pub(super) fn capacity(self, whole: Option<Quantity>) -> Self {
        Self { capacity: whole, ..self }
    }

    /// A fact for the judgement.
    pub(super) fn attribute(mut self, name: impl Into<String>, value: String) -> Self {
        self.attributes.push((name.into(), value));
        self
    }

    /// A fact for the reader.
    pub(super) fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Facts for the reader.
    pub(super) fn notes(mut self, texts: impl IntoIterator<Item = String>) -> Self {
        self.notes.extend(texts);
        self
    }
}

/// The statement that gives a role the right it lacks, from the server's refusal; a server with messages in another
/// language gets the general one.
fn granting(message: &str, schema: &str, role: &str) -> String {
    let lacking = message.strip_prefix("permission denied for ").and_then(|rest| rest.split_once(' '));
    let right = lacking.and_then(|(kind, _)| match kind {
        "schema" => Some("USAGE ON SCHEMA"),
        "function" => Some("EXECUTE ON FUNCTION"),
        "view" | "table" | "relation" => Some("SELECT ON"),
        _ => None,
    });
    match (right, lacking) {
        (Some(right), Some((kind, name))) => {
            let inside =
                if schema.is_empty() || kind == "schema" { String::new() } else { format!("{schema}.") };
            format!("GRANT {right} {inside}{name} TO {role};")
        }
        _ => format!("GRANT pg_monitor TO {role};"),
    }
}

/// A number as people read it, for notes.
pub(super) fn shown(value: f64, unit: Unit) -> String {
    Quantity::new(value, unit).map_or_else(|| "an unknown amount".to_owned(), |quantity| quantity.to_string())
}

impl Answers {
    /// None yet; everything is read at this instant by this role, quoted for SQL.
    pub(super) fn new(at: DateTime<Utc>, role: String) -> Self {
        Self { at, role, observations: Vec::new(), gaps: Vec::new(), statements: None }
    }

    /// Adds a value; one that is not finite becomes a gap.
    pub(super) fn add(&mut self, observed: Observed) {
        let Some(signal) = SignalId::find(observed.signal) else { return };
        let Some(values) = Series::spot(self.at, observed.value) else {
            let detail = format!("{} gave a value that is not finite", observed.query);
            return self.gap(&[observed.signal], Reason::NotFinite, detail, None);
        };
        self.observations.push(Observation {
            instance: observed.instance,
            limit: observed.capacity.and_then(|whole| Limit::constant(whole.value(), whole.unit())),
            attributes: observed.attributes.into_iter().collect(),
            notes: observed.notes,
            ..Observation::new(signal, values, Origin { source: NAME.to_owned(), query: observed.query })
        });
    }

    /// Says why signals have no value.
    pub(super) fn gap(
        &mut self,
        signals: &[&str],
        reason: Reason,
        detail: impl Into<String>,
        hint: Option<&str>,
    ) {
        let detail = detail.into();
        for signal in signals.iter().filter_map(|name| SignalId::find(name)) {
            let (detail, hint) = (detail.clone(), hint.map(str::to_owned));
            self.gaps.push(Gap { signal, source: NAME.to_owned(), reason, detail, hint });
        }
    }

    /// Says that the query for signals failed.
    pub(super) fn failed(&mut self, signals: &[&str], error: &QueryError) {
        self.failed_in("", signals, error);
    }

    /// The same for a query about a schema, quoted for SQL.
    pub(super) fn failed_in(&mut self, schema: &str, signals: &[&str], error: &QueryError) {
        let grant = error.missing_right().map(|message| granting(message, schema, &self.role));
        let (reason, hint) = match error {
            QueryError::Refused { .. } if grant.is_some() => (Reason::NotPermitted, grant.as_deref()),
            QueryError::Refused { code, .. } if code == "55P03" => {
                (Reason::QueryFailed, Some("run this again when the lock it waited for is released"))
            }
            QueryError::Refused { .. } => (Reason::QueryFailed, None),
            QueryError::TimedOut(_) => (Reason::TimedOut, Some("raise --timeout")),
            QueryError::Lost(_) => (Reason::Unreachable, Some("run this again, and see the server's log")),
            QueryError::UnexpectedReply(_) => (Reason::UnexpectedReply, None),
            QueryError::TooLarge => (Reason::TooLarge, None),
        };
        self.gap(signals, reason, error.to_string(), hint);
    }

    /// Adds a note to every observation of a signal.
    pub(super) fn annotate(&mut self, signal: &str, note: &str) {
        let wanted = self.observations.iter_mut().filter(|found| found.signal.as_str() == signal);
        wanted.for_each(|found| found.notes.push(note.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_right_names_the_statement_that_gives_it() {
        for (message, schema, statement) in [
            (
                "permission denied for schema extensions",
                "extensions",
                "GRANT USAGE ON SCHEMA extensions TO mon;",
            ),
            (
                "permission denied for function pg_stat_statements",
                "\"Ext\"",
                "GRANT EXECUTE ON FUNCTION \"Ext\".pg_stat_statements TO mon;",
            ),
            ("permission denied for view pg_stat_database", "", "GRANT SELECT ON pg_stat_database TO mon;"),
            ("keine Berechtigung für Sicht pg_stat_database", "", "GRANT pg_monitor TO mon;"),
        ] {
            assert_eq!(granting(message, schema, "mon"), statement);
        }
    }
}
