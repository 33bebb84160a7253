//! How finely the values of a quantile are known, from the buckets of its histogram.

use serde::Deserialize;

use super::{grid::RangeResult, instances::label};
use crate::snapshot::Resolution;

/// Buckets whose bounds are this much alike in their ratios belong to one exponential scale.
const SAME_RATIO: f64 = 1.01;

/// The instant answer about one native histogram.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct NativeHistograms {
    result: Vec<NativeSeries>,
}

#[derive(Debug, Clone, Deserialize)]
struct NativeSeries {
    histogram: Option<(f64, NativeHistogram)>,
}

#[derive(Debug, Clone, Deserialize)]
struct NativeHistogram {
    /// Which bounds belong to the bucket, its lower and its upper bound, and how much is in it.
    #[serde(default)]
    buckets: Vec<(i64, String, String, String)>,
}

/// The finite bounds of the buckets of a classic histogram.
pub(super) fn classic(buckets: &RangeResult) -> Option<Resolution> {
    let bounds = buckets.series.iter().filter_map(|series| label(series, "le")?.parse::<f64>().ok());
    let mut bounds: Vec<f64> = bounds.filter(|bound| bound.is_finite()).collect();
    rising(&mut bounds);
    (!bounds.is_empty()).then_some(Resolution::Buckets(bounds))
}

/// The ratio of the bounds of the buckets of a native or exponential histogram; the bounds themselves where it has
/// custom ones. Empty buckets are not reported, nor is what lies around zero.
pub(super) fn native(answer: &NativeHistograms) -> Option<Resolution> {
    let histograms = answer.result.iter().filter_map(|series| series.histogram.as_ref());
    let buckets = histograms.flat_map(|(_, histogram)| &histogram.buckets);
    let positive: Vec<(f64, f64)> = buckets
        .filter_map(|(_, low, high, _)| Some((low.parse().ok()?, high.parse().ok()?)))
        .filter(|(low, high): &(f64, f64)| *low >= 0.0 && *high > *low)
        .collect();
    let ratios =
        || positive.iter().filter(|(low, high)| *low > 0.0 && high.is_finite()).map(|(low, high)| high / low);
    let (least, most) = (ratios().reduce(f64::min)?, ratios().reduce(f64::max)?);
    if most <= least * SAME_RATIO {
        return Some(Resolution::Factor(most));
    }
    let mut bounds: Vec<f64> = positive
        .iter()
        .flat_map(|(low, high)| [*low, *high])
        .filter(|bound| *bound > 0.0 && bound.is_finite())
        .collect();
    rising(&mut bounds);
    Some(Resolution::Buckets(bounds))
}

fn rising(bounds: &mut Vec<f64>) {
    bounds.sort_by(f64::total_cmp);
    bounds.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(buckets: &str) -> NativeHistograms {
        let json = format!(
            r#"{{"resultType":"vector","result":[{{"metric":{{}},"histogram":[1.5,{{"count":"9","sum":"3","buckets":[{buckets}]}}]}}]}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn exponential_buckets_have_one_ratio() {
        let schema_3 =
            r#"[3,"-0.001","0.001","2"],[0,"0.5","0.5452538663326288","3"],[0,"1","1.0905077326652577","4"]"#;
        let Some(Resolution::Factor(factor)) = native(&answer(schema_3)) else { panic!("no factor") };
        assert!((factor - 2.0_f64.powf(0.125)).abs() < 1e-6, "{factor}");
    }

    #[test]
    fn custom_buckets_are_bounds() {
        let custom = r#"[0,"0","0.1","5"],[0,"0.1","0.3","3"],[0,"0.3","1","4"],[0,"1","+Inf","1"]"#;
        assert_eq!(native(&answer(custom)), Some(Resolution::Buckets(vec![0.1, 0.3, 1.0])));
        assert_eq!(native(&answer("")), None);
    }
}
