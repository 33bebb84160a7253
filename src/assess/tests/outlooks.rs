//! At which load and when, from hourly means whose growth and demand are known.

use chrono::TimeDelta;

use super::world::{World, bottleneck, finding, next, now, world};
use crate::{
    assess::{
        Assumptions, ForecastReason, Grade, LimitOutcome, PhaseReason, Verdict, assess, load_outlook, outlook,
    },
    roadmap::EventLoad,
};

/// Concurrent users: 300 at the last peak hour, a fifth of that at night, with a growth a day and noise of 2%.
fn users(hour: i64, days: i64, growth: f64) -> f64 {
    let age = (days * 24 - hour) as f64 / 24.0;
    let rhythm = 0.6 + 0.4 * ((hour % 24) as f64 / 24.0 * std::f64::consts::TAU).sin();
    300.0 * (-growth * age).exp() * rhythm * (1.0 + 0.02 * noise(hour))
}

fn noise(index: i64) -> f64 {
    ((index * 7919) % 1000) as f64 / 500.0 - 1.0
}

/// A load and connections of which each user takes 0.2%, on top of 10%: they end at 450 users.
fn growing(days: i64, growth: f64) -> World {
    world()
        .minutes("users.concurrent", 1440, |_| Some(300.0))
        .flat("postgres.connections", 0.7)
        .out_of(97.0)
        .hours("users.concurrent", days, |hour| users(hour, days, growth))
        .hours("postgres.connections", days, |hour| 0.1 + 0.002 * users(hour, days, growth))
}

const MILESTONE: &str = "[[milestones]]\nusers = 1000\nact_by_users = 800\ntitle = 'Full'\n\
    resource = 'postgres.connections'\nimpact = 'x'\nsolution = 'Pool'\neffort = ['1w', '2w']\n\
    cost_per_month = [100, 200]";

#[test]
fn growth_and_demand_give_a_load_and_a_date() {
    let assessment = growing(90, 0.005).roadmap(MILESTONE).judge();
    let next = assessment.next_bottleneck.as_ref().unwrap();
    let load = next.saturates_at_load.unwrap();
    assert!((load.mid - 450.0).abs() < 9.0 && load.low <= load.mid && load.mid <= load.high, "{load:?}");
    // 300 grow to 450 in 81 days.
    let mid = next.saturates_on.as_ref().unwrap().mid.unwrap();
    assert!((mid - now()).num_days().abs_diff(81) < 12, "{mid}");
    let act_by = next.act_by.as_ref().unwrap();
    assert_eq!(act_by.date, Some(mid - TimeDelta::days(14)));
    assert!((350.0..450.0).contains(&act_by.load.unwrap()), "{act_by:?}");
    assert_eq!((next.grade, next.probability_first), (Grade::B, Some(1.0)));
    assert_eq!(next.saturation_reason.roadmap_expects, Some(1000));
    let growth = assessment.load.growth_per_month.unwrap();
    assert!(growth.low <= 0.162 && 0.162 <= growth.high, "{growth:?}");
    assert_eq!(finding(&assessment, "forecast:postgres.connections").verdict, Verdict::Ok);
    assert_eq!(assessment.load.forecast.unwrap().len(), 89);
}

#[test]
fn events_are_left_out_and_told() {
    // Three times the load for four days.
    let sale = |hour: i64| if (70 * 24..74 * 24).contains(&hour) { 3.0 } else { 1.0 };
    let world = || {
        world()
            .minutes("users.concurrent", 1440, |_| Some(300.0))
            .flat("postgres.connections", 0.7)
            .out_of(97.0)
            .hours("users.concurrent", 90, |hour| users(hour, 90, 0.005) * sale(hour))
            .hours("postgres.connections", 90, |hour| 0.1 + 0.0007 * users(hour, 90, 0.005) * sale(hour))
            .roadmap(MILESTONE)
    };
    let kept = world().judge();
    let left_out = world().event("Sale", 21, 16).event("Next sale", -5, -7).judge();
    let names: Vec<&str> = left_out.events_left_out.iter().map(|event| event.name.as_str()).collect();
    assert_eq!((names, kept.events_left_out.len()), (vec!["Sale"], 0));
    let (kept, left_out) = (kept.load.peak.unwrap(), left_out.load.peak.unwrap());
    assert!(kept > 700.0 && (270.0..315.0).contains(&left_out), "{kept} and {left_out}");
}

