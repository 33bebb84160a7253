//! From tables to definitions.

use std::{ops::Range, time::Duration};

use super::{
    candidates::{Answers, Asked},
    keys::{ContextKeys, End, GroupKeys, LoadKeys, MeasuredKeys, ResourceKeys, ServiceLevelKeys},
};
use crate::{
    diagnostic::{Diagnostic, Node, Spans, TomlTable},
    signal::{
        Candidate, DefaultLimits, DefinedBy, Definition, Direction, Driver, Quantity, Reduce, Resource,
        ResourceId, Role, Signal, SignalId, Unit, parse_quantity, unit_error,
    },
};

/// From which share of its limit on a usage is a warning, and critical, by default.
const SHARES: (f64, f64) = (0.8, 0.9);
/// How long that must last.
const SUSTAINED: Duration = Duration::from_secs(300);

/// One table, to be made a definition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Builder<'a> {
    pub(super) name: &'a str,
    pub(super) node: Node<'a>,
    pub(super) by: DefinedBy,
    /// The system of the file, for the program's own.
    pub(super) system: Option<&'a str>,
}

/// What differs from section to section.
struct Parts {
    title: Option<String>,
    role: Role,
    direction: Direction,
    driven_by: Option<Driver>,
    traffic: Option<String>,
    computed: Option<String>,
    ways: Vec<Candidate>,
    is_share: bool,
    objective: Option<Quantity>,
    measured: (Option<String>, Option<String>),
    resource: Option<ResourceParts>,
}

/// The resource that has the same name.
struct ResourceParts {
    instance_title: Option<String>,
    plural: Option<bool>,
    scales_out: bool,
    runs_out: bool,
    lead_time: Option<Duration>,
}

impl GroupKeys {
    pub(super) fn resource(self) -> Resource {
        Resource {
            id: ResourceId::default(),
            title: self.title,
            plural: self.plural,
            instance_title: self.instance_title,
            runs_out: self.runs_out,
            scales_out: self.scales,
            description: self.description,
            lead_time_seconds: None,
        }
    }
}

