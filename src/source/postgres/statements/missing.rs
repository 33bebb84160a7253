//! Why there are no statements to read, and the statement that fixes it.

use super::super::server::{Extension, Server};
use crate::snapshot::Reason;

/// What is missing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) reason: Reason,
    pub(super) detail: String,
    pub(super) hint: String,
}

/// Says why there are no statements to read; `None` when there are.
pub(super) fn why(server: &Server, extension: &Extension) -> Option<Missing> {
    let preload = "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements' (keep the names already in \
                   it), then restart the server";
    let create = "CREATE EXTENSION pg_stat_statements;";
    let (reason, detail, hint) = match (extension.loaded, &extension.schema) {
        (true, Some(_)) if extension.open => return None,
        (true, Some(schema)) => (
            Reason::NotPermitted,
            format!(
                "the role {} may not use the schema {schema}, in which pg_stat_statements is",
                server.role
            ),
            format!("GRANT USAGE ON SCHEMA {schema} TO {};", server.role),
        ),
        (true, None) => (
            Reason::NotInstalled,
            format!("the database {} lacks the extension pg_stat_statements", server.database),
            create.to_owned(),
        ),
        (false, Some(_)) => (
            Reason::NotInstalled,
            "pg_stat_statements is not in shared_preload_libraries".to_owned(),
            preload.to_owned(),
        ),
        (false, None) => (
            Reason::NotInstalled,
            "pg_stat_statements is not installed".to_owned(),
            format!("{preload} and run {create}"),
        ),
    };
    Some(Missing { reason, detail, hint })
}

/// Says why nothing is counted, where nothing was counted between the samples.
pub(super) fn not_counted(extension: &Extension) -> Option<Missing> {
    (extension.track.as_deref() == Some("none")).then(|| Missing {
        reason: Reason::NotConfigured,
        detail: "pg_stat_statements.track is none, so no queries are counted".to_owned(),
        hint: "ALTER SYSTEM SET pg_stat_statements.track = 'top'; SELECT pg_reload_conf();".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{extension, server};
    use super::*;

    #[track_caller]
    fn check(extension: &Extension, words: &[&str]) {
        let missing = why(&server(), extension).unwrap();
        let told = format!("{:?} {} {}", missing.reason, missing.detail, missing.hint);
        for word in words {
            assert!(told.contains(word), "{told}");
        }
    }

    #[test]
    fn each_missing_part_has_its_own_remedy() {
        let (complete, schema) = (extension(), None);
        check(&Extension { schema, ..extension() }, &["NotInstalled", "shop", "CREATE EXTENSION"]);
        check(&Extension { loaded: false, ..extension() }, &["shared_preload_libraries", "restart"]);
        let neither = Extension { loaded: false, schema: None, ..extension() };
        check(&neither, &["shared_preload_libraries", "CREATE EXTENSION"]);
        let closed = Extension { open: false, ..extension() };
        check(&closed, &["NotPermitted", "GRANT USAGE ON SCHEMA public TO app;"]);
        assert_eq!(why(&server(), &complete), None);
    }

    #[test]
    fn only_a_setting_that_counts_nothing_is_missing() {
        assert_eq!(not_counted(&extension()), None);
        let none = Extension { track: Some("none".to_owned()), ..extension() };
        assert!(not_counted(&none).unwrap().hint.contains("pg_reload_conf()"));
    }
}
