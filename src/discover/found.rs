//! A resource that was found, and the queries that read it.

use super::{
    Labels,
    candidate::Confidence,
    lexicon::{NamedUnit, kind_of_thing, unit},
    words::words,
};

/// A metric, or those of its series that a label chooses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// The metric.
    pub metric: String,
    /// Labels and their values.
    pub matchers: Vec<(String, String)>,
}

/// How a resource is computed from metrics.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// A usage and its limit.
    Pair {
        /// What is used.
        usage: Term,
        /// The limit.
        limit: Term,
        /// Whether several series of the usage are added.
        summed: bool,
    },
    /// The whole less what is left of it.
    Free {
        /// What is left.
        free: Term,
        /// The whole.
        total: Term,
    },
    /// What is used, of that and what is left.
    Parts {
        /// What is used.
        used: Term,
        /// What is left.
        free: Term,
        /// What is neither and belongs to the whole.
        rest: Vec<Term>,
    },
    /// What is left may not fall to a floor: the floor as a share of it.
    Floor {
        /// What is left.
        free: Term,
        /// The floor.
        floor: Term,
    },
    /// A share of use.
    Share {
        /// The share.
        share: Term,
        /// What counts as all: 1 or 100.
        scale: f64,
        /// Whether it is the free share.
        free: bool,
    },
}

impl Term {
    /// A metric as a whole.
    pub(super) fn whole(metric: &str) -> Self {
        Self { metric: metric.to_owned(), matchers: Vec::new() }
    }

    /// A selector in PromQL, with further labels.
    fn selector(&self, labels: &Labels) -> String {
        let matchers: Vec<String> = self
            .matchers
            .iter()
            .map(|(name, value)| (name, value))
            .chain(labels)
            .map(|(name, value)| format!("{}={}", label_name(name), quoted(value)))
            .collect();
        match (is_plain(&self.metric), matchers.is_empty()) {
            (true, true) => self.metric.clone(),
            (true, false) => format!("{}{{{}}}", self.metric, matchers.join(",")),
            (false, true) => format!("{{{}}}", quoted(&self.metric)),
            (false, false) => format!("{{{},{}}}", quoted(&self.metric), matchers.join(",")),
        }
    }
}

/// Whether a name needs no quotes in PromQL.
fn is_plain(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_' || first == ':')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':')
}

fn label_name(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

impl Form {
    /// The usage in PromQL, narrowed down to some labels.
    pub fn usage_query(&self, labels: &Labels) -> String {
        match self {
            Self::Pair { usage, summed: true, .. } => format!("sum({})", usage.selector(labels)),
            Self::Pair { usage, .. } => usage.selector(labels),
            Self::Parts { used, .. } => used.selector(labels),
            Self::Free { free, total } => format!("{} - {}", total.selector(labels), free.selector(labels)),
            Self::Floor { floor, .. } => floor.selector(labels),
            Self::Share { share, scale, free: true } => format!("{scale} - {}", share.selector(labels)),
            Self::Share { share, .. } => share.selector(labels),
        }
    }

    /// The limit in PromQL, or the number that it is.
    pub fn limit_query(&self, labels: &Labels) -> String {
        match self {
            Self::Pair { limit, .. } => limit.selector(labels),
            Self::Free { total, .. } => total.selector(labels),
            Self::Parts { used, free, rest } => {
                let terms = [used, free].into_iter().chain(rest);
                terms.map(|term| term_without_state(term, labels)).collect::<Vec<_>>().join(" + ")
            }
            Self::Floor { free, .. } => free.selector(labels),
            Self::Share { scale, .. } => scale.to_string(),
        }
    }

    /// The metrics that it is read from, without repetition.
    pub fn metrics(&self) -> Vec<&str> {
        let mut metrics: Vec<&str> = match self {
            Self::Pair { usage: first, limit: second, .. }
            | Self::Free { free: first, total: second }
            | Self::Parts { used: first, free: second, .. }
            | Self::Floor { free: first, floor: second } => vec![&first.metric, &second.metric],
            Self::Share { share, .. } => vec![&share.metric],
        };
        metrics.dedup();
        metrics
    }

    /// The metric that names the resource.
    pub fn name(&self) -> &str {
        match self {
            Self::Pair { usage: term, .. }
            | Self::Parts { used: term, .. }
            | Self::Free { free: term, .. }
            | Self::Floor { free: term, .. }
            | Self::Share { share: term, .. } => &term.metric,
        }
    }
}

/// Two states of one metric differ in the label of states, so that they are added without it.
fn term_without_state(term: &Term, labels: &Labels) -> String {
    match term.matchers.first() {
        Some((label, _)) => format!("sum without ({}) ({})", label_name(label), term.selector(labels)),
        None => term.selector(labels),
    }
}

/// A resource of one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// How it is computed.
    pub form: Form,
    /// The labels of the instance that its parts share.
    pub labels: Labels,
    /// Those of them that tell it from the others of its kind.
    pub telling: Labels,
    /// Whether its parts have the same labels.
    pub is_aligned: bool,
    /// How sure it is.
    pub confidence: Confidence,
    /// What is used now, in the metric's unit.
    pub usage: f64,
    /// The limit now.
    pub limit: f64,
    /// The share that is used over time: Unix milliseconds and the share, oldest first. Never empty.
    pub utilization: Vec<(i64, f64)>,
    pub(super) wall: String,
    pub(super) score: i32,
    pub(super) is_whole_weak: bool,
}