#[test]
fn events_to_come_raise_the_load_of_their_days() {
    let flat = || growing(90, 0.0).roadmap(MILESTONE);
    let without = flat().judge();
    assert!(bottleneck(&without, "postgres.connections").saturates_on.is_none());
    assert_eq!(without.events_ahead, []);
    let usual = without.load.peak.unwrap();
    for load in [EventLoad::More(0.8), EventLoad::Absolute(1.8 * usual)] {
        let assessment = flat().event_ahead("Sale", 20, load).judge();
        let [event] = &assessment.events_ahead[..] else { panic!("{:#?}", assessment.events_ahead) };
        let expected = event.load.unwrap();
        assert!((1.7 * usual..1.9 * usual).contains(&expected.mid), "{expected:?} of {usual}");
        let [short] = &event.short[..] else { panic!("{event:#?}") };
        let saturation = bottleneck(&assessment, "postgres.connections");
        let at = saturation.saturates_at_load.unwrap().mid;
        assert!(at < expected.mid && short.needed.mid > short.limit.value(), "{short:?}");
        assert_eq!(short.limit.to_string(), "97");
        let on = saturation.saturates_on.as_ref().and_then(|on| on.mid).unwrap();
        assert_eq!(on.date_naive(), event.from, "the day of the event is the date");
        assert_eq!(assessment.load.peak, Some(usual), "today is as it was");
    }
    let small = flat().event_ahead("Sale", 20, EventLoad::More(0.05)).judge();
    assert_eq!(small.events_ahead[0].short, [], "the limit is far away");
    let far = flat().event_ahead("Sale", 400, EventLoad::More(0.8)).judge();
    assert_eq!((far.events_ahead[0].load, far.events_ahead[0].short.len()), (None, 0), "beyond the forecast");
}

#[test]
fn a_phase_does_not_begin_with_an_event() {
    let phases = "[[phases]]\nnumber = 1\ntitle = 'Small'\nusers = [0, 400]\n\
                  [[phases]]\nnumber = 2\ntitle = 'Large'\nusers = [400]\n";
    let sale = growing(90, 0.0).phases(phases).event_ahead("Sale", 20, EventLoad::More(0.8));
    let forecast = sale.forecast(Assumptions::default(), None);
    assert!(forecast.events_ahead[0].load.unwrap().mid > 500.0);
    assert_eq!(forecast.phases[0].reached, None);
}

#[test]
fn it_is_time_to_act_when_the_remedy_takes_longer_than_there_is() {
    let long = MILESTONE.replace("'2w'", "'26w'");
    let assessment = growing(90, 0.005).roadmap(&long).judge();
    assert_eq!(finding(&assessment, "forecast:postgres.connections").verdict, Verdict::Warning);
    assert_eq!(assessment.plan[0].start_by, Some(now()));
}

#[test]
fn without_growth_there_is_no_date_and_the_reason() {
    let assessment = growing(90, 0.0).roadmap(MILESTONE).judge();
    let connections = bottleneck(&assessment, "postgres.connections");
    assert!(connections.saturates_at_load.is_some() && connections.saturates_on.is_none());
    let load = connections.saturation_reason.load.as_deref();
    assert!(matches!(load, Some(ForecastReason::Continued { significant: false, .. })), "{connections:#?}");
    // The roadmap leaves a fifth.
    let act_by = connections.act_by.as_ref().unwrap();
    assert!(act_by.date.is_none() && (act_by.load.unwrap() - 360.0).abs() < 8.0, "{act_by:?}");
    assert!(assessment.plan.is_empty());
}

