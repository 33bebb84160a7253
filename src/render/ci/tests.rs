//! Every format with cases of every sort, with text that wants to be more than text, and with too many of them.

use chrono::DateTime;

use super::*;
use crate::signal::Unit;

/// Commands, markup and control characters of every format at once.
const HOSTILE: &str = "a\u{1b}[31m]]>\"'<img src=x>\n::set-output name=x::y\r\n##[error]z|`b`{c}\\ 'd'=1, e: 100%\u{0}\u{202e}@team # EOF";

fn case(id: &str, verdict: Verdict) -> Case {
    Case {
        id: id.to_owned(),
        title: format!("rule {id}"),
        instance: None,
        verdict,
        message: format!("{id} says why"),
        place: Some(Place { file: "plans/ours.toml".to_owned(), line: 7 }),
        built_in: false,
        counts: true,
        repeats: false,
        acknowledged: None,
    }
}

fn cases(cases: Vec<Case>) -> Cases {
    Cases {
        version: "1.2.3".to_owned(),
        subject: "Our service".to_owned(),
        headline: "Something runs out".to_owned(),
        at: DateTime::from_timestamp(1_795_192_800, 0).unwrap(),
        fail_on: Some(Verdict::Warning),
        notes: Vec::new(),
        cases,
        measures: Vec::new(),
    }
}

fn everything() -> Cases {
    let tolerated = |verdict| Case { counts: false, ..case("tolerated", verdict) };
    let accepted =
        Case { acknowledged: Some("until March".to_owned()), ..case("accepted", Verdict::Critical) };
    cases(vec![
        case("fine", Verdict::Ok),
        case("unclear", Verdict::Unknown),
        tolerated(Verdict::Unknown),
        Case { instance: Some("intent".to_owned()), ..case("low", Verdict::Warning) },
        Case { repeats: true, ..case("again", Verdict::Warning) },
        accepted,
        case("full", Verdict::Critical),
    ])
}

fn hostile() -> Cases {
    let text = || HOSTILE.to_owned();
    let every = [Verdict::Ok, Verdict::Unknown, Verdict::Warning, Verdict::Critical].map(|verdict| Case {
        title: text(),
        instance: Some(text()),
        message: text(),
        place: Some(Place { file: text(), line: 1 }),
        acknowledged: (verdict == Verdict::Unknown).then(text),
        ..case(HOSTILE, verdict)
    });
    let value = Quantity::new(0.07, Unit::Ratio).unwrap();
    Cases {
        version: text(),
        subject: text(),
        headline: text(),
        notes: vec![text()],
        measures: vec![Measure { label: text(), value }],
        ..cases(every.to_vec())
    }
}

#[track_caller]
fn no_control_characters(text: &str) {
    let found = text.chars().find(|c| *c != '\n' && (c.is_control() || *c == '\u{202e}'));
    assert_eq!(found, None, "{text:?}");
}

#[test]
fn the_worst_comes_first_and_nothing_twice() {
    let all = everything();
    let told: Vec<&str> = all.told().iter().map(|case| case.id.as_str()).collect();
    assert_eq!(told, ["full", "low", "unclear", "tolerated", "accepted"]);
    assert_eq!(all.tally(), "1 critical, 1 warning, 2 unknown");
}

#[test]
fn junit_never_lets_the_unknown_pass() {
    let xml = render_cases(CiFormat::Junit, &everything());
    assert!(xml.contains("tests=\"7\" skipped=\"2\" failures=\"3\" errors=\"1\""), "{xml}");
    assert!(xml.contains("<error message=\"unclear says why\" type=\"unknown\"/>"), "{xml}");
    assert!(xml.contains("<skipped message=\"tolerated says why\" type=\"unknown\"/>"), "{xml}");
    assert!(xml.contains("<skipped message=\"acknowledged: until March: accepted says why\""), "{xml}");
    assert!(xml.contains("<failure message=\"intent: low says why\" type=\"warning\"/>"), "{xml}");
}

#[test]
fn junit_tells_of_a_warning_below_what_fails() {
    let xml =
        render_cases(CiFormat::Junit, &cases(vec![Case { counts: false, ..case("low", Verdict::Warning) }]));
    assert!(xml.contains("failures=\"0\"") && xml.contains("<system-out>warning: low says why"), "{xml}");
}

