//! The counters of all statements, for a history to compare with those of other days.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::{
    rank::{Entry, Sample},
    text,
};
use crate::{
    postgres::MAX_ROWS,
    statements::{StatementCount, StatementSnapshot},
};

impl Sample {
    /// What was read, with the shapes of those statements whose texts are known; whoever knows the server adds its name.
    ///
    /// `None` when the counters were reset meanwhile, or the server's clock is invalid.
    pub(super) fn look(&self, texts: Option<&BTreeMap<i64, String>>) -> Option<StatementSnapshot> {
        let count = |entry: &Entry| {
            let query = entry.query?;
            let text = texts.and_then(|texts| texts.get(&query));
            Some(StatementCount {
                role: entry.role,
                query,
                toplevel: entry.toplevel,
                calls: entry.calls,
                seconds: entry.milliseconds / 1000.0,
                since: entry.since.and_then(DateTime::from_timestamp_millis),
                text: text.filter(|text| !text::is_housekeeping(text)).map(|text| text::shape(text)),
            })
        };
        if self.torn {
            return None;
        }
        Some(StatementSnapshot {
            server: String::new(),
            at: DateTime::from_timestamp_millis(self.info.at)?,
            started: DateTime::from_timestamp_millis(self.info.started)?,
            counting_since: self.info.reset.and_then(DateTime::from_timestamp_millis),
            evictions: self.info.evictions,
            hidden: self.hidden(),
            complete: self.entries.len() < MAX_ROWS,
            database: self.info.database,
            statements: self.entries.iter().filter_map(count).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::postgres::statements::rank::Info;

    #[test]
    fn a_look_has_every_statement_that_can_be_told_apart() {
        let info = Info {
            at: 1_800_000_000_250,
            started: 1_700_000_000_000,
            evictions: Some(3),
            reset: Some(1500),
            database: 5,
            own_role: None,
        };
        let entry = |query, milliseconds| Entry {
            role: 10,
            query,
            toplevel: true,
            calls: 2.0,
            milliseconds,
            since: None,
        };
        let entries =
            vec![entry(Some(-7), 1500.0), entry(None, 9e9), entry(Some(8), 1.0), entry(Some(9), 1.0)];
        let texts = [(-7, "SELECT  'x'"), (9, "COMMIT")].map(|(query, text)| (query, text.to_owned())).into();
        let look = Sample { entries, info, torn: false }.look(Some(&texts)).unwrap();
        assert_eq!(look.at.to_rfc3339(), "2027-01-15T08:00:00.250+00:00");
        assert_eq!((look.evictions, look.hidden, look.complete), (Some(3), 1, true));
        assert_eq!(look.counting_since.unwrap().timestamp_millis(), 1500);
        let told: Vec<_> = look
            .statements
            .iter()
            .map(|statement| (statement.query, statement.seconds, statement.text.as_deref()))
            .collect();
        assert_eq!(told, [(-7, 1.5, Some("SELECT ?")), (8, 0.001, None), (9, 0.001, None)]);
    }
}
