//! The host source against what the system's own tools say of this machine.

use std::{
    io::Write as _,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use scale_advisor::{
    snapshot::{Reason, Snapshot, Status},
    source::host::Settings,
};

use crate::support::{
    cache,
    redis::{collect, gap, observed, value},
    run,
};

fn read() -> Snapshot {
    collect(Box::new(Settings::default()), Duration::from_secs(1), Duration::from_secs(30))
}

/// Runs work on other threads while the machine is read.
fn read_during(threads: usize, work: impl Fn() + Sync) -> Snapshot {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    work();
                }
            });
        }
        let snapshot = read();
        done.store(true, Ordering::Relaxed);
        snapshot
    })
}

#[test]
fn busy_cores_are_seen_and_counted() {
    let cores = std::thread::available_parallelism().unwrap().get();
    let snapshot = read_during(cores, || {
        std::hint::black_box((0_u64..100_000).sum::<u64>());
    });
    let cpu = observed(&snapshot, "host.cpu", None);
    assert!(cpu.values.last().1 > 0.8, "{}", snapshot.to_json());
    let counted: f64 = run(&mut Command::new("nproc")).trim().parse().unwrap();
    assert!((cpu.capacity().unwrap().value() - counted).abs() < 1.0, "{:?} cores", cpu.capacity());
}

#[test]
fn space_agrees_with_df() {
    let snapshot = read();
    for found in snapshot.observations.iter().filter(|found| found.signal.as_str() == "host.disk_space") {
        let mountpoint = found.instance.as_deref().unwrap();
        let table = run(Command::new("df").args(["-B1", "--output=used,avail,pcent", mountpoint]));
        let line: Vec<&str> = table.lines().nth(1).unwrap().split_whitespace().collect();
        let (used, available): (f64, f64) = (line[0].parse().unwrap(), line[1].parse().unwrap());
        let percent: f64 = line[2].trim_end_matches('%').parse().unwrap();
        let (ours, whole) = (found.values.last().1 * 100.0, found.capacity().unwrap().value());
        assert!((ours - percent).abs() <= 1.5, "{mountpoint}: {ours} %, df says {percent} %");
        assert!((whole / (used + available) - 1.0).abs() < 0.01, "{mountpoint}: {whole} bytes");
    }
    // In a container the root is a layer over the host's disk, which is not the container's to judge.
    if run(Command::new("stat").args(["-f", "-c", "%T", "/"])).trim() != "overlayfs" {
        observed(&snapshot, "host.disk_space", Some("/"));
    }
}

#[test]
fn memory_agrees_with_free() {
    let snapshot = read();
    let table = run(Command::new("free").arg("-b"));
    let line: Vec<f64> =
        table.lines().nth(1).unwrap().split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let (total, available) = (line[0], line[5]);
    let memory = observed(&snapshot, "host.memory", None);
    assert!((memory.values.last().1 - (1.0 - available / total)).abs() < 0.1, "{}", snapshot.to_json());
    assert!((memory.capacity().unwrap().value() / total - 1.0).abs() < 0.01);
}

#[test]
fn a_writing_process_keeps_a_disk_busy() {
    let path = cache().join("written");
    let megabyte = vec![1; 1 << 20];
    let snapshot = read_during(1, || {
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(&megabyte).unwrap();
        file.sync_all().unwrap();
    });
    std::fs::remove_file(&path).unwrap();
    assert!(value(&snapshot, "host.disk_io", None) > 0.01, "{}", snapshot.to_json());
}

#[test]
fn everything_is_measured_or_has_a_reason() {
    let snapshot = read();
    assert_eq!(snapshot.sources[0].status, Status::Answered);
    assert!(snapshot.sources[0].version.as_ref().unwrap().starts_with("Linux "));
    for signal in ["host.cpu", "host.memory", "host.disk_space", "host.disk_io", "host.network"] {
        let is_measured = snapshot.observations.iter().any(|found| found.signal.as_str() == signal);
        assert!(is_measured || gap(&snapshot, signal).reason == Reason::NotApplicable, "{signal}");
    }
    observed(&snapshot, "host.cpu", None);
    observed(&snapshot, "host.memory", None);
}

#[test]
fn a_sample_beyond_the_deadline_leaves_rates_unknown() {
    let source = Box::new(Settings::default());
    let snapshot = collect(source, Duration::from_secs(60), Duration::from_secs(5));
    observed(&snapshot, "host.memory", None);
    assert!(gap(&snapshot, "host.cpu").detail.contains("deadline"));
}
