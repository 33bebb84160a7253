//! Tests of settings and of tables as versions of PgBouncer print them.

use chrono::DateTime;

use super::{table::Table, *};
use crate::snapshot::SourceResult;

fn draft() -> SourceResultBuilder {
    SourceResultBuilder::new(NAME, DateTime::UNIX_EPOCH)
}

fn finish(draft: SourceResultBuilder) -> SourceResult {
    draft.finish(SourceReport::answered(NAME, ""))
}

/// Signal, instance and value of every observation.
fn values(reading: &SourceResult) -> Vec<(&str, &str, f64)> {
    let told = reading.observations.iter();
    told.map(|observation| {
        (
            observation.signal.as_str(),
            observation.instance.as_deref().unwrap_or_default(),
            observation.values.last().1,
        )
    })
    .collect()
}

const POOLS: &str = "\
load_balance_hosts|maxwait_us|maxwait|database|user|cl_waiting|sv_active
|504823|1|app|web|2|2
|0|0|app|jobs|0|1
|0|0|pgbouncer|pgbouncer|0|0";

#[test]
fn columns_are_read_by_name_and_the_console_is_left_out() {
    let stats = Table::of("database|avg_wait_time\napp|1500\npgbouncer|0");
    let mut draft = draft();
    pools::waits(&mut draft, &Table::of(POOLS), &stats);
    let reading = finish(draft);
    let expected = [
        ("pgbouncer.waiting", "app/web", 2.0),
        ("pgbouncer.max_wait", "app/web", 1.504_823),
        ("pgbouncer.waiting", "app/jobs", 0.0),
        ("pgbouncer.max_wait", "app/jobs", 0.0),
    ];
    assert_eq!(values(&reading), expected);
    assert!(reading.observations[0].notes[0].contains("1.5 ms on average"));
}

#[test]
fn a_pool_without_a_size_has_no_share() {
    for (size, expected) in [("4", 2), ("0", 0), ("many", 0)] {
        let mut draft = draft();
        pools::sizes(&mut draft, &Table::of(POOLS), &Table::of(&format!("name|pool_size\napp|{size}")));
        let reading = finish(draft);
        assert_eq!((reading.observations.len(), reading.gaps.len()), (expected, usize::from(expected == 0)));
    }
}

#[test]
fn missing_columns_are_gaps() {
    let mut draft = draft();
    pools::waits(&mut draft, &Table::of("database|user|cl_waiting\napp|web|2"), &Table::default());
    pools::clients(&mut draft, &Table::of("list|items\npools|2"), &Table::of("key|value\nmax_client_conn|6"));
    let reading = finish(draft);
    assert_eq!(values(&reading), []);
    assert!(reading.gaps.iter().all(|gap| gap.reason == Reason::UnexpectedReply), "{:?}", reading.gaps);
    assert_eq!(reading.gaps.len(), 3);
}

#[test]
fn a_server_without_the_database_is_no_pooler() {
    let failed = |detail: &str| Status::Failed { reason: Reason::SignInRefused, detail: detail.to_owned() };
    assert!(lacks_the_database(&failed("database \"pgbouncer\" does not exist (SQLSTATE 3D000)")));
    assert!(!lacks_the_database(&failed("not allowed (SQLSTATE 08P01)")));
}

#[test]
fn the_console_is_not_where_the_database_is() {
    let environment = |name: &str| match name {
        "PGHOST" | "PGDATABASE" | "PGUSER" => Some("elsewhere".to_owned()),
        "PGPASSWORD" => Some("hunter2".to_owned()),
        "USER" => Some("me".to_owned()),
        _ => None,
    };
    let around = Surroundings { environment: &environment, read: &|_| None };
    let address = |text: &str| Settings::resolve(text, &around).unwrap().address();
    assert_eq!(address("postgres://stats@pool"), "postgres://stats@pool:6432/pgbouncer");
    assert_eq!(address("postgres://pool:7000/app"), "postgres://me@pool:7000/pgbouncer");
    assert_eq!(address("host=pool user=stats"), "postgres://stats@pool:6432/pgbouncer");
}
