//! A system that is recorded again and again: snapshots of it, and what a history of them holds.

use std::{fmt::Write, path::Path};

use scale_advisor::{
    history::{Batch, Range, Resolution, Store, StoredSeries},
    snapshot::Snapshot,
};

/// The beginning of a day.
const START_MS: i64 = 1_795_132_800_000;
const MINUTE_MS: i64 = 60_000;

/// What the system says at a minute of the timeline: the minutes before it of some hosts, and one reading of a queue.
///
/// A value belongs to its instant, whichever run reads it.
pub(crate) fn snapshot(minute: i64, back: i64, hosts: usize) -> String {
    let time = |minute: i64| {
        chrono::DateTime::from_timestamp_millis(START_MS + minute * MINUTE_MS).unwrap().to_rfc3339()
    };
    let mut text = format!(
        r#"{{"schema":"scale-advisor/snapshot/1","taken_at":"{to}","tool_version":"0.1.0","window":{{"from":"{}","to":"{to}","step_seconds":60}},"sources":[],"gaps":[],"exhausted":[],"observations":["#,
        time(minute - back),
        to = time(minute)
    );
    for host in 0..hosts {
        let values: Vec<String> = (minute - back..minute).map(|at| share(host, at).to_string()).collect();
        write!(
            text,
            r#"{{"signal":"host.cpu","instance":"host-{host}","labels":{{"instance":"host-{host}"}},"values":{{"from_ms":{},"step_ms":{MINUTE_MS},"values":[{}]}},"origin":{{"source":"prometheus","query":"cpu"}}}},"#,
            START_MS + (minute - back) * MINUTE_MS,
            values.join(",")
        )
        .unwrap();
    }
    let at = START_MS + minute * MINUTE_MS;
    write!(
        text,
        r#"{{"signal":"queue.depth","instance":"mail","values":{{"from_ms":{at},"step_ms":0,"values":[{minute}]}},"origin":{{"source":"redis","query":"LLEN"}}}}]}}"#
    )
    .unwrap();
    text
}

fn share(host: usize, minute: i64) -> f64 {
    let number = u32::try_from((minute * 31 + i64::try_from(host).unwrap() * 17).rem_euclid(997)).unwrap();
    f64::from(number) / 1000.0
}

/// A store with these snapshots recorded, one after the other and without disturbance.
pub(crate) fn recorded(file: &Path, snapshots: &[String]) -> Store {
    let mut store = Store::open_file(file, |_| ()).unwrap();
    for snapshot in snapshots {
        store.append(&Batch::from_snapshot(&Snapshot::from_json(snapshot).unwrap(), None)).unwrap();
    }
    store
}

/// Everything a sound history holds, hours and days.
#[track_caller]
pub(crate) fn held(store: &Store) -> [Vec<StoredSeries>; 2] {
    assert_eq!(store.verify().unwrap(), Vec::<String>::new());
    [Resolution::Hour, Resolution::Day].map(|resolution| store.rollups(resolution, None, Range::ALL).unwrap())
}