#[test]
fn junit_escapes_what_xml_would_read() {
    let xml = render_cases(CiFormat::Junit, &hostile());
    no_control_characters(&xml);
    assert!(!xml.contains("<img") && !xml.contains("]]>"), "{xml}");
}

#[test]
fn sarif_points_from_results_to_rules() {
    let log: serde_json::Value = serde_json::from_str(&render_cases(CiFormat::Sarif, &everything())).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 7);
    }
    let levels: Vec<&str> = results.iter().map(|result| result["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "warning", "warning", "note", "note"]);
    assert_eq!(results[4]["suppressions"][0]["justification"], "until March");
    assert_eq!(results[0].get("suppressions"), None);
}

#[test]
fn a_fingerprint_stays_when_the_numbers_change() {
    let first = case("full", Verdict::Critical);
    let later = Case { message: "other".to_owned(), verdict: Verdict::Warning, ..first.clone() };
    let other = Case { instance: Some("b".to_owned()), ..first.clone() };
    assert_eq!(first.fingerprint(), later.fingerprint());
    assert_ne!(first.fingerprint(), other.fingerprint());
}

#[test]
fn gitlab_gets_its_fields() {
    let issues: serde_json::Value =
        serde_json::from_str(&render_cases(CiFormat::Gitlab, &everything())).unwrap();
    let severities: Vec<&str> =
        issues.as_array().unwrap().iter().map(|issue| issue["severity"].as_str().unwrap()).collect();
    assert_eq!(severities, ["critical", "major", "minor", "minor", "info"]);
    assert_eq!(issues[0]["location"]["path"], "plans/ours.toml");
    assert_eq!(issues[0]["location"]["lines"]["begin"], 7);
    assert_eq!(issues[0]["fingerprint"].as_str().unwrap().len(), 64);
    assert_eq!(render_cases(CiFormat::Gitlab, &cases(vec![case("fine", Verdict::Ok)])), "[]\n");
    let nowhere = cases(vec![Case { place: None, ..case("full", Verdict::Critical) }]);
    assert!(render_cases(CiFormat::Gitlab, &nowhere).contains("\"path\": \"scale-advisor.toml\""));
}

#[test]
fn json_formats_carry_hostile_text_as_text() {
    for format in [CiFormat::Sarif, CiFormat::Gitlab] {
        let json = render_cases(format, &hostile());
        no_control_characters(&json);
        assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
    }
}

#[test]
fn github_gets_one_command_a_line() {
    let commands = render_cases(CiFormat::Github, &everything());
    let lines: Vec<&str> = commands.lines().collect();
    assert_eq!(
        lines,
        [
            "::error file=plans/ours.toml,line=7,title=critical full::full says why",
            "::warning file=plans/ours.toml,line=7,title=warning low::intent: low says why",
            "::warning file=plans/ours.toml,line=7,title=unknown unclear::unclear says why",
            "::notice file=plans/ours.toml,line=7,title=unknown tolerated::tolerated says why",
            "::notice file=plans/ours.toml,line=7,title=critical accepted::acknowledged: until March: accepted says why",
            "::notice title=scale-advisor::critical: Something runs out (1 critical, 1 warning, 2 unknown)",
        ]
    );
}

#[test]
fn github_obeys_no_foreign_command() {
    let commands = render_cases(CiFormat::Github, &hostile());
    no_control_characters(&commands);
    for line in commands.lines() {
        let command = line.split_whitespace().next().unwrap();
        assert!(["::error", "::warning", "::notice"].contains(&command), "{line}");
        // The properties end at the first two colons that stand together: none of ours holds any.
        let (properties, message) = line[2..].split_once("::").unwrap();
        assert_eq!(
            properties.matches(',').count(),
            if properties.contains("file=") { 2 } else { 0 },
            "{line}"
        );
        assert!(message.contains("100%25"), "{line}");
    }
}

#[test]
fn github_shows_ten_of_a_level_so_the_tenth_counts_the_rest() {
    let many = |verdict, count| (0..count).map(move |number| case(&format!("r{number}"), verdict));
    let commands = render_cases(
        CiFormat::Github,
        &cases(many(Verdict::Critical, 12).chain(many(Verdict::Warning, 10)).collect()),
    );
    let of = |command: &str| commands.lines().filter(|line| line.starts_with(command)).count();
    assert_eq!((of("::error"), of("::warning"), of("::notice")), (10, 10, 1));
    assert!(commands.contains("::error title=scale-advisor::and 3 more, see"), "{commands}");
}

#[test]
fn a_summary_stays_below_its_limit_and_counts_what_it_leaves_out() {
    const LIMIT: usize = 1 << 20;
    let long = |number| Case {
        message: format!("{number} {}", "|<@x>".repeat(900)),
        ..case(&format!("r{number}"), Verdict::Warning)
    };
    let all = cases((0..600).map(long).collect());
    let summary = github_summary(&all, LIMIT);
    assert!(summary.len() <= LIMIT && summary.len() > LIMIT - 10_000, "{}", summary.len());
    let shown = summary.lines().filter(|line| line.starts_with("| warning |")).count();
    assert!((1..600).contains(&shown), "{shown}");
    assert!(summary.contains(&format!("…and {} more that do not fit", 600 - shown)));
    let short = cases((0..500).map(|number| case(&format!("r{number}"), Verdict::Warning)).collect());
    let summary = github_summary(&short, LIMIT);
    assert_eq!(summary.lines().filter(|line| line.starts_with("| warning |")).count(), 500);
    assert!(!summary.contains("more that do not fit"));
    assert_eq!(github_summary(&all, 10), "");
}

#[test]
fn a_summary_shows_hostile_text_as_text() {
    let summary = github_summary(&hostile(), 1 << 20);
    no_control_characters(&summary);
    assert!(!summary.contains("<img") && !summary.contains("@team"), "{summary}");
    let rows: Vec<&str> = summary.lines().filter(|line| line.starts_with("| ")).collect();
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 4, "{row}");
    }
}