impl Found {
    /// The share that is used now.
    pub fn now(&self) -> f64 {
        self.utilization.last().map_or(0.0, |(_, share)| *share)
    }

    /// The unit of usage and limit: `bytes`, `ratio`, `percent`, or what is counted.
    pub fn unit(&self) -> String {
        match self.form {
            Form::Share { scale, .. } if scale > 1.0 => return "percent".to_owned(),
            Form::Share { .. } => return "ratio".to_owned(),
            _ => {}
        }
        let words = words(self.form.name());
        if words.iter().any(|word| matches!(unit(word), Some(NamedUnit::Bytes(1)))) {
            return "bytes".to_owned();
        }
        let thing = words.iter().rev().find(|word| kind_of_thing(word).is_some());
        thing.map_or_else(|| "count".to_owned(), |thing| format!("{thing}s"))
    }

    /// Since when so much is used without interruption, in Unix milliseconds; `None` where less is used now or nothing
    /// is known of before.
    pub fn since(&self, share: f64) -> Option<i64> {
        if self.utilization.len() < 2 {
            return None;
        }
        let above = self.utilization.iter().rev().take_while(|(_, now)| *now >= share);
        above.last().map(|(at, _)| *at)
    }

    /// How much more is used each day, as a share of the limit, by a line through the values; `None` where they cover
    /// less than an hour.
    pub fn trend_per_day(&self) -> Option<f64> {
        const HOUR: f64 = 3_600_000.0;
        let (first, last) = (self.utilization.first()?.0, self.utilization.last()?.0);
        if ((last - first) as f64) < HOUR || self.utilization.len() < 4 {
            return None;
        }
        let count = self.utilization.len() as f64;
        let days = |at: i64| (at - first) as f64 / (24.0 * HOUR);
        let mean_day = self.utilization.iter().map(|(at, _)| days(*at)).sum::<f64>() / count;
        let mean = self.utilization.iter().map(|(_, share)| *share).sum::<f64>() / count;
        let (mut products, mut squares) = (0.0, 0.0);
        for (at, share) in &self.utilization {
            products += (days(*at) - mean_day) * (share - mean);
            squares += (days(*at) - mean_day).powi(2);
        }
        (squares > 0.0).then(|| products / squares)
    }

    /// Usage and limit of all instances in PromQL, as a definition holds them.
    pub fn definition(&self) -> (String, String) {
        let all = Labels::new();
        // Two states of a metric have no label in common before that of states is gone.
        match &self.form {
            Form::Pair { usage, limit, .. } if !limit.matchers.is_empty() => {
                return (term_without_state(usage, &all), term_without_state(limit, &all));
            }
            Form::Parts { used, .. } if !used.matchers.is_empty() => {
                return (term_without_state(used, &all), self.form.limit_query(&all));
            }
            _ => {}
        }
        if self.is_aligned {
            return (self.form.usage_query(&all), self.form.limit_query(&all));
        }
        let names: Vec<String> = self.labels.keys().map(|name| label_name(name)).collect();
        let by = names.join(", ");
        let summed = |query: String| format!("sum by ({by}) ({query})");
        match &self.form {
            Form::Pair { usage, limit, .. } => {
                (summed(usage.selector(&all)), format!("max by ({by}) ({})", limit.selector(&all)))
            }
            form => (form.usage_query(&all), form.limit_query(&all)),
        }
    }

    /// The name of the instance: what tells it from others, else where it was scraped.
    pub fn instance(&self) -> Option<String> {
        let told: Vec<&str> = self.telling.values().map(String::as_str).collect();
        if told.is_empty() { self.labels.get("instance").cloned() } else { Some(told.join(" ")) }
    }
}
