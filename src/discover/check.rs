//! Candidates checked against data: never above the limit, a limit that stays, a usage that does not.

use super::{
    Inventory, Labels, MetricSeries,
    candidate::{Candidate, Confidence, Shape},
    found::{Form, Found, Term},
    join::{join, scale},
    labelled,
    lexicon::is_share,
    words::words,
};

/// How far a usage may exceed its limit for reasons of timing.
const TOLERANCE: f64 = 1.02;
/// A limit that changes at more than one of five samples is none.
const CHANGES: f64 = 0.2;
/// So many instants show how a usage and its limit move.
const FEWEST_INSTANTS: usize = 6;
/// The share of an exporter's series that may contradict a pair.
const CONTRADICTING: f64 = 0.2;

/// The resources that a candidate is, by its data.
pub(super) fn resources(candidate: &Candidate, inventory: &Inventory) -> Vec<Found> {
    let of = |metric: &str| inventory.series.get(metric).map_or(&[][..], Vec::as_slice);
    match &candidate.shape {
        Shape::Pair { usage, limit } => {
            let form = |chosen: Option<(String, String)>, summed| Form::Pair {
                usage: Term { metric: usage.clone(), matchers: chosen.into_iter().collect() },
                limit: Term::whole(limit),
                summed,
            };
            paired(candidate, of(usage), of(limit), &form, &|usage, limit| (usage, limit))
        }
        Shape::Free { free, total } => {
            let form = |_, _| Form::Free { free: Term::whole(free), total: Term::whole(total) };
            paired(candidate, of(free), of(total), &form, &|free, total| (total - free, total))
        }
        Shape::Parts { used, free } => {
            let form =
                |_, _| Form::Parts { used: Term::whole(used), free: Term::whole(free), rest: Vec::new() };
            paired(candidate, of(used), of(free), &form, &|used, free| (used, used + free))
        }
        Shape::Floor { free, floor } => {
            let form = |_, _| Form::Floor { free: Term::whole(free), floor: Term::whole(floor) };
            paired(candidate, of(free), of(floor), &form, &|free, floor| (floor, free))
        }
        Shape::Share { metric, free } => shares(candidate, metric, *free, inventory),
        Shape::Labels { metric } => within(candidate, metric, of(metric)),
    }
}

type FormOf<'a> = &'a dyn Fn(Option<(String, String)>, bool) -> Form;

fn paired(
    candidate: &Candidate,
    first: &[MetricSeries],
    second: &[MetricSeries],
    form: FormOf<'_>,
    values: &dyn Fn(f64, f64) -> (f64, f64),
) -> Vec<Found> {
    let Some(joined) = join(first, second) else { return Vec::new() };
    let (mut found, mut wrong) = (Vec::new(), 0_usize);
    for row in joined {
        if is_full_by_design(row.limit) || row.usage.iter().any(|series| is_full_by_design(series)) {
            continue;
        }
        let summed = row.usage.len() > 1;
        let points = together(&row.usage, row.limit, values);
        match judged(candidate, &points) {
            Outcome::Resource => {
                let is_aligned = row.is_aligned && !summed;
                let resource = resource_of(candidate, form(row.chosen, summed), row.labels, &points);
                found.push(Found { is_aligned, ..resource });
            }
            Outcome::NoLimit => {}
            Outcome::Contradicts => wrong += 1,
        }
    }
    let all = found.len() + wrong;
    // Values up to 1 beside a limit of many are shares, whatever their name.
    let is_share = !found.is_empty()
        && candidate
            .shape
            .metrics()
            .first()
            .is_some_and(|name| words(name).iter().any(|word| is_share(word)))
        && found.iter().all(|resource| resource.usage <= 1.0 && resource.limit > 1.0)
        && found.iter().any(|resource| resource.usage.fract() != 0.0);
    if is_share
        || wrong as f64 > CONTRADICTING * all as f64
        || is_mark(candidate, &found)
        || is_always_full(candidate, &found)
    {
        return Vec::new();
    }
    found
}

/// What a pair of series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Resource,
    /// There is no limit, or nothing to be full.
    NoLimit,
    /// It cannot be a usage and its limit.
    Contradicts,
}

/// A time, a usage and its limit.
type Point = (i64, f64, f64);

