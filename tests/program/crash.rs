//! `record` killed, without room, and at the same time as others: what was acknowledged is there, once.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use scale_advisor::history::{Store, StoredSeries};

use super::{
    NOTHING,
    binary::{program, ran},
    folder, says, write,
};
use crate::timeline::{held, recorded, snapshot};

/// How often `record` is killed; the variable `KILLS` asks for more.
const KILLS: usize = 40;

fn record(folder: &Path, snapshot: &Path) -> Command {
    let mut command = program(folder);
    command.args(["record", "--history", "history.db", "--snapshot"]).arg(snapshot);
    command
}

fn prepare(folder: &Path, snapshots: &[String]) -> Vec<PathBuf> {
    write(folder, "scale-advisor.toml", NOTHING);
    let names = (0..).map(|number| format!("{number}.json"));
    names.zip(snapshots).map(|(name, text)| write(folder, &name, text)).collect()
}

fn in_file(folder: &Path) -> [Vec<StoredSeries>; 2] {
    held(&Store::read_file(&folder.join("history.db")).unwrap())
}

/// Lets a process run for so long at most, then kills it. True when it had ended well before.
fn kill_after(mut child: Child, moment: Duration) -> bool {
    // Nothing is ever sent: a receiver is a clock that can be read without polling.
    let (_sender, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(moment);
    let _ = child.kill();
    child.wait().unwrap().success()
}

/// Random enough, and the same on every machine; what the moments hit differs from run to run anyhow.
fn moments() -> impl Iterator<Item = f64> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f64::from(u32::try_from(state >> 32).unwrap()) / f64::from(u32::MAX)
    })
}

#[test]
fn killed_at_any_moment_a_run_is_there_as_a_whole_or_not_at_all() {
    let kills = std::env::var("KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = folder();
    // Each run reads a day back, and comes 37 minutes after the one before.
    let runs: Vec<String> =
        (0..=kills).map(|run| snapshot(1440 + 37 * i64::try_from(run).unwrap(), 1440, 6)).collect();
    let files = prepare(folder.path(), &runs);
    let mut undisturbed = recorded(&folder.path().join("undisturbed.db"), &runs[..1]);
    let began = Instant::now();
    assert_eq!(ran(&mut record(folder.path(), &files[0])).code, 0);
    let whole = began.elapsed();
    let (mut lost, mut survived) = (0, 0);
    for (number, moment) in (1..).zip(moments().take(kills)) {
        let before = held(&undisturbed);
        undisturbed = recorded(&folder.path().join("undisturbed.db"), &runs[number..=number]);
        let after = held(&undisturbed);
        let child = record(folder.path(), &files[number]).stderr(Stdio::null()).spawn().unwrap();
        let acknowledged = kill_after(child, whole.mul_f64(0.3 + moment));
        let found = in_file(folder.path());
        assert!(
            found == after || found == before && !acknowledged,
            "run {number}, acknowledged: {acknowledged}"
        );
        if found == after {
            survived += 1;
        } else {
            lost += 1;
        }
        // Again after a crash: nothing is lost and nothing doubled.
        assert_eq!(ran(&mut record(folder.path(), &files[number])).code, 0);
        assert_eq!(in_file(folder.path()), after, "run {number}, again");
    }
    assert!(lost > 0 && survived > 0, "the moments were badly chosen: {lost} lost, {survived} survived");
}

#[test]
fn without_room_nothing_is_recorded_and_nothing_lost() {
    let folder = folder();
    let [first, second] =
        prepare(folder.path(), &[snapshot(60, 60, 1), snapshot(1500, 1440, 40)]).try_into().unwrap();
    assert_eq!(ran(&mut record(folder.path(), &first)).code, 0);
    let before = in_file(folder.path());
    // In blocks of 512 bytes: room for what is there, and not for what comes.
    let mut command = program(folder.path());
    let script = "trap '' XFSZ; ulimit -f 300; exec \"$@\"";
    command.args(["record", "--history", "history.db", "--snapshot"]).arg(&second);
    let mut limited = Command::new("sh");
    limited.args(["-c", script, "sh"]).arg(command.get_program()).args(command.get_args());
    limited.current_dir(folder.path()).env_clear();
    let run = ran(&mut limited);
    assert_eq!(run.code, 2, "{}", run.stderr);
    says(&run.stderr, &["history.db", "cannot write to the history"]);
    assert_eq!(in_file(folder.path()), before);
    assert_eq!(ran(&mut record(folder.path(), &second)).code, 0);
    assert_ne!(in_file(folder.path()), before);
}

#[test]
fn four_writers_at_once_lose_and_double_nothing() {
    let folder = folder();
    // The first round makes the file; every round has runs that overlap, and one that comes twice.
    let runs: Vec<String> = (0..6).map(|run| snapshot(1440 + 20 * run, 1440, 3)).collect();
    let files = prepare(folder.path(), &runs);
    let start = |file: &PathBuf| {
        record(folder.path(), file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for round in [[0, 1, 2, 1], [3, 4, 5, 5]] {
        let children: Vec<Child> = round.iter().map(|run| start(&files[*run])).collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
    let undisturbed = recorded(&folder.path().join("undisturbed.db"), &runs);
    assert_eq!(in_file(folder.path()), held(&undisturbed));
}
