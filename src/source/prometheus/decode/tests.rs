//! The decoder against serde_json, and against everything that is not an answer.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn decode(text: &[u8]) -> Result<Answer, DecodeError> {
    decode_in_chunks(text, &[text.len().max(1)])
}

/// Feeds the text in chunks of the given sizes, over and over.
fn decode_in_chunks(text: &[u8], sizes: &[usize]) -> Result<Answer, DecodeError> {
    let mut decoder = Decoder::new(Limits::default());
    let mut rest = text;
    for size in sizes.iter().cycle() {
        let (chunk, behind) = rest.split_at((*size).min(rest.len()));
        decoder.feed(chunk)?;
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    decoder.finish()
}

#[derive(serde::Deserialize)]
struct Reference {
    data: ReferenceData,
}

#[derive(serde::Deserialize)]
struct ReferenceData {
    result: Vec<ReferenceSeries>,
}

#[derive(serde::Deserialize)]
struct ReferenceSeries {
    metric: BTreeMap<String, String>,
    values: Vec<(f64, String)>,
}

impl ReferenceSeries {
    fn finite(&self) -> (Vec<i64>, Vec<u64>) {
        let parsed = self.values.iter().map(|(at, value)| (*at, value.parse::<f64>().unwrap()));
        let finite = parsed.filter(|(_, value)| value.is_finite());
        finite.map(|(at, value)| (whole_milliseconds(at), value.to_bits())).unzip()
    }

    fn count(&self, wanted: impl Fn(f64) -> bool) -> u64 {
        self.values.iter().filter(|(_, value)| wanted(value.parse().unwrap())).count() as u64
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the times are of this era")]
fn whole_milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

fn assert_same(answer: &Answer, text: &str) {
    let reference: Reference = serde_json::from_str(text).unwrap();
    assert_eq!(answer.series.len(), reference.data.result.len());
    for (series, expected) in answer.series.iter().zip(&reference.data.result) {
        let labels: BTreeMap<String, String> = series.labels.iter().cloned().collect();
        assert_eq!(labels, expected.metric);
        let bits: Vec<u64> = series.samples.values.iter().map(|value| value.to_bits()).collect();
        assert_eq!((series.samples.at_ms.clone(), bits), expected.finite());
        assert_eq!(series.samples.nan, expected.count(f64::is_nan));
        assert_eq!(series.samples.infinite, expected.count(f64::is_infinite));
    }
}

/// Every notation of a number that a server might choose.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "-?[0-9]{1,20}(\\.[0-9]{1,20})?",
        4 => "[0-9]{1,4}\\.[0-9]{12,16}",
        2 => any::<f64>().prop_map(|value| value.to_string().replace("inf", "Inf")),
        2 => (0u64..1 << 54, 0usize..24).prop_map(|(mantissa, scale)| format!("{mantissa}e-{scale}")),
        1 => any::<f64>().prop_map(|value| format!("{value:e}")),
        1 => any::<i64>().prop_map(|value| value.to_string()),
        1 => "0\\.[0-9]{1,24}",
        1 => prop::sample::select(vec!["NaN", "+Inf", "-Inf", "0", "-0", "1e999", "1e-999", "9007199254740993"])
            .prop_map(str::to_owned),
    ]
}

fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0u64..4_000_000_000).prop_map(|seconds| seconds.to_string()),
        2 => (0u64..4_000_000_000, "[0-9]{1,3}").prop_map(|(seconds, decimals)| format!("{seconds}.{decimals}")),
        1 => (0u64..4_000_000_000).prop_map(|seconds| format!("{}e0", seconds as f64)),
    ]
}

