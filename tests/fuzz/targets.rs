//! The parsers, and what they begin with: the fixtures of the other tests.

use std::{fs, path::PathBuf};

use scale_advisor::{
    assess::Assessment,
    bill::Bill,
    config::{holds_secrets, read_config, redacted},
    foreign::{Foreign, Secrets, without_commands},
    gate::StoredBaseline,
    history::{Format, export, parse_export},
    loadtest,
    postgres::{Settings as Postgres, Surroundings},
    roadmap::{Thresholds, builtin, builtin_ids, read_roadmap},
    signal::{LabelMatcher, parse_duration, parse_quantity},
    snapshot::Snapshot,
    source::{
        http::Endpoint,
        llm::SpendTable,
        prometheus::decode::{Decoder, Limits},
        redis::Settings as Redis,
    },
    tabular::daily::read_daily,
};

/// One parser.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) corpus: fn() -> Vec<Vec<u8>>,
    pub(crate) parse: fn(&[u8]),
}

pub(crate) const TARGETS: &[Target] = &[
    Target { name: "prometheus", corpus: answers, parse: prometheus },
    Target { name: "loadtest", corpus: loadtests, parse: |input| drop(loadtest::read(input)) },
    Target { name: "snapshot", corpus: snapshots, parse: snapshot },
    Target {
        name: "assessment",
        corpus: assessments,
        parse: |input| drop(Assessment::from_json(&text(input))),
    },
    Target { name: "history", corpus: exports, parse: history },
    Target { name: "bill", corpus: bills, parse: bill },
    Target { name: "llm spend", corpus: spends, parse: spend },
    Target { name: "daily", corpus: days, parse: |input| drop(read_daily(&text(input))) },
    Target { name: "roadmap", corpus: roadmaps, parse: |input| drop(read_roadmap(&text(input))) },
    Target { name: "config", corpus: configs, parse: config },
    Target {
        name: "baseline",
        corpus: assessments,
        parse: |input| drop(StoredBaseline::from_json(&text(input))),
    },
    Target { name: "addresses", corpus: addresses, parse: parse_addresses },
    Target { name: "words", corpus: addresses, parse: words },
    Target { name: "foreign", corpus: addresses, parse: foreign },
];

fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

/// In pieces of every size: an answer arrives as it likes.
fn prometheus(input: &[u8]) {
    let size = 1 + input.len() % 7;
    let mut decoder = Decoder::new(Limits::default());
    if input.chunks(size * size).try_for_each(|chunk| decoder.feed(chunk)).is_ok() {
        drop(decoder.finish());
    }
}

fn bill(input: &[u8]) {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
    if let Ok(bill) = Bill::from_focus(input, today) {
        drop(bill.unit_price("vm"));
    }
}

fn bills() -> Vec<Vec<u8>> {
    let head = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,SkuId,\
                ServiceName,PricingQuantity,PricingUnit\n";
    let month = "60,54.5,USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Usage,vm,Compute,730,Hours\n";
    let hour = "1,1,USD,2026-11-01T00:00:00Z,2026-11-01T01:00:00Z,Usage,\"disk, fast\",Storage,2e1,GB-Mo\n";
    let credit = "-5,-5,USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Credit,,,,\n";
    let bill = format!("{head}{month}{hour}{credit}");
    vec![bill.replace(',', ";").into_bytes(), bill.into_bytes()]
}

fn spend(input: &[u8]) {
    let now = chrono::DateTime::from_timestamp(1_795_996_800, 0).unwrap();
    if let Ok(table) = SpendTable::read(input, now) {
        assert!(table.spent.values().flatten().all(|amount| *amount >= 0.0));
    }
}

fn spends() -> Vec<Vec<u8>> {
    let logs = "startTime,model,team_id,spend\n2026-11-20T09:10:00Z,gpt-4o,t1,0.5\n2026-11-20 09:50:00.1,\"a, b\",t2,2e-3\n";
    let days = "date;spend\n2026-11-18;1.5\n2026-11-20;2\n";
    owned(&[logs, days])
}

fn snapshot(input: &[u8]) {
    let Ok(mut snapshot) = Snapshot::from_json(&text(input)) else { return };
    snapshot.pass(&Foreign::default());
    // What was read is written, and read again the same.
    assert_eq!(
        Snapshot::from_json(&snapshot.to_json().replace("snapshot/1", "snapshot/2")).unwrap().gaps,
        snapshot.gaps
    );
}

fn history(input: &[u8]) {
    if let Ok(contents) = parse_export(&text(input)) {
        drop(export(Format::Csv, &contents));
        drop(export(Format::JsonLines, &contents));
    }
}

fn config(input: &[u8]) {
    let text = text(input);
    drop(read_config(&text, &|_| Some("value".to_owned())));
    assert_eq!(redacted(&text).len(), text.len());
    holds_secrets(&text);
    drop(Thresholds::read(&text));
}

