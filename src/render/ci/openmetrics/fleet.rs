//! The rows of a fleet as gauges: by when to act on which service, as Unix times.

use std::collections::BTreeMap;

use super::{VERDICTS, bounds, family, labels, unix_seconds, word};
use crate::{
    fleet::{Listed, Row},
    snapshot::Labels,
};

/// The judged services, ending in `# EOF`.
pub fn rows(rows: &[&Row]) -> String {
    let mut text = String::new();
    let info = rows.iter().map(|row| info(&row.service, row.owner.as_deref(), &row.profile));
    family(&mut text, "fleet_service_info", "", INFO, info);
    let counts = VERDICTS.map(|verdict| {
        let count = rows.iter().filter(|row| row.verdict == verdict).count();
        (labels(&[("verdict", word(verdict))]), count as f64)
    });
    family(&mut text, "fleet_services", "", "Services by their verdict", counts);
    let verdicts = rows.iter().map(|row| (named(&row.service, &[("verdict", word(row.verdict))]), 1.0));
    family(&mut text, "fleet_service_verdict", "", "1 for the verdict on the service", verdicts);
    let headroom = rows.iter().filter_map(|row| Some((named(&row.service, &[]), row.headroom?)));
    let help = "Unused share of the tightest resource; negative above its limit";
    family(&mut text, "fleet_service_headroom_ratio", "ratio", help, headroom);
    let load = rows.iter().filter_map(|row| Some((named(&row.service, &[]), row.load.as_ref()?.peak?)));
    family(&mut text, "fleet_service_load_peak", "", "Load at the peak hours", load);
    let saturation = rows.iter().flat_map(|row| {
        let next = row.next_bottleneck.as_ref();
        let dates = next.and_then(|next| next.saturates_on.as_ref());
        let dates = dates.map(|on| [Some(on.low), on.mid, on.high].map(|date| date.map(unix_seconds)));
        let resource = next.map_or("", |next| next.resource.as_str());
        let of = next.and_then(|next| next.instance.as_deref()).unwrap_or_default();
        let name = own_labels(&row.service, &[("resource", resource), ("of", of)]);
        bounds(&pairs(&name), dates)
    });
    let help = "When the next bottleneck is reached, as Unix time";
    family(&mut text, "fleet_service_saturation_timestamp_seconds", "seconds", help, saturation);
    let act_by = rows.iter().filter_map(|row| Some((named(&row.service, &[]), unix_seconds(row.act_by?))));
    let help = "Act-by date, as Unix time";
    family(&mut text, "fleet_service_act_by_timestamp_seconds", "seconds", help, act_by);
    text + "# EOF\n"
}

/// The services that were found, ending in `# EOF`.
pub fn services(services: &[Listed]) -> String {
    let mut text = String::new();
    let info = services.iter().map(|listed| info(&listed.service, listed.owner.as_deref(), &listed.profile));
    family(&mut text, "fleet_service_info", "", INFO, info);
    text + "# EOF\n"
}

const INFO: &str = "Owner and roadmap of the service";

fn info(service: &Labels, owner: Option<&str>, profile: &str) -> (String, f64) {
    (named(service, &[("owner", owner.unwrap_or_default()), ("profile", profile)]), 1.0)
}

/// The labels of a service with further ones.
fn named(service: &Labels, further: &[(&str, &str)]) -> String {
    labels(&pairs(&own_labels(service, further)))
}

/// A label that the service has already gives way, as in a scrape of Prometheus.
fn own_labels(service: &Labels, further: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut all = service.clone();
    for (name, value) in further {
        let name =
            if service.contains_key(*name) { format!("scale_advisor_{name}") } else { (*name).to_owned() };
        all.insert(name, (*value).to_owned());
    }
    all
}

fn pairs(labels: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{
        fleet::{Standing, Unjudged},
        render::ci::openmetrics::testing,
    };

    #[test]
    fn labels_of_services_come_first_and_stay_unique() {
        let service = Labels::from([("verdict".to_owned(), "a\"b".to_owned())]);
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let row = Row::unjudged("a".to_owned(), service, Unjudged::Vanished, Standing::Present, now);
        let row = Row { act_by: Some(now), headroom: Some(0.25), ..row.owned_by(Some("blue".to_owned())) };
        let text = rows(&[&row]);
        testing::check_series(&text);
        for line in [
            "scale_advisor_fleet_services{verdict=\"unknown\"} 1",
            "scale_advisor_fleet_service_info{owner=\"blue\",verdict=\"a\\\"b\"} 1",
            "scale_advisor_fleet_service_verdict{scale_advisor_verdict=\"unknown\",verdict=\"a\\\"b\"} 1",
            "scale_advisor_fleet_service_headroom_ratio{verdict=\"a\\\"b\"} 0.25",
            "scale_advisor_fleet_service_act_by_timestamp_seconds{verdict=\"a\\\"b\"} 1790000000",
        ] {
            assert!(text.lines().any(|written| written == line), "no `{line}` in:\n{text}");
        }
        assert!(text.ends_with("# EOF\n") && !text.contains("saturation"), "{text}");
    }
}