/// An answer as text, compact or with blanks, with the keys of each object in either order.
fn answer_text() -> impl Strategy<Value = String> {
    let points = prop::collection::vec((time(), value()), 0..40);
    let labels = prop::collection::btree_map("[a-z_\"\\\\\n\u{e9}\u{1f600}]{0,6}", "\\PC{0,6}", 0..4);
    let series = prop::collection::vec((labels, points), 0..5);
    (series, any::<[bool; 4]>()).prop_map(|(series, [blanks, values_first, result_first, escaped])| {
        let blank = if blanks { " \n" } else { "" };
        let quote = |text: &String| {
            let quoted = serde_json::to_string(text).unwrap();
            if escaped { quoted.replace('e', "\\u0065").replace('/', "\\/") } else { quoted }
        };
        let object = |mut pairs: Vec<String>, reverse: bool| {
            if reverse {
                pairs.reverse();
            }
            format!("{{{blank}{}{blank}}}", pairs.join(&format!("{blank},{blank}")))
        };
        let list =
            |items: Vec<String>| format!("[{blank}{}{blank}]", items.join(&format!("{blank},{blank}")));
        let series = series.iter().map(|(labels, points)| {
            let labels =
                labels.iter().map(|(name, value)| format!("{}{blank}:{}", quote(name), quote(value)));
            let points = points.iter().map(|(at, value)| list(vec![at.clone(), format!("\"{value}\"")]));
            let metric = format!("\"metric\":{}", object(labels.collect(), false));
            let values = format!("\"values\":{blank}{}", list(points.collect()));
            let unknown = "\"exemplars\":[{\"a\":[1,null,true]}]".to_owned();
            object(vec![metric, unknown, values], values_first)
        });
        let result = format!("\"result\":{}", list(series.collect()));
        let data = object(vec!["\"resultType\":\"matrix\"".to_owned(), result], result_first);
        object(vec!["\"status\":\"success\"".to_owned(), format!("\"data\":{data}")], result_first)
    })
}

proptest! {
    #[test]
    fn answers_are_read_as_serde_json_reads_them(text in answer_text()) {
        let answer = decode(text.as_bytes()).unwrap();
        prop_assert_eq!(&answer.status, "success");
        prop_assert_eq!(answer.result_type.as_deref(), Some("matrix"));
        assert_same(&answer, &text);
    }

    #[test]
    fn chunks_make_no_difference(text in answer_text(), sizes in prop::collection::vec(1usize..300, 1..8)) {
        prop_assert_eq!(decode_in_chunks(text.as_bytes(), &sizes), decode(text.as_bytes()));
    }

    #[test]
    fn damage_is_found_at_the_same_place_however_it_arrives(
        text in answer_text(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        sizes in prop::collection::vec(1usize..50, 1..5),
    ) {
        let mut text = text.into_bytes();
        let place = place.index(text.len());
        text[place] = byte;
        let decoded = decode(&text);
        prop_assert_eq!(&decode_in_chunks(&text, &sizes), &decoded);
        match decoded {
            Ok(_) => prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&text).is_ok()),
            Err(error) => prop_assert!(error.offset <= text.len() as u64),
        }
    }

    #[test]
    fn a_part_is_never_an_answer(text in answer_text(), place in any::<prop::sample::Index>()) {
        let part = &text.as_bytes()[..place.index(text.len())];
        let error = DecodeError { offset: part.len() as u64, kind: FaultKind::Truncated };
        prop_assert_eq!(decode(part), Err(error));
    }

    #[test]
    fn anything_else_is_an_error(text in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(decode(&text).is_err());
    }
}

