//! A server of which a part does not answer: what it leaves out is told, and never taken for all there is.

use serde_json::Value;

use crate::{
    check::program::Project,
    support::fake::{Asked, Fake, Played},
};

const RANGE: &str = "/api/v1/query_range";
const NAMES: &str = "/api/v1/label/__name__/values";

/// One service with a sample at each instant asked for; `beside` stands beside the data.
fn matrix(asked: &Asked, beside: &str) -> String {
    let number = |name: &str| asked.parameters[name].parse::<i64>().unwrap();
    let (start, end, step) = (number("start"), number("end"), number("step"));
    let points = (0..=(end - start) / step).map(|index| format!(r#"[{},"7"]"#, start + index * step));
    let points = points.collect::<Vec<_>>().join(",");
    format!(
        r#"{{"status":"success",{beside}"data":{{"resultType":"matrix","result":[{{"metric":{{"service":"shop"}},"values":[{points}]}}]}}}}"#
    )
}

/// A server of connections. `beside` says what stands beside the answer to a query.
fn server(beside: impl Fn(&Asked) -> &'static str + Send + Sync + 'static) -> Fake {
    Fake::start(move |asked, _| match asked.path.as_str() {
        NAMES => Played::json(200, r#"{"status":"success","data":["websocket_active_connections"]}"#),
        RANGE => Played::json(200, &matrix(asked, beside(asked))),
        _ => Played::new(404, "text/plain", "404 page not found"),
    })
}

fn is_discovery(asked: &Asked) -> bool {
    asked.parameters["query"].contains("__name__=~")
}

fn check(fake: &Fake, flags: &str) -> (i32, String, String) {
    check_as("json", fake, flags)
}

fn check_as(format: &str, fake: &Fake, flags: &str) -> (i32, String, String) {
    let project = Project::new(&format!("[sources.prometheus]\nurl = \"{}\"\n", fake.url()));
    let run = project.run(&format!(
        "fleet check --by service -q --at 2025-10-09T08:53:40Z --fail-on warning -o {format} {flags}"
    ));
    (run.code, run.out, run.err)
}

#[test]
fn a_partial_answer_makes_a_service_unknown() {
    for beside in [r#""isPartial":true,"#, r#""warnings":["store-2: connection refused"],"#] {
        let fake = server(move |asked| if is_discovery(asked) { "" } else { beside });
        let (code, out, err) = check(&fake, "");
        assert_eq!((code, err.as_str()), (3, ""), "{out}");
        let row: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(row["verdict"], "unknown", "{row:#}");
        assert!(out.contains("the answer is partial: s"), "{row:#}");
    }
}

#[test]
fn services_that_a_partial_answer_leaves_out_are_not_forgotten() {
    let fake = server(|_| r#""isPartial":true,"#);
    let (code, _, err) = check(&fake, "");
    assert!(code == 2 && err.contains("the answer is partial"), "{code} {err}");
}

#[test]
fn servers_are_told_to_refuse_what_is_partial() {
    let refuses = |asked: &Asked| {
        asked.parameters.get("partial_response").is_some_and(|value| value == "false")
            && asked.parameters.get("deny_partial_response").is_some_and(|value| value == "1")
    };
    let fake = server(move |asked| if refuses(asked) { "" } else { r#""isPartial":true,"# });
    let (code, out, err) = check(&fake, "");
    assert!(code == 3 && !out.contains("the answer is partial"), "{code} {out} {err}");
}

#[test]
fn a_budget_needs_a_server_that_counts() {
    let fake = server(|_| "");
    let (code, _, err) = check(&fake, "--max-samples 1000000");
    assert!(code == 2 && err.contains("does not say how many samples"), "{code} {err}");
}

#[test]
fn samples_of_refused_answers_count() {
    let fake = Fake::start(|asked, _| match asked.path.as_str() {
        NAMES => Played::json(200, r#"{"status":"success","data":["websocket_active_connections"]}"#),
        RANGE => {
            let (beside, read) =
                if is_discovery(asked) { ("", 10) } else { (r#""isPartial":true,"#, 1_000_000) };
            let stats = format!(r#""data":{{"stats":{{"samples":{{"totalQueryableSamples":{read}}}}},"#);
            Played::json(200, &matrix(asked, beside).replace(r#""data":{"#, &stats))
        }
        _ => Played::new(404, "text/plain", "404 page not found"),
    });
    let (_, out, err) = check_as("text", &fake, "--max-samples 1000000000");
    let (before, _) = out.split_once(" samples read").expect(&err);
    let read = before.rsplit(' ').next().unwrap().replace(',', "").parse::<u64>().unwrap();
    assert!(read >= 1_000_000, "{out}");
}
