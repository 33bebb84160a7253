//! Screening by an upper bound gives the same assessments as simulating all futures.

use std::thread;

use super::world::{World, world};
use crate::{
    assess::{Assessment, Assumptions, Bottleneck, assess, survey},
    capacity::random::Random,
    roadmap::{EventLoad, Price, PriceOrigin},
    signal::ResourceId,
};

/// Services per thread; there are two threads.
const SERVICES: u64 = 10;
const DAYS: i64 = 21;

/// A service with two disks, connections that follow the load, and sessions that follow nothing.
fn service(random: &mut Random) -> World {
    let growth = [0.0, 0.004, 0.02][random.below(3)];
    let load = move |hour: i64| {
        let rhythm = 0.6 + 0.4 * ((hour % 24) as f64 / 24.0 * std::f64::consts::TAU).sin();
        300.0 * (growth * (hour as f64 / 24.0 - DAYS as f64)).exp() * rhythm
    };
    let noise: Vec<f64> = (0..DAYS * 24).map(|_| 1.0 + 0.03 * random.normal()).collect();
    let noisy = |hour: i64| noise[usize::try_from(hour).unwrap()];
    let mut service =
        world()
            .minutes("users.concurrent", 1440, |_| Some(300.0))
            .hours("users.concurrent", DAYS, |hour| load(hour) * noisy((hour * 7) % (DAYS * 24)));
    for disk in ["a", "b"] {
        let (level, filling) = (0.9 * random.uniform(), [0.0, 0.002, 0.01][random.below(3)]);
        let used = |hour: i64| level * noisy(hour) + filling * (hour as f64 / 24.0 - DAYS as f64);
        let now = used(DAYS * 24 - 1);
        service = service.flat("host.disk_space", now).of(disk).out_of(1e12);
        service = service.hours("host.disk_space", DAYS, used).past_of(disk);
    }
    let per_user = 0.0028 * random.uniform();
    service = service.flat("postgres.connections", 300.0 * per_user).out_of(97.0);
    service = service.hours("postgres.connections", DAYS, |hour| per_user * load(hour) * noisy(hour));
    let (level, leak) = (0.4 * random.uniform(), [0.0, 0.01][random.below(2)]);
    let used = |hour: i64| level * noisy((hour * 5) % (DAYS * 24)) + leak * hour as f64 / 24.0;
    service = service.flat("host.cpu", used(DAYS * 24 - 1)).hours("host.cpu", DAYS, used);
    if random.below(3) == 0 { service.event_ahead("Sale", 5, EventLoad::More(1.5)) } else { service }
}

/// Assessments with screening, compared with those without.
fn assessments(seed: u64) -> Vec<Assessment> {
    let mut random = Random::new(seed);
    let assessments = (0..SERVICES).map(|number| {
        let (mut input, snapshot) = service(&mut random).parts();
        if random.below(3) == 0 {
            input.declared.prices.push(Price {
                resource: ResourceId::find("host.disk").unwrap(),
                instance: None,
                per: None,
                per_month: 3.0,
                currency: "EUR".to_owned(),
                origin: PriceOrigin::Settings,
            });
        }
        let found = assess(&input, &snapshot);
        let whole = survey(&input, &snapshot, Assumptions::default()).assessment;
        assert_eq!(found, whole, "service {number} of {seed}");
        found
    });
    assessments.collect()
}

#[test]
fn a_bound_changes_nothing_of_an_assessment() {
    let found: Vec<Assessment> = thread::scope(|scope| {
        let running = [1, 2].map(|seed| scope.spawn(move || assessments(seed)));
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let count = |is_wanted: fn(&Bottleneck) -> bool| {
        found.iter().flat_map(|found| &found.bottlenecks).filter(|row| is_wanted(row)).count()
    };
    let (dated, undated) =
        (count(|row| row.saturates_on.is_some()), count(|row| row.saturation_reason.not_before.is_some()));
    assert!(dated > 10 && undated > 10, "{dated} end within the horizon and {undated} do not");
}