#[test]
fn ten_days_tell_a_load_but_no_date() {
    let assessment = growing(13, 0.005).judge();
    let connections = bottleneck(&assessment, "postgres.connections");
    assert!(connections.saturates_at_load.is_some() && connections.saturates_on.is_none());
    let load = connections.saturation_reason.load.as_deref();
    let Some(ForecastReason::TooFewDays { days, needed: 14, enough_on }) = load else {
        panic!("{connections:#?}")
    };
    let missing = TimeDelta::days(14 - i64::try_from(*days).unwrap());
    assert_eq!(*enough_on, Some(now().date_naive() + missing));
    assert_eq!(assessment.load.forecast, None);
    let short = growing(5, 0.005).judge();
    let connections = bottleneck(&short, "postgres.connections");
    assert_eq!((connections.saturates_at_load, connections.grade), (None, Grade::Insufficient));
    let forecast = &connections.saturation_reason.forecast;
    let ForecastReason::TooFewCommonDays { days, needed: 10, enough_on } = forecast else {
        panic!("{forecast:?}")
    };
    let missing = TimeDelta::days(10 - i64::try_from(*days).unwrap());
    assert_eq!(*enough_on, Some(now().date_naive() + missing));
}

#[test]
fn the_past_of_another_machine_dates_nothing() {
    let filling = |past: &str| {
        let world = growing(60, 0.004).flat("host.disk_space", 0.7).of("/");
        let fills = |hour: i64| 0.7 + 0.004 * (hour as f64 / 24.0) + 0.001 * noise(hour);
        let assessment = world.hours("host.disk_space", 60, fills).past_of(past).judge();
        bottleneck(&assessment, "host.disk").saturates_on.is_some()
    };
    assert!(filling("/"));
    assert!(!filling("app:9100 /data"));
}

#[test]
fn the_one_that_ends_at_the_smaller_load_is_next() {
    let assessment = growing(60, 0.004)
        .flat("host.cpu", 0.5)
        .hours("host.cpu", 60, |hour| 0.05 + 0.0015 * users(hour, 60, 0.004) + 0.01 * noise(hour + 7))
        .judge();
    assert_eq!(next(&assessment), "postgres.connections");
    assert_eq!(bottleneck(&assessment, "host.cpu").probability_first, Some(0.0));
    let order: Vec<&str> =
        assessment.bottlenecks.iter().map(|bottleneck| bottleneck.resource.as_str()).collect();
    assert!(order.iter().position(|resource| *resource == "host.cpu") > Some(0), "{order:?}");
}

#[test]
fn a_disk_fills_whether_the_load_grows_or_not() {
    let assessment = growing(60, 0.0)
        .flat("host.disk_space", 0.74)
        .hours("host.disk_space", 60, |hour| 0.44 + 0.005 * hour as f64 / 24.0)
        .judge();
    let disk = bottleneck(&assessment, "host.disk");
    let on = disk.saturates_on.as_ref().unwrap();
    // A quarter is left, at 0.5% a day.
    assert!(disk.saturates_at_load.is_none() && on.low > now() + TimeDelta::days(30), "{on:?}");
    assert!((on.mid.unwrap() - now()).num_days().abs_diff(52) <= 4, "{on:?}");
    assert_eq!(next(&assessment), "host.disk");
}

#[test]
fn a_longer_known_disk_is_not_named_before_what_ends_sooner() {
    // The processor ends at 1.42 times the load, in 29 days; the disk, known nine times as long, in a hundred.
    let assessment = world()
        .minutes("users.concurrent", 1440, |_| Some(300.0))
        .flat("host.cpu", 0.7)
        .flat("host.disk_space", 0.7)
        .hours("users.concurrent", 20, |hour| users(hour, 20, 0.012))
        .hours("host.cpu", 20, |hour| 0.7 / 300.0 * users(hour, 20, 0.012))
        .hours("host.disk_space", 180, |hour| 0.16 + 0.003 * hour as f64 / 24.0)
        .judge();
    assert_eq!(next(&assessment), "host.cpu");
    let first = |resource: &str| bottleneck(&assessment, resource).probability_first;
    assert!(first("host.cpu").is_none_or(|cpu| cpu > 0.9), "{:?}", first("host.cpu"));
    assert!(first("host.disk").is_none_or(|disk| disk < 0.1), "{:?}", first("host.disk"));
}

#[test]
fn what_cannot_be_ordered_is_said_to_be_open() {
    let assessment = growing(60, 0.0)
        .flat("host.disk_space", 0.2)
        .hours("host.disk_space", 60, |hour| 0.2 + 0.01 * noise(hour))
        .judge();
    let disk = bottleneck(&assessment, "host.disk");
    assert_eq!(disk.probability_first, None);
    assert!(disk.saturation_reason.first_undecided, "{disk:#?}");
}

