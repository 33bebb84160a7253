//! Systems in several zones, of which one may fail.

use scale_advisor::signal::Unit::{Bytes, Count};

use super::{
    generate::{GIB, calm},
    scene::Scene,
};

/// A name, its zone, and the share in use.
type Used<'u> = (&'u str, &'u str, f64);

fn machines(scene: Scene, machines: &[Used<'_>]) -> Scene {
    machines.iter().fold(scene.without("host.cpu"), |scene, (name, zone, used)| {
        let scene = scene.steady("host.cpu", *used).of(name).out_of(8.0, Count);
        scene.labelled(&[("instance", name), ("job", "node"), ("zone", zone)])
    })
}

fn databases(scene: Scene, databases: &[Used<'_>]) -> Scene {
    databases.iter().fold(scene, |scene, (name, zone, used)| {
        let scene = scene.steady("postgres.connections", *used).of(name).out_of(97.0, Count);
        scene.labelled(&[("instance", name), ("job", "postgres"), ("zone", zone)])
    })
}

fn cache(scene: Scene) -> Scene {
    let place = [("instance", "cache-1:9121"), ("job", "redis"), ("zone", "eu-1a")];
    let scene =
        scene.steady("redis.memory", 0.4).of("cache-1:9121").out_of(2.0 * GIB, Bytes).labelled(&place);
    scene.steady("redis.clients", 0.02).of("cache-1:9121").out_of(10_000.0, Count).labelled(&place)
}

pub(crate) fn scenes() -> Vec<(&'static str, Scene)> {
    let apps = [("app-1:9100", "eu-1a", 0.42), ("app-2:9100", "eu-1b", 0.46), ("app-3:9100", "eu-1c", 0.44)];
    let pair = [("pg-0:9187", "eu-1a", 0.6), ("pg-1:9187", "eu-1b", 0.52)];
    let unplaced = |scene: Scene| scene.steady("host.cpu", 0.3).of("app-4:9100").out_of(8.0, Count);
    vec![
        ("zones-one-saturates-the-rest", cache(databases(machines(calm(342.0), &apps), &pair))),
        ("zones-rest-holds", machines(calm(60.0), &apps)),
        ("zones-partly-labelled", unplaced(machines(calm(60.0), &apps))),
        ("zone-asked-with-only-instance", cache(machines(calm(60.0), &apps))),
        ("zones-without-label", calm(60.0)),
    ]
}
