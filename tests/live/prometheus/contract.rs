//! Refusals, foreign answers, broken connections and slow ones.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use scale_advisor::{
    signal::SignalId,
    snapshot::{Reason, SourceResult, Status},
    source::{http::Auth, prometheus::Settings},
};

use super::{END, gap, observation, read, read_window, signal};
use crate::support::fake::{Asked, Fake, Played};

const RANGE: &str = "/api/v1/query_range";
const NAMES: &str = "/api/v1/label/__name__/values";

/// One series with a sample at each instant asked for, as Prometheus sends it.
fn matrix(asked: &Asked) -> String {
    let number = |name: &str| asked.parameters[name].parse::<i64>().unwrap();
    let (start, end, step) = (number("start"), number("end"), number("step"));
    let points = (0..=(end - start) / step).map(|index| format!(r#"[{},"7"]"#, start + index * step));
    let points = points.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{points}]}}]}}}}"#
    )
}

/// A server that knows one metric, which only `http.requests` needs, and answers range queries as told;
/// `earlier` counts them.
fn server(play: impl Fn(&Asked, usize) -> Played + Send + Sync + 'static) -> Fake {
    Fake::start(move |asked, earlier| match asked.path.as_str() {
        NAMES => Played::json(200, r#"{"status":"success","data":["nginx_http_requests_total"]}"#),
        RANGE => play(asked, earlier),
        _ => Played::new(404, "text/plain", "404 page not found"),
    })
}

/// A server that answers everything alike.
fn only(played: Played) -> Fake {
    Fake::start(move |_, _| played.clone())
}

fn ask(fake: &Fake) -> SourceResult {
    read(&Settings::new(&fake.url()).unwrap())
}

#[track_caller]
fn check_refused(played: Played, expected: Reason, words: &str) {
    let reading = ask(&only(played));
    let Status::Failed { reason, detail } = &reading.report.status else { panic!("{:?}", reading.report) };
    let told = format!("{detail} {:?}", reading.report.hint);
    assert!(*reason == expected && told.contains(words), "{reason:?}: {told}");
    assert!(reading.observations.is_empty() && !reading.gaps.is_empty());
}

#[test]
fn sign_in_pages_and_other_servers_are_named_for_what_they_are() {
    check_refused(Played::new(401, "text/plain", "Unauthorized\n"), Reason::SignInRefused, "bearer token");
    check_refused(Played::new(401, "text/plain", "no org id\n"), Reason::SignInRefused, "X-Scope-OrgID");
    check_refused(Played::json(403, r#"{"message":"Forbidden"}"#), Reason::SignInRefused, "403");
    check_refused(
        Played::new(200, "text/html", "<html>Sign in</html>"),
        Reason::UnexpectedReply,
        "an HTML page",
    );
    check_refused(Played::new(200, "text/plain", "pong"), Reason::UnexpectedReply, "plain text");
    check_refused(
        Played::new(404, "text/plain", "404 page not found"),
        Reason::UnexpectedReply,
        "/prometheus",
    );
    check_refused(
        Played::json(200, r#"{"cluster_name":"elastic"}"#),
        Reason::UnexpectedReply,
        "Prometheus API",
    );
    let redirect = Played::new(302, "text/html", "").header("Location", "https://sso/login?secret=1");
    check_refused(redirect.clone(), Reason::UnexpectedReply, "https://sso/login");
    assert!(!format!("{:?}", ask(&only(redirect))).contains("secret"));
}

#[test]
fn a_port_where_nothing_listens_is_unreachable() {
    let url = format!("http://127.0.0.1:{}", crate::support::free_port());
    let reading = read(&Settings::new(&url).unwrap());
    assert!(matches!(reading.report.status, Status::Failed { reason: Reason::Unreachable, .. }));
}

/// How often the query was sent that was sent most often.
fn most_asked(fake: &Fake) -> usize {
    let mut times: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for asked in fake.asked_at(RANGE) {
        *times.entry(asked.parameters["query"].clone()).or_default() += 1;
    }
    times.into_values().max().unwrap_or(0)
}

#[test]
fn the_servers_own_words_reach_the_gap() {
    let body = r#"{"status":"error","errorType":"execution","error":"query processing would load too many samples"}"#;
    for status in [400, 422] {
        let fake = server(move |_, _| Played::json(status, body));
        let reading = ask(&fake);
        assert_eq!(reading.report.status, Status::Answered);
        let gap = gap(&reading, "http.requests");
        assert_eq!(gap.reason, Reason::QueryFailed);
        assert!(gap.detail.contains("too many samples"), "{gap:?}");
        assert_eq!(most_asked(&fake), 1, "a refused query is not asked again");
    }
}

#[test]
fn a_busy_server_is_asked_again_when_it_wishes() {
    let fake = server(|asked, earlier| match earlier {
        0 => Played::json(429, "{}").header("Retry-After", "1"),
        _ => Played::json(200, &matrix(asked)),
    });
    let since = Instant::now();
    assert_eq!(observation(&ask(&fake), "http.requests").values.len(), 1441);
    assert!(since.elapsed() >= Duration::from_secs(1), "{:?}", since.elapsed());
    assert_eq!(fake.asked_at(RANGE).len(), 2);
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_ever_is_given_up_at_once() {
    for wish in ["3600", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let fake = server(move |_, _| Played::json(429, "{}").header("Retry-After", wish));
        assert_eq!(gap(&ask(&fake), "http.requests").reason, Reason::QueryFailed);
        assert_eq!(most_asked(&fake), 1);
    }
}

#[test]
fn passing_troubles_are_outlived() {
    let troubles: [Played; 6] = [
        Played::new(503, "text/plain", "Service Unavailable"),
        Played::new(502, "text/html", "<html>Bad gateway</html>"),
        Played::new(504, "text/html", ""),
        Played::dropped(),
        Played::json(200, r#"{"status":"succ"#).declaring(100),
        Played::json(200, r#"{"status":"success","data":{"result":[{"metric":{}"#),
    ];
    for trouble in troubles {
        let fake = server({
            let trouble = trouble.clone();
            move |asked, earlier| {
                if earlier == 0 { trouble.clone() } else { Played::json(200, &matrix(asked)) }
            }
        });
        let reading = ask(&fake);
        assert_eq!(observation(&reading, "http.requests").values.len(), 1441, "{trouble:?}");
    }
}

#[test]
fn a_trouble_that_stays_is_told_with_the_attempts() {
    let fake = server(|_, _| Played::new(504, "text/html", "<html></html>"));
    let reading = ask(&fake);
    let gap = gap(&reading, "http.requests");
    assert_eq!(gap.reason, Reason::Unreachable);
    assert!(gap.detail.contains("504") && gap.detail.contains("5 attempts"), "{gap:?}");
    assert_eq!(fake.asked_at(RANGE).len(), 5);
}

#[test]
fn a_query_that_hangs_costs_only_itself() {
    let fake = Fake::start(|asked, _| match (asked.path.as_str(), asked.parameters.get("query")) {
        (NAMES, _) => Played::json(
            200,
            r#"{"status":"success","data":["nginx_http_requests_total","redis_blocked_clients"]}"#,
        ),
        (RANGE, Some(query)) if query.contains("redis") => {
            Played::json(200, r#"{"status":"#).declaring(99).then_hang()
        }
        (RANGE, _) => Played::json(200, &matrix(asked)),
        _ => Played::new(404, "text/plain", ""),
    });
    let deadline = Duration::from_secs(2);
    let since = Instant::now();
    let reading = read_window(&Settings::new(&fake.url()).unwrap(), 3600, 60, deadline);
    assert!(since.elapsed() < deadline, "{:?}", since.elapsed());
    assert_eq!(observation(&reading, "http.requests").values.len(), 61);
    assert_eq!(gap(&reading, "redis.blocked_clients").reason, Reason::TimedOut);
}

#[test]
fn answers_beyond_the_limits_are_refused() {
    let declared = server(|_, _| Played::json(200, "{").declaring(1 << 40).then_hang());
    assert_eq!(gap(&ask(&declared), "http.requests").reason, Reason::TooLarge);
    let series = server(|_, _| {
        let series = vec!["{}"; 10_001].join(",");
        Played::json(200, &format!(r#"{{"status":"success","data":{{"result":[{series}]}}}}"#))
    });
    assert_eq!(gap(&ask(&series), "http.requests").reason, Reason::TooLarge);
}

#[test]
fn servers_without_post_or_names_are_read_all_the_same() {
    let fake = Fake::start(|asked, _| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", RANGE | "/api/v1/query")
            if asked.parameters["query"].contains("nginx_http_requests_total") =>
        {
            Played::json(200, &matrix(asked))
        }
        ("GET", RANGE | "/api/v1/query") => {
            Played::json(200, r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#)
        }
        _ => Played::new(405, "text/plain", "Method Not Allowed"),
    });
    let reading = ask(&fake);
    let requests = observation(&reading, "http.requests");
    assert_eq!(requests.origin.query, "sum(rate(nginx_http_requests_total[240s]))");
    assert!(reading.report.notes.iter().any(|note| note.contains("does not list its metrics")));
}

#[test]
fn requests_carry_what_the_settings_say_and_nothing_is_compressed_on_loopback() {
    let fake = server(|asked, _| Played::json(200, &matrix(asked)));
    let mut settings = Settings::new(&fake.url().replace("127.0.0.1", "user:pa%3Ass@127.0.0.1")).unwrap();
    settings.endpoint.headers.push(("X-Scope-OrgID".to_owned(), "tenant-7".into()));
    let reading = read(&settings);
    assert_eq!(observation(&reading, "http.requests").values.last(), (END * 1000, 7.0));
    for asked in fake.asked() {
        assert_eq!(asked.headers["authorization"], "Basic dXNlcjpwYTpzcw==", "user:pa:ss");
        assert_eq!(asked.headers["x-scope-orgid"], "tenant-7");
        assert!(!asked.headers.contains_key("accept-encoding"));
    }
    let shown = format!("{reading:?} {settings:?}");
    assert!(!shown.contains("pa:ss") && !shown.contains("tenant-7"), "{shown}");
    assert_eq!(reading.report.address, fake.url());
}

#[test]
fn a_replaced_token_file_is_read_again() {
    let folder = crate::support::folder();
    let path = folder.path().join("token");
    std::fs::write(&path, "old\n").unwrap();
    let rotated = path.clone();
    let fake = Fake::start(move |asked, _| {
        if asked.headers.get("authorization").map(String::as_str) == Some("Bearer new") {
            return match asked.path.as_str() {
                RANGE => Played::json(200, &matrix(asked)),
                NAMES => Played::json(200, r#"{"status":"success","data":["nginx_http_requests_total"]}"#),
                _ => Played::new(404, "text/plain", ""),
            };
        }
        // The old one expires while it is being used; the new one appears at once, as secret stores do it.
        let fresh = rotated.with_extension(format!("{}", asked.path.len()));
        std::fs::write(&fresh, "new\n").unwrap();
        std::fs::rename(fresh, &rotated).unwrap();
        Played::new(401, "text/plain", "expired")
    });
    let mut settings = Settings::new(&fake.url()).unwrap();
    settings.endpoint.auth = Auth::TokenFile(path);
    observation(&read(&settings), "http.requests");
}

#[test]
fn warnings_make_an_observation_partial() {
    let fake = server(|asked, _| {
        let body =
            matrix(asked).replacen('{', r#"{"warnings":["store b is down"],"infos":["rate of a gauge"],"#, 1);
        Played::json(200, &body)
    });
    let reading = ask(&fake);
    assert_eq!(observation(&reading, "http.requests").notes, ["partial: store b is down"]);
    assert_eq!(reading.report.notes, ["rate of a gauge", "store b is down"]);
}

#[test]
fn own_queries_take_the_place_of_the_catalogues() {
    let fake = server(|asked, _| Played::json(200, &matrix(asked)));
    let mut settings = Settings::new(&fake.url()).unwrap();
    settings.scrape_interval = Some(Duration::from_secs(45));
    settings.bindings.insert(signal("http.requests"), "sum(rate(mine[$rate]))".into());
    let reading = read(&settings);
    assert_eq!(observation(&reading, "http.requests").origin.query, "sum(rate(mine[180s]))");
}

/// Metrics of several servers.
const SEVERAL: &str = r#"{"status":"success","data":["nginx_http_requests_total","pg_stat_activity_count","pg_settings_max_connections",
    "redis_connected_clients","redis_config_maxclients","redis_blocked_clients","pgbouncer_pools_client_waiting_connections"]}"#;

/// A server that knows them and fails one query, if any.
fn failing(query: Option<String>) -> Fake {
    Fake::start(move |asked, _| match asked.path.as_str() {
        NAMES => Played::json(200, SEVERAL),
        RANGE if query.as_ref() == asked.parameters.get("query") => {
            Played::json(422, r#"{"status":"error","errorType":"execution","error":"sabotaged"}"#)
        }
        RANGE => Played::json(200, &matrix(asked)),
        _ => Played::new(404, "text/plain", "404 page not found"),
    })
}

#[test]
fn no_query_takes_another_signal_along() {
    let whole = failing(None);
    let measured = |reading: &SourceResult| -> BTreeSet<SignalId> {
        reading.observations.iter().map(|observation| observation.signal).collect()
    };
    let expected = measured(&ask(&whole));
    let queries: BTreeSet<String> =
        whole.asked_at(RANGE).iter().map(|asked| asked.parameters["query"].clone()).collect();
    assert!(expected.len() >= 4 && queries.len() >= 4, "{expected:?} {queries:?}");
    for query in queries {
        let reading = ask(&failing(Some(query.clone())));
        assert_eq!(reading.report.status, Status::Answered, "{query}");
        let lost: Vec<SignalId> = expected.difference(&measured(&reading)).copied().collect();
        assert!(lost.len() <= 1, "{lost:?} are lost without {query}");
        for signal in lost {
            let told = reading.gaps.iter().filter(|gap| gap.signal == signal);
            assert!(
                told.clone().any(|gap| gap.detail.contains("sabotaged")),
                "{query}: {:?}",
                told.collect::<Vec<_>>()
            );
        }
    }
}
