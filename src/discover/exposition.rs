//! Reads what an exporter answers at `/metrics`: the text format of Prometheus, and OpenMetrics.

use std::collections::BTreeMap;

use super::{Inventory, Metric, MetricKind, MetricSeries};

/// Reads an exposition. Lines that are none are left out; each series has one sample, at `at_ms`.
pub fn read_exposition(text: &str, at_ms: i64) -> Inventory {
    let mut declared: BTreeMap<String, (MetricKind, String)> = BTreeMap::new();
    let mut series: BTreeMap<String, Vec<MetricSeries>> = BTreeMap::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            declare(comment.trim_start(), &mut declared);
        } else if let Some((name, labels, value)) = sample(line)
            && value.is_finite()
        {
            series.entry(name).or_default().push(MetricSeries { labels, samples: vec![(at_ms, value)] });
        }
    }
    let metrics = series
        .keys()
        .map(|name| {
            let (kind, help) = declaration(name, &declared);
            Metric { name: name.clone(), kind, help }
        })
        .collect();
    Inventory { metrics, series }
}

fn declare(comment: &str, declared: &mut BTreeMap<String, (MetricKind, String)>) {
    let mut parts = comment.splitn(3, ' ');
    let (Some(what), Some(name), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return };
    let entry = declared.entry(name.trim_matches('"').to_owned()).or_default();
    match what {
        "TYPE" => entry.0 = MetricKind::from_word(rest.trim()),
        "HELP" => rest.clone_into(&mut entry.1),
        _ => {}
    }
}

/// The ends of names that a family's declaration does not have.
const ENDS: [&str; 6] = ["_total", "_bucket", "_count", "_sum", "_created", "_info"];

/// What is declared of a metric, or of the family that it is a part of.
pub fn declaration(name: &str, declared: &BTreeMap<String, (MetricKind, String)>) -> (MetricKind, String) {
    if let Some((kind, help)) = declared.get(name) {
        return (*kind, help.clone());
    }
    for end in ENDS {
        let Some((kind, help)) = name.strip_suffix(end).and_then(|base| declared.get(base)) else { continue };
        let fits = match kind {
            MetricKind::Counter => end == "_total" || end == "_created",
            MetricKind::Distribution => end != "_total",
            MetricKind::Gauge | MetricKind::Unknown => false,
        };
        if fits {
            return (*kind, help.clone());
        }
    }
    Default::default()
}

type Labels = BTreeMap<String, String>;

/// `name{label="value"} 1 [timestamp]`, also `{"name", label="value"} 1`.
fn sample(line: &str) -> Option<(String, Labels, f64)> {
    let open = line.find('{').filter(|open| line.find(char::is_whitespace).is_none_or(|space| *open < space));
    let (mut name, labels, rest) = if let Some(open) = open {
        let (labels, quoted, rest) = labels(&line[open + 1..])?;
        let name = if open == 0 { quoted? } else { line[..open].to_owned() };
        (name, labels, rest)
    } else {
        let (name, rest) = line.split_once(char::is_whitespace)?;
        (name.to_owned(), Labels::new(), rest)
    };
    let value = rest.split_whitespace().next()?;
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        value => value.parse().ok()?,
    };
    name.truncate(name.trim_end().len());
    (!name.is_empty()).then_some((name, labels, value))
}

/// The labels up to the closing bracket, a quoted name among them, and what follows.
fn labels(text: &str) -> Option<(Labels, Option<String>, &str)> {
    let (mut labels, mut quoted) = (Labels::new(), None);
    let mut rest = text.trim_start();
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, quoted, after));
        }
        if let Some(after) = rest.strip_prefix('"') {
            let (key, after) = quoted_text(after)?;
            if let Some(after) = after.trim_start().strip_prefix("=\"") {
                let (value, after) = quoted_text(after)?;
                labels.insert(key, value);
                rest = after;
            } else {
                quoted = Some(key);
                rest = after;
            }
            continue;
        }
        let (key, after) = rest.split_once('=')?;
        let (value, after) = quoted_text(after.trim_start().strip_prefix('"')?)?;
        labels.insert(key.trim().to_owned(), value);
        rest = after;
    }
}

/// A text up to its closing quote, and what follows.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[index + 1..])),
            '\\' => match letters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exposition_is_read_with_types_labels_and_escapes() {
        let text = "# HELP a_b Some text\n# TYPE a_b gauge\na_b{x=\"1,}\\\"\",y=\"z\"} 3 1700000000\n\
                    # TYPE c counter\nc_total 5\n{\"d.e\", \"f.g\"=\"h\"} 7\nnonsense\na_b{x=\"2\"} NaN\n";
        let inventory = read_exposition(text, 1);
        let names: Vec<(&str, MetricKind)> =
            inventory.metrics.iter().map(|metric| (metric.name.as_str(), metric.kind)).collect();
        assert_eq!(
            names,
            [("a_b", MetricKind::Gauge), ("c_total", MetricKind::Counter), ("d.e", MetricKind::Unknown)]
        );
        let series = &inventory.series["a_b"];
        assert_eq!(series.len(), 1);
        assert_eq!(series[0].labels["x"], "1,}\"");
        assert_eq!(series[0].samples, [(1, 3.0)]);
        assert_eq!(inventory.series["d.e"][0].labels["f.g"], "h");
        assert_eq!(inventory.metrics[0].help, "Some text");
    }
}