#[test]
fn a_cache_that_makes_room_never_ends() {
    let assessment = growing(60, 0.004)
        .flat("redis.memory", 0.8)
        .with("maxmemory_policy", "allkeys-lru")
        .hours("redis.memory", 60, |hour| 0.5 + 0.004 * hour as f64 / 24.0)
        .judge();
    let memory = bottleneck(&assessment, "redis.memory");
    assert_eq!((&memory.saturates_on, &memory.saturation_reason.forecast), (&None, &ForecastReason::Evicts));
}

#[test]
fn the_load_can_be_estimated_in_the_past_as_well() {
    let assessment = world()
        .requests_per_user("0.1/s")
        .flat("http.requests", 30.0)
        .flat("postgres.connections", 0.7)
        .hours("http.requests", 60, |hour| 0.1 * users(hour, 60, 0.005))
        .hours("postgres.connections", 60, |hour| 0.1 + 0.002 * users(hour, 60, 0.005))
        .judge();
    let load = bottleneck(&assessment, "postgres.connections").saturates_at_load.unwrap();
    assert!((load.mid - 450.0).abs() < 9.0, "{load:?}");
}

#[test]
fn the_load_alone_goes_on_as_it_does_beside_its_resources() {
    let requests =
        world()
            .requests_per_user("0.1/s")
            .flat("http.requests", 30.0)
            .hours("http.requests", 60, |hour| 0.1 * users(hour, 60, 0.005));
    for world in [growing(90, 0.005), requests] {
        let (input, snapshot) = world.parts();
        let alone = load_outlook(&input, &snapshot, Assumptions::default());
        assert!(alone.future.is_some());
        assert_eq!(alone, outlook(&input, &snapshot, Assumptions::default()).load);
    }
}

#[test]
fn a_phase_is_prepared_when_its_load_comes_before_its_work_can_end() {
    let phases = |effort: &str| {
        format!(
            "[[phases]]\nnumber = 1\ntitle = 'Small'\nusers = [0, 350]\n\
             [[phases]]\nnumber = 2\ntitle = 'Large'\nusers = [350]\n\
             enter = {{ signal = 'users.concurrent', above = 350 }}\n\
             [[phases.actions]]\nid = '2.1'\ntitle = 'Move'\ncomponent = 'database'\npriority = 'high'\n\
             effort = ['1w', '{effort}']\n"
        )
    };
    let recommended = |effort: &str| growing(90, 0.005).phases(&phases(effort)).judge().phase;
    assert_eq!(recommended("2w").recommended, Some(1));
    let soon = recommended("8w");
    assert_eq!(soon.recommended, Some(2));
    assert!(matches!(soon.reason, PhaseReason::ExpectedSoon { begins: 350, .. }), "{:?}", soon.reason);
}

#[test]
fn an_assumed_growth_takes_the_place_of_the_one_found() {
    let assumptions = Assumptions { growth: Some(0.5), horizon: Some(60), users: None };
    let forecast = growing(90, 0.0).forecast(assumptions, Some(500));
    let points = forecast.load.points.as_ref().unwrap();
    assert_eq!((points.len(), forecast.assumed_growth_per_month), (60, Some(0.5)));
    let on = forecast.resources[0].saturates_on.as_ref().unwrap();
    // 306, the busiest hour, grow by half a month to 450 in 29 days.
    assert!((on.mid.unwrap() - now()).num_days().abs_diff(29) <= 4, "{on:?}");
    let at = forecast.at_users.unwrap();
    assert_eq!(at.limits[0].outcome, LimitOutcome::Yes);
    assert!(at.reached.unwrap().mid.unwrap() > on.mid.unwrap());
    let safe = growing(90, 0.0).forecast(assumptions, Some(200)).at_users.unwrap();
    assert_eq!(safe.limits[0].outcome, LimitOutcome::No);
}