fn parse_addresses(input: &[u8]) {
    let text = text(input);
    drop(Endpoint::new(&text).map(|endpoint| endpoint.address()));
    drop(Redis::parse(&text).map(|settings| settings.address()));
    let around = Surroundings { environment: &|_| None, read: &|_| None };
    drop(Postgres::resolve(Some(&text), &around).map(|settings| settings.address()));
}

fn words(input: &[u8]) {
    let text = text(input);
    drop(parse_duration(&text));
    drop(parse_quantity(&text));
    drop(text.parse::<LabelMatcher>());
}

fn foreign(input: &[u8]) {
    let text = text(input);
    let mut secrets = Secrets::default();
    secrets.add(&"hunter2:x@y".into());
    secrets.add_header("Authorization", &text.clone().into());
    let foreign = Foreign::new(secrets);
    for told in [foreign.message(&text), foreign.name(&text)] {
        assert!(!told.contains("hunter2:x@y") && !told.contains('\n'));
        assert_eq!(foreign.message(&told), told);
    }
    assert!(without_commands(&text).lines().all(|line| !line.trim_start().starts_with("::")));
}

fn fixtures(folder: &str) -> Vec<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { paths.push(path) }
        }
    }
    paths.sort();
    paths.into_iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn named(end: &str) -> Vec<Vec<u8>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path().join(end)).collect();
    folders.sort();
    folders.into_iter().filter_map(|path| fs::read(path).ok()).take(12).collect()
}

fn owned(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn answers() -> Vec<Vec<u8>> {
    owned(&[
        r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"a\u00e9"},"values":[[1760000000,"1"],[1760000060.5,"0.25"],[1760000120,"NaN"]]}]},"warnings":["w"],"infos":[]}"#,
        r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1760000000,"1e3"]}]}}"#,
        r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error"}"#,
        r#"{"status":"success","data":{"resultType":"scalar","result":[1760000000,"1"]}}"#,
        r#"{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[{"metric":{"a":"b"},"values":[],"histograms":[[1,{"count":"1","sum":"2","buckets":[[0,"1","2","3"]]}]]}]}}"#,
    ])
}

fn loadtests() -> Vec<Vec<u8>> {
    let mut all = fixtures("tests/fixtures/loadtest");
    all.extend(fixtures("tests/fixtures/cases"));
    all
}

fn snapshots() -> Vec<Vec<u8>> {
    named("snapshot.json")
}

fn assessments() -> Vec<Vec<u8>> {
    named("expected.json")
}

fn exports() -> Vec<Vec<u8>> {
    owned(&[
        "signal,instance,source,query,unit,resolution,start,count,minutes,min,mean,p95,max,last,simulated\n\
         queue.depth,\"a,\"\"b\",redis,LLEN,count,hour,2026-11-20T16:00:00Z,60,60,1,2,3,4,2,\n\
         queue.depth,'=1,redis,LLEN,count,day,2026-11-20T00:00:00Z,1440,1440,1,2,,4,2,\n",
        r#"{"signal":"queue.depth","instance":null,"source":"redis","query":"LLEN","unit":"count","resolution":"hour","start":"2026-11-20T16:00:00Z","count":60,"minutes":60,"min":1.0,"mean":2.0,"p95":null,"max":4.0,"last":2.0,"simulated":null}"#,
        r#"{"at":"2026-11-20T16:40:00Z","assessment":{"schema":"scale-advisor/assessment/2"},"simulated":null}"#,
    ])
}

fn days() -> Vec<Vec<u8>> {
    let mut all = fixtures("tests/fixtures/daily");
    all.extend(owned(&[
        "date;value\n2026-01-01 10:00;1,5\n2026-01-02;2\n",
        "2026-01-01T00:00:00Z,1.5\n2026-01-02, 2\n",
    ]));
    all
}

fn roadmaps() -> Vec<Vec<u8>> {
    builtin_ids().filter_map(builtin).map(|text| text.as_bytes().to_vec()).collect()
}

fn configs() -> Vec<Vec<u8>> {
    let mut all = named("scale-advisor.toml");
    all.push(include_bytes!("../schema/config.toml").to_vec());
    all
}

fn addresses() -> Vec<Vec<u8>> {
    owned(&[
        "http://me:pa%40ss@a:9090/select/0/prometheus/api/v1/query?query=up&api_key=x#y",
        "postgres://u:p%C3%A4ss@[::1]:5432,db2/shop?sslmode=verify-full&options=-c%20x",
        "host=db1,db2 hostaddr=10.0.0.1 port=6432 password='it\\'s \\\\ here' user=a\\ b dbname='' service=x",
        "redis+unix:///run/redis.sock?db=3&pass=x",
        "rediss://user:pw@host:6379/15",
        "1h30m 10ms",
        "99.9%",
        "8GiB/s",
        "1_000/min",
        "namespace=~\"shop-.*\"",
        "env!=dev",
        "::error::x\n ##[error]y hunter2:x@y hunter2%3Ax%40y \u{1b}[2J\u{202e}",
    ])
}