fn judged(candidate: &Candidate, points: &[Point]) -> Outcome {
    let Some((_, usage, limit)) = points.last() else { return Outcome::NoLimit };
    if !is_limit(*limit) || points.iter().all(|(_, usage, _)| *usage <= 0.0) || *usage < 0.0 && *limit > 0.0 {
        return Outcome::NoLimit;
    }
    let above = points.iter().filter(|(_, usage, limit)| *usage > limit * TOLERANCE).count();
    if above * 10 > points.len() || usage > &(limit * TOLERANCE) {
        return Outcome::Contradicts;
    }
    if *limit <= 1.0 {
        return Outcome::NoLimit;
    }
    if points.len() >= FEWEST_INSTANTS
        && !matches!(candidate.shape, Shape::Parts { .. } | Shape::Floor { .. })
    {
        let changes = points.windows(2).filter(|pair| differs(pair[0].2, pair[1].2)).count();
        if changes as f64 > CHANGES * points.len() as f64 || follows(points) {
            return Outcome::Contradicts;
        }
    }
    Outcome::Resource
}

/// Whether a limit is the highest usage so far, and rose with it.
fn follows(points: &[Point]) -> bool {
    let mut highest = f64::NEG_INFINITY;
    let mut rose = false;
    for (index, (_, usage, limit)) in points.iter().enumerate() {
        highest = highest.max(*usage);
        if index > 0 && differs(points[index - 1].2, *limit) {
            rose |= *limit > points[index - 1].2 && !differs(*limit, highest);
        }
    }
    rose
}

/// Whether a value can be a limit: not 0, not negative, not one of those that stand for "unlimited".
fn is_limit(value: f64) -> bool {
    const POWERS: [f64; 2] = [2_147_483_647.0, 4_294_967_295.0];
    value > 0.0 && value < 1e15 && !POWERS.iter().any(|power| (power - value).abs() < 0.5)
}

fn differs(resource: f64, other: f64) -> bool {
    (resource - other).abs() > 1e-9 * resource.abs().max(other.abs())
}

/// Whether walls that may be marks of the past are marks: odd values, or another one for each series.
fn is_mark(candidate: &Candidate, found: &[Found]) -> bool {
    let mut limits: Vec<f64> = found.iter().map(|resource| resource.limit).collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    // Different usages would have reached different marks.
    let differ = found.windows(2).any(|pair| differs(pair[0].usage, pair[1].usage));
    if limits.len() == 1 && differ {
        return false;
    }
    candidate.may_be_mark && (limits.len() > 2 || !limits.iter().all(|limit| is_round(*limit)))
}

/// A number that somebody chose: 100, 250, 1024, 4 GiB, 65535.
fn is_round(value: f64) -> bool {
    let whole = value.fract() == 0.0;
    let multiple = |of: f64| value % of == 0.0;
    let digits = 10_f64.powf((value.log10().floor() - 1.0).max(0.0));
    let power = value.log2();
    let power = power.fract() == 0.0 || ((value + 1.0).log2()).fract() == 0.0;
    whole
        && (power
            || value >= 20.0 && multiple(digits) && multiple(5.0)
            || value >= 1e7 && multiple(1_048_576.0)
            || value < 20.0)
}

/// Everything at exactly 100% of what is no named wall: that is how it is meant.
fn is_always_full(candidate: &Candidate, found: &[Found]) -> bool {
    let full = |resource: &Found| resource.utilization.iter().all(|(_, share)| !differs(*share, 1.0));
    candidate.may_be_full && !found.is_empty() && found.iter().all(full)
}

/// Pools of the garbage collector, which are full in every cycle, and read-only file systems.
fn is_full_by_design(series: &MetricSeries) -> bool {
    const SMALL: [&str; 6] = ["eden", "survivor", "young", "nursery", "codeheap", "semi"];
    const READ_ONLY: [&str; 6] = ["squashfs", "erofs", "iso9660", "udf", "cramfs", "romfs"];
    if series.labels.get("fstype").is_some_and(|fstype| READ_ONLY.contains(&fstype.as_str())) {
        return true;
    }
    series.labels.values().any(|value| {
        let words = words(value);
        SMALL.iter().any(|small| words.iter().any(|word| word == small || word.starts_with("codeheap")))
            || value.starts_with("CodeHeap")
    })
}