#[test]
fn a_database_fills_up_to_the_limit_that_the_project_sets() {
    const GIB: f64 = 1_073_741_824.0;
    let world = |limits: &str| {
        growing(60, 0.0)
            .limits(limits)
            .flat("postgres.database_size", 160.0 * GIB)
            .hours("postgres.database_size", 60, |hour| (100.0 + hour as f64 / 24.0) * GIB)
            .judge()
    };
    let assessment = world("[signals.'postgres.database_size']\nlimit = '180GiB'");
    let on = bottleneck(&assessment, "postgres.disk").saturates_on.as_ref().unwrap();
    // 20 GiB are left, at one a day; 60 days do not show whether growth is linear or exponential.
    let days = |date: chrono::DateTime<chrono::Utc>| (date - now()).num_days();
    assert!(days(on.mid.unwrap()).abs_diff(20) <= 5 && days(on.low) <= 20, "{on:?}");
    // In the course of the twentieth day.
    assert!(on.high.is_none_or(|high| days(high) >= 19), "{on:?}");
    assert!(world("").bottlenecks.iter().all(|bottleneck| bottleneck.resource.as_str() != "postgres.disk"));
}

#[test]
fn a_leak_has_a_date_with_and_without_the_load() {
    let leak = |hour: i64| 0.25 + 0.0075 * hour as f64 / 24.0;
    let alone = growing(60, 0.0)
        .flat("host.memory", 0.7)
        .hours("host.memory", 60, |hour| leak(hour) + 0.002 * noise(hour))
        .judge();
    let memory = bottleneck(&alone, "host.memory");
    // 0.3 are left, at 0.0075 a day.
    let days = |date: chrono::DateTime<chrono::Utc>| (date - now()).num_days();
    let on = memory.saturates_on.as_ref().unwrap();
    assert!(days(on.mid.unwrap()).abs_diff(39) <= 3, "{on:?}");
    assert!(memory.saturates_at_load.is_none(), "{memory:#?}");
    let beside = growing(60, 0.004)
        .flat("host.memory", 0.7)
        .hours("host.memory", 60, |hour| leak(hour) - 0.2 + 0.0005 * users(hour, 60, 0.004))
        .judge();
    let memory = bottleneck(&beside, "host.memory");
    let ForecastReason::Demand { demand } = &memory.saturation_reason.forecast else { panic!("{memory:#?}") };
    assert!((demand.own_per_day.unwrap() - 0.0075).abs() < 0.0005, "{demand:?}");
    // At 0.65 now; the load adds 0.0006 a day.
    let on = memory.saturates_on.as_ref().unwrap();
    assert!((40..62).contains(&days(on.mid.unwrap())), "{on:?}");
}

#[test]
fn a_release_is_told_with_its_day_and_a_limit_with_its_change() {
    // Half a connection for each user, and since ten days a quarter; the limit was raised five days ago.
    let used = |hour: i64| if hour < 50 * 24 { 0.4 } else { 0.2 } * users(hour, 60, 0.004);
    let share = |hour: i64| used(hour) / if hour < 55 * 24 { 135.0 } else { 197.0 };
    let world = world()
        .minutes("users.concurrent", 1440, |_| Some(300.0))
        .flat("postgres.connections", 0.3)
        .out_of(197.0)
        .hours("users.concurrent", 60, |hour| users(hour, 60, 0.004))
        .hours("postgres.connections", 60, share);
    let (input, mut snapshot) = world.parts();
    let raised = (now() - TimeDelta::days(5)).timestamp_millis();
    let changed = format!(
        r#"{{"unit":"count","changes":[{{"from_ms":0,"value":135.0}},{{"from_ms":{raised},"value":197.0}}]}}"#
    );
    snapshot.history[1].limit = Some(serde_json::from_str(&changed).unwrap());
    let assessment = assess(&input, &snapshot);
    let load = bottleneck(&assessment, "postgres.connections").saturates_at_load.unwrap();
    assert!(load.low <= 985.0 && 985.0 <= load.high && (load.mid - 985.0).abs() < 30.0, "{load:?}");
    let connections = bottleneck(&assessment, "postgres.connections");
    let reason = &connections.saturation_reason;
    let limit = reason.limit_changed.unwrap();
    assert_eq!((limit.from.value(), limit.to.value()), (135.0, 197.0));
    let ForecastReason::Demand { demand } = &reason.forecast else { panic!("{connections:#?}") };
    assert!(demand.changed.is_some(), "{demand:?}");
}