#[test]
fn nagios_has_codes_of_its_own() {
    let code = |verdict| nagios_code(&cases(vec![case("fine", Verdict::Ok), case("x", verdict)]));
    assert_eq!([Verdict::Ok, Verdict::Warning, Verdict::Critical, Verdict::Unknown].map(code), [0, 1, 2, 3]);
    assert_eq!(nagios_code(&cases(Vec::new())), 3);
    // Below what fails the run, or accepted, nobody is paged.
    let tolerated = Case { counts: false, ..case("x", Verdict::Warning) };
    assert_eq!(nagios_code(&cases(vec![tolerated.clone()])), 0);
    assert_eq!(nagios_code(&Cases { fail_on: None, ..cases(vec![tolerated]) }), 1);
    let accepted = Case { acknowledged: Some("known".to_owned()), ..case("x", Verdict::Critical) };
    assert_eq!(nagios_code(&cases(vec![accepted])), 0);
}

#[test]
fn nagios_reads_one_line_and_its_graphs() {
    let value = |value, unit| Quantity::new(value, unit).unwrap();
    let measures = vec![
        Measure { label: "host.cpu".to_owned(), value: value(0.07, Unit::Ratio) },
        Measure { label: "it's".to_owned(), value: value(1.5, Unit::Seconds) },
        Measure { label: "redis.memory_used".to_owned(), value: value(1024.0, Unit::Bytes) },
        Measure { label: "users".to_owned(), value: value(3.0, Unit::Count) },
    ];
    let text = render_cases(CiFormat::Nagios, &Cases { measures, ..everything() });
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "SCALE-ADVISOR CRITICAL - Something runs out (1 critical, 1 warning, 2 unknown) | 'host.cpu'=7% 'it''s'=1.5s \
         'redis.memory_used'=1024B 'users'=3"
    );
    assert_eq!(lines[1], "CRITICAL full: full says why");
}

#[test]
fn nagios_keeps_hostile_text_out_of_graphs_and_lines() {
    let text = render_cases(CiFormat::Nagios, &hostile());
    no_control_characters(&text);
    assert_eq!(text.matches('|').count(), 1, "{text}");
    assert!(!text.contains('<'), "{text}");
    let (_, graphs) = text.lines().next().unwrap().split_once(" | ").unwrap();
    assert_eq!(graphs.matches('=').count(), 1, "{graphs}");
    assert_eq!(nagios_failure("a\nb|c"), "SCALE-ADVISOR UNKNOWN - a\u{fffd}b¦c\n");
}