/// The values of several series at the instants that all have.
fn together(
    usage: &[&MetricSeries],
    limit: &MetricSeries,
    values: &dyn Fn(f64, f64) -> (f64, f64),
) -> Vec<Point> {
    let at = |series: &MetricSeries, at: i64| {
        let index = series.samples.binary_search_by_key(&at, |(at, _)| *at).ok()?;
        series.samples.get(index).map(|(_, value)| *value)
    };
    let point = |(time, limit): &(i64, f64)| {
        let sum: Option<f64> = usage.iter().map(|series| at(series, *time)).sum();
        let (usage, limit) = values(sum?, *limit);
        Some((*time, usage, limit))
    };
    limit.samples.iter().filter_map(point).collect()
}

fn resource_of(candidate: &Candidate, form: Form, labels: Labels, points: &[Point]) -> Found {
    let (_, usage, limit) = points.last().copied().unwrap_or_default();
    let utilization = points
        .iter()
        .filter(|(.., limit)| is_limit(*limit))
        .map(|(at, usage, limit)| (*at, share(usage / limit)));
    Found {
        form,
        labels,
        telling: Labels::new(),
        is_aligned: true,
        confidence: if is_still(points) {
            candidate.confidence.min(Confidence::Medium)
        } else {
            candidate.confidence
        },
        usage,
        limit,
        utilization: utilization.collect(),
        wall: candidate.wall.clone(),
        score: candidate.score,
        is_whole_weak: candidate.may_be_full,
    }
}

/// Whether a usage stood at its limit at every instant: it may be full, or of a fixed size, such as a number of replicas.
fn is_still(points: &[Point]) -> bool {
    points.len() >= FEWEST_INSTANTS && points.iter().all(|(_, usage, limit)| !differs(*usage, *limit))
}

/// What is above its limit for reasons of timing is full.
fn share(value: f64) -> f64 {
    value.clamp(0.0, 1.0)
}

/// A share of use, once its scale is known.
fn shares(candidate: &Candidate, metric: &str, free: bool, inventory: &Inventory) -> Vec<Found> {
    let series = inventory.series.get(metric).map_or(&[][..], Vec::as_slice);
    let place = inventory.metrics.binary_search_by(|other| other.name.as_str().cmp(metric));
    let listed = place.ok().and_then(|place| inventory.metrics.get(place));
    let help = listed.map_or("", |listed| listed.help.as_str());
    let Some((scale, confidence)) = scale(metric, help, series) else { return Vec::new() };
    let found = series.iter().filter(|series| !is_full_by_design(series)).filter_map(|series| {
        let used = |value: f64| if free { scale - value } else { value };
        let points: Vec<Point> =
            series.samples.iter().map(|(at, value)| (*at, used(*value), scale)).collect();
        let (_, now, _) = points.last()?;
        let varies = points.iter().any(|(_, usage, _)| *usage > 0.0);
        let form = Form::Share { share: Term::whole(metric), scale, free };
        let found = || Found { confidence, ..resource_of(candidate, form, series.labels.clone(), &points) };
        (varies && *now >= 0.0).then(found)
    });
    found.collect()
}

/// The resources within one metric.
fn within(candidate: &Candidate, metric: &str, series: &[MetricSeries]) -> Vec<Found> {
    let mut found = Vec::new();
    for labelled::Within { form, labels } in labelled::resources(metric, series) {
        let of = |term: &Term| {
            series.iter().find(|series| {
                term.matchers.iter().all(|(name, value)| series.labels.get(name) == Some(value))
                    && labels.iter().all(|(name, value)| series.labels.get(name) == Some(value))
            })
        };
        let points = match &form {
            Form::Pair { usage, limit, .. } => {
                let (Some(usage), Some(limit)) = (of(usage), of(limit)) else { continue };
                together(&[usage], limit, &|usage, limit| (usage, limit))
            }
            Form::Parts { used, free, rest } => {
                let (Some(used), Some(free)) = (of(used), of(free)) else { continue };
                let others: Vec<&MetricSeries> = rest.iter().filter_map(of).chain([used]).collect();
                // What is neither used nor free belongs to the whole.
                let whole = together(&others, free, &|others, free| (others, others + free));
                let points = together(&[used], free, &|used, free| (used, used + free));
                points.into_iter().zip(whole).map(|((at, used, _), (.., whole))| (at, used, whole)).collect()
            }
            Form::Free { .. } | Form::Floor { .. } | Form::Share { .. } => continue,
        };
        if judged(candidate, &points) == Outcome::Resource {
            let confidence =
                if matches!(form, Form::Pair { .. }) { Confidence::High } else { Confidence::Medium };
            found.push(Found { confidence, ..resource_of(candidate, form, labels, &points) });
        }
    }
    found
}