#[track_caller]
fn check_fault(text: &str, offset: u64, words: &str) {
    let error = decode(text.as_bytes()).unwrap_err();
    assert_eq!(error.offset, offset, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn faults_name_the_place() {
    check_fault("<html>", 0, "not JSON");
    check_fault(r#"{"status":"success"} x"#, 21, "nothing after the end");
    check_fault(r#"{"status":01}"#, 10, "a number");
    check_fault(r#"{"data":{"result":[{"values":[[1,"x"]]}]}}"#, 33, "a number as the value");
    check_fault(r#"{"data":{"result":[{"values":[[1]]}]}}"#, 32, "a time and a value");
    check_fault(r#"{"data":{"result":[{"values":[[1e300,"1"]]}]}}"#, 31, "a time in this era");
    check_fault(r#"{"a":["\ud800"]}"#, 6, "an escape");
    check_fault("{\"a\":\"\u{1}\"}", 5, "control character");
    check_fault(&format!("{{\"a\":{}", "[".repeat(40)), 36, "too deeply");
    check_fault("[1,2]", 0, "an answer to a query");
}

#[test]
fn limits_hold() {
    let text = r#"{"data":{"result":[{},{},{}]}}"#;
    let mut decoder = Decoder::new(Limits { series: 2, ..Limits::default() });
    let error = decoder.feed(text.as_bytes()).unwrap_err();
    assert_eq!(error.kind, FaultKind::TooManySeries { limit: 2 });

    let mut decoder = Decoder::new(Limits { bytes: 10, ..Limits::default() });
    decoder.feed(b"{\"data\"").unwrap();
    let error = decoder.feed(b":{\"x\":1}").unwrap_err();
    assert_eq!(error, DecodeError { offset: 10, kind: FaultKind::TooLarge { limit: 10 } });

    let endless = format!("{{\"a\":\"{}", "x".repeat(300_000));
    assert_eq!(decode(endless.as_bytes()).unwrap_err().kind, FaultKind::TooLong);
}

#[test]
fn vectors_scalars_strings_and_errors_are_understood() {
    let vector = r#"{"status":"success","data":{"resultType":"vector","result":[
        {"metric":{"a":"b"},"value":[1795192530.370,"+Inf"]},{"metric":{},"value":[1,"2"]}]}}"#;
    let answer = decode(vector.as_bytes()).unwrap();
    assert_eq!(answer.series[0].samples.infinite, 1);
    assert_eq!((answer.series[1].samples.at_ms[0], answer.series[1].samples.values[0]), (1000, 2.0));

    let scalar = decode(br#"{"data":{"result":[1795192530.625,"1.5"],"resultType":"scalar"}}"#).unwrap();
    assert_eq!(scalar.series[0].samples.at_ms, [1_795_192_530_625]);
    let string = decode(br#"{"data":{"resultType":"string","result":[1,"abc"]}}"#).unwrap();
    assert_eq!((string.text.as_deref(), string.series.len()), (Some("abc"), 0));

    let error =
        r#"{"status":"error","errorType":"bad_data","error":"1:5: \"(\"","warnings":["w"],"infos":["i"]}"#;
    let error = decode(error.as_bytes()).unwrap();
    assert_eq!((error.status.as_str(), error.error_type.as_deref()), ("error", Some("bad_data")));
    assert_eq!(error.error.as_deref(), Some("1:5: \"(\""));
    assert_eq!((error.warnings, error.infos), (vec!["w".to_owned()], vec!["i".to_owned()]));
}

#[test]
fn native_histograms_are_noticed_and_other_keys_passed_over() {
    let text = r#"{"isPartial":true,"stats":{"a":[1]},"data":{"resultType":"matrix","result":[
        {"metric":{"a":"1"},"histograms":[[1,{"count":"3","buckets":[[0,"1","2","3"]]}]]},
        {"metric":{"a":"2"},"values":[[1,"2"]],"histograms":[]}]}}"#;
    let answer = decode(text.as_bytes()).unwrap();
    assert!(answer.partial && answer.series[0].histograms && answer.series[1].histograms);
    assert_eq!((answer.series[0].samples.values.len(), answer.series[1].samples.values.len()), (0, 1));
}

#[test]
fn the_samples_that_a_server_read_are_known_wherever_they_stand() {
    let stats = r#""stats":{"timings":{"evalTotalTime":0.1,"totalQueryableSamples":9},"samples":{"peakSamples":5,"totalQueryableSamplesPerStep":[[1,2]],"totalQueryableSamples":1234}}"#;
    let result = r#""resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]]}]"#;
    for data in [format!("{stats},{result}"), format!("{result},{stats}")] {
        let answer = decode(format!(r#"{{"status":"success","data":{{{data}}}}}"#).as_bytes()).unwrap();
        assert_eq!(
            (answer.samples_read, answer.series[0].samples.values.as_slice()),
            (Some(1234), &[2.0][..])
        );
    }
    let others = r#"{"status":"success","stats":{"seriesFetched":"3"},"data":{"stats":null,"resultType":"matrix","result":[]}}"#;
    assert_eq!(decode(others.as_bytes()).unwrap().samples_read, None);
}

#[test]
fn null_is_as_good_as_nothing_said() {
    let text = r#"{"status":"success","errorType":null,"error":null,"warnings":null,"infos":null,"isPartial":null,"stats":null,
        "data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]]}],"stats":{"samples":null}}}"#;
    let answer = decode(text.as_bytes()).unwrap();
    assert_eq!((answer.missing(), answer.samples_read, answer.series.len()), (None, None, 1));
}

#[test]
fn remarks_on_a_query_are_no_missing_data() {
    let answer = |warning: &str| Answer { warnings: vec![warning.to_owned()], ..Answer::default() };
    assert_eq!(answer("PromQL warning: encountered a mix of histograms and floats").missing(), None);
    assert_eq!(
        answer("store-2: connection refused").missing().as_deref(),
        Some("store-2: connection refused")
    );
    assert!(Answer { partial: true, ..Answer::default() }.missing().is_some());
}