impl Builder<'_> {
    pub(super) fn resource(&self, keys: ResourceKeys) -> Option<Definition> {
        let word = keys.measured.unit_word();
        let has_limit = !keys.limit.0.is_empty() || keys.ways.iter().any(|way| way.limit.is_some());
        let is_share =
            has_limit || keys.ways.is_empty() && !keys.measured.native.is_empty() && named(&word).is_none();
        let answers = answers(&word, is_share);
        let asked: Vec<Asked<'_>> = match (keys.usage.0.as_slice(), keys.free.0.as_slice()) {
            (usages, []) => usages.iter().map(|text| Asked::Usage(text)).collect(),
            ([], free) if !keys.limit.0.is_empty() => free.iter().map(|text| Asked::Free(text)).collect(),
            _ => {
                return self.wrong(
                    "catalog/query",
                    &keys.measured.spans.of_key("free"),
                    "use `free` instead of `usage`, together with a `limit`",
                );
            }
        };
        let ends = self.ends(&keys.limit.0, asked.len(), &keys.measured.spans)?;
        let short: Vec<_> = asked.into_iter().zip(ends).collect();
        let ways = self.usage_ways(&short, &keys.ways, answers, &keys.measured.optional)?;
        self.needs_a_way(&ways, &keys.measured, "usage")?;
        let by_itself = if word == "bytes" { Driver::Itself } else { Driver::Load };
        // The program's own say what they can say.
        let driven_by = keys.driven_by.or((self.by != DefinedBy::Program).then_some(by_itself));
        let resource = ResourceParts {
            instance_title: keys.instance_title,
            plural: keys.plural,
            scales_out: keys.scales,
            runs_out: true,
            lead_time: keys.lead_time,
        };
        let parts = Parts {
            title: keys.title,
            role: Role::Resource,
            direction: Direction::HigherIsWorse,
            driven_by,
            traffic: None,
            computed: None,
            ways,
            is_share,
            objective: None,
            measured: (keys.measured_as, keys.measured_description),
            resource: keys.measured.part_of.is_none().then_some(resource),
        };
        self.definition(parts, keys.measured)
    }

    pub(super) fn service_level(&self, keys: ServiceLevelKeys) -> Option<Definition> {
        let word = keys.measured.unit_word();
        let is_share = keys.ways.iter().any(|way| way.limit.is_some());
        let answers = answers(&word, is_share);
        let queries = match &keys.at_least {
            None => keys.query.0,
            Some(text) => {
                let traffic = self.traffic(text)?;
                keys.query.0.iter().map(|query| format!("({query}) and on () ({traffic})")).collect()
            }
        };
        let ways = self.level_ways(&queries, &keys.ways, answers, &keys.measured.optional)?;
        self.needs_a_way(&ways, &keys.measured, "query")?;
        let resource = ResourceParts {
            instance_title: keys.instance_title,
            plural: keys.plural,
            scales_out: keys.scales,
            runs_out: false,
            lead_time: None,
        };
        let parts = Parts {
            title: keys.title,
            role: Role::ServiceLevel,
            direction: keys.better,
            driven_by: None,
            traffic: keys.traffic,
            computed: None,
            ways,
            is_share,
            objective: keys.objective,
            measured: (keys.measured_as, keys.measured_description),
            resource: keys.measured.part_of.is_none().then_some(resource),
        };
        self.definition(parts, keys.measured)
    }

    pub(super) fn load(&self, keys: LoadKeys) -> Option<Definition> {
        let answers = answers(&keys.measured.unit_word(), false);
        let ways = self.level_ways(&keys.query.0, &keys.ways, answers, &keys.measured.optional)?;
        self.needs_a_way(&ways, &keys.measured, "query")?;
        let mut measured = keys.measured;
        measured.reduce = measured.reduce.or(Some(Reduce::Sum));
        self.definition(background(keys.title, Role::Load, ways), measured)
    }

    pub(super) fn context(&self, keys: ContextKeys) -> Option<Definition> {
        let has_limit = !keys.limit.0.is_empty() || keys.ways.iter().any(|way| way.limit.is_some());
        let answers = answers(&keys.measured.unit_word(), has_limit);
        let usages: Vec<Asked<'_>> = keys.usage.0.iter().map(|text| Asked::Usage(text)).collect();
        let ends = self.ends(&keys.limit.0, usages.len(), &keys.measured.spans)?;
        let short: Vec<_> = usages.into_iter().zip(ends).collect();
        let mut ways = self.usage_ways(&short, &[], answers, &keys.measured.optional)?;
        ways.extend(self.level_ways(&keys.query.0, &keys.ways, answers, &keys.measured.optional)?);
        if keys.computed.is_none() {
            self.needs_a_way(&ways, &keys.measured, "query")?;
        }
        let parts = Parts {
            direction: keys.better,
            computed: keys.computed,
            is_share: has_limit,
            ..background(keys.title, Role::Context, ways)
        };
        self.definition(parts, keys.measured)
    }

    fn definition(&self, parts: Parts, keys: MeasuredKeys) -> Option<Definition> {
        let word = keys.unit_word();
        let title = parts.title.unwrap_or_else(|| title_of(self.name));
        let description = keys.description.clone().unwrap_or_else(|| self.described(&title));
        let own = parts.resource.is_some();
        let resource = parts.resource.map(|resource| Resource {
            id: ResourceId::default(),
            plural: resource.plural.unwrap_or_else(|| is_plural(&title)),
            title: title.clone(),
            instance_title: resource.instance_title,
            runs_out: resource.runs_out,
            scales_out: resource.scales_out,
            description: description.clone(),
            lead_time_seconds: resource.lead_time.map(|time| time.as_secs_f64()),
        });
        let (measured_as, measured_description) = parts.measured;
        // The program's own may be one for all; who names an identity tells instances apart.
        let has_instances = self.by != DefinedBy::Program || keys.identity.is_some();
        let unknown_label = keys.instance.is_none() && keys.reduce.is_none() && has_instances;
        let mut signal = Signal {
            id: SignalId::default(),
            title: measured_as.unwrap_or(title),
            description: measured_description.unwrap_or(description),
            unit: if parts.is_share { Unit::Ratio } else { named(&word).unwrap_or(Unit::Count) },
            of: parts.is_share.then(|| word.clone()),
            direction: parts.direction,
            resource: None,
            resource_name: if own { Some(self.name.to_owned()) } else { keys.part_of },
            system: keys.system.clone().unwrap_or_else(|| self.system_name()),
            role: parts.role,
            fluctuates: keys.fluctuates,
            warms_up: keys.warms_up,
            traffic: parts.traffic,
            driven_by: parts.driven_by,
            aggregate: keys.aggregate,
            instance: keys.instance.or_else(|| unknown_label.then(|| "instance".to_owned())),
            identity: keys.identity,
            reduce: keys.reduce,
            settings: keys.settings,
            native: keys.native,
            prometheus: parts.ways,
            example: keys.example,
            computed: parts.computed,
            limits: DefaultLimits::default(),
            defined_by: self.by,
        };
        let named = [("warning", keys.warning), ("critical", keys.critical), ("objective", parts.objective)];
        signal.limits = self.limits(&signal, named, keys.r#for, &keys.spans)?;
        Some(Definition { name: self.name.to_owned(), signal, resource })
    }

    /// Thresholds that are stated, else the usual ones of a share.
    fn limits(
        &self,
        signal: &Signal,
        named: [(&'static str, Option<Quantity>); 3],
        sustained: Option<Duration>,
        spans: &Spans,
    ) -> Option<DefaultLimits> {
        let errors: Vec<Diagnostic> = named
            .iter()
            .filter_map(|(key, limit)| unit_error((*limit)?, spans.of_key(key), self.name, signal))
            .collect();
        if !errors.is_empty() {
            for error in errors {
                self.node.report(error);
            }
            return None;
        }
        let [(_, warning), (_, critical), (_, objective)] = named;
        let critical = critical.or(objective);
        let worse = |a: Quantity, b: Quantity| match signal.direction {
            Direction::HigherIsWorse => a > b,
            Direction::LowerIsWorse => a < b,
        };
        if warning.zip(critical).is_some_and(|(warning, critical)| worse(warning, critical)) {
            let message = "`warning` lies beyond `critical`";
            return self.wrong("thresholds/order", &spans.of_key("warning"), message);
        }
        let is_share = signal.role == Role::Resource && signal.unit == Unit::Ratio;
        if !is_share {
            return Some(DefaultLimits { warning, critical, limit: None, sustained });
        }
        let ratio = |share| Quantity::new(share, Unit::Ratio);
        let usual = warning.is_none() && critical.is_none();
        if usual && self.by == DefinedBy::Program {
            // They are in `thresholds.toml`.
            return Some(DefaultLimits { sustained, ..DefaultLimits::default() });
        }
        let (warning, critical) =
            if usual { (ratio(SHARES.0), ratio(SHARES.1)) } else { (warning, critical) };
        let usual_time = (signal.driven_by != Some(Driver::Itself)).then_some(SUSTAINED);
        Some(DefaultLimits { warning, critical, limit: ratio(1.0), sustained: sustained.or(usual_time) })
    }

    /// As many limits as usages.
    fn ends(&self, ends: &[End], usages: usize, spans: &Spans) -> Option<Vec<Option<End>>> {
        match ends {
            [] => Some(vec![None; usages]),
            [only] => Some(vec![Some(only.clone()); usages]),
            several if several.len() == usages => Some(several.iter().cloned().map(Some).collect()),
            _ => self.wrong(
                "catalog/limit",
                &spans.of_key("limit"),
                "as many limits as usages are needed, or one for all",
            ),
        }
    }

    /// `100/h of checkout_seconds_count` as a query that is empty below that.
    fn traffic(&self, text: &str) -> Option<String> {
        let parsed = text.split_once(" of ").and_then(|(rate, counter)| {
            let rate = parse_quantity(rate).ok().filter(|rate| rate.unit() == Unit::PerSecond)?;
            let counter = counter.trim();
            let bare = counter.chars().all(|letter| letter.is_ascii_alphanumeric() || "_:".contains(letter));
            let events = if bare { format!("sum(rate({counter}[$rate]))") } else { counter.to_owned() };
            Some(format!("{events} >= {}", rate.value()))
        });
        let message = "expected a rate and what is counted, such as \"100/h of checkout_seconds_count\"";
        parsed.or_else(|| self.wrong("catalog/at-least", &self.spans().of_key("at_least"), message))
    }

    fn needs_a_way(&self, ways: &[Candidate], keys: &MeasuredKeys, key: &str) -> Option<()> {
        if !ways.is_empty() || !keys.native.is_empty() || keys.example.is_some() {
            return Some(());
        }
        let message = format!("nothing says how to read `{}`; give it a `{key}`", self.name);
        self.wrong("catalog/query", &self.node.span(), message)
    }

    fn system_name(&self) -> String {
        let first = self.name.split('.').next().unwrap_or_default();
        self.system.unwrap_or(first).to_owned()
    }

    fn described(&self, title: &str) -> String {
        match self.by {
            DefinedBy::Program => title.to_owned(),
            DefinedBy::Roadmap => format!("{title}, as the roadmap defines it."),
            DefinedBy::Project => format!("{title}, as the project's settings define it."),
        }
    }

    pub(super) fn exporter(&self) -> String {
        match self.by {
            DefinedBy::Program => self.system_name(),
            DefinedBy::Roadmap => "roadmap".to_owned(),
            DefinedBy::Project => "configuration".to_owned(),
        }
    }

    /// Queries of others are parsed when they are read, so that an error has its place.
    pub(super) fn checks_queries(&self) -> bool {
        self.by != DefinedBy::Program
    }

    pub(super) fn spans(&self) -> Spans {
        self.node
            .table()
            .and_then(|reader| {
                reader.ignore_unknown_keys();
                Spans::from_reader(&reader)
            })
            .unwrap_or_default()
    }

    pub(super) fn wrong<T>(
        &self,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
    ) -> Option<T> {
        self.node.report(Diagnostic::error(code, span.clone(), message));
        None
    }
}

/// Shares from 0 to 100.
const PERCENT: &str = "percent";

/// The unit that a word names; `None` for what is counted.
fn named(word: &str) -> Option<Unit> {
    if word == PERCENT { Some(Unit::Ratio) } else { Unit::named(word) }
}

fn background(title: Option<String>, role: Role, ways: Vec<Candidate>) -> Parts {
    Parts {
        title,
        role,
        direction: Direction::HigherIsWorse,
        driven_by: None,
        traffic: None,
        computed: None,
        ways,
        is_share: false,
        objective: None,
        measured: (None, None),
        resource: None,
    }
}

/// `mysql connections` for `mysql.connections`.
fn title_of(name: &str) -> String {
    name.replace(['.', '_', '-'], " ")
}

fn is_plural(title: &str) -> bool {
    let word = title.rsplit(' ').next().unwrap_or_default();
    word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end))
}

fn answers(word: &str, is_share: bool) -> Answers {
    let unit = named(word).unwrap_or(Unit::Count);
    Answers { unit, percent: word == PERCENT && !is_share }
}
