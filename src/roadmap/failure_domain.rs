//! Parts of a system that may fail, of which the rest must hold the load.

use std::collections::{BTreeMap, BTreeSet};

use super::values::LABEL;
use crate::{
    diagnostic::{Diagnostic, Reader, Spans, toml_table},
    signal::ResourceId,
};

toml_table! {
    /// Parts that may fail: with each of them gone in turn, what is left must hold the load.
    #[derive(Debug, Clone, PartialEq)]
    pub struct FailureDomain {
        /// The label that tells the parts apart, such as "zone" or "node"; "instance" for each instance by its name.
        pub label: String as LABEL,
        /// The values that are lost in turn; every value that is measured when left out.
        pub values: BTreeSet<String>,
        /// The resources that must hold; all when left out.
        pub resources: BTreeSet<ResourceId>,
        /// The places of its values in the file.
        pub spans: Spans as flatten,
    }
}

/// Reports a label of two domains: their findings would have one name.
pub(crate) fn check_labels(domains: &[FailureDomain], reader: &Reader<'_>) {
    let mut first: BTreeMap<&str, &Spans> = BTreeMap::new();
    for FailureDomain { label, spans, .. } in domains {
        if let Some(earlier) = first.get(label.as_str()) {
            let message = format!("two failure domains have the label `{label}`; write one with all values");
            let error = Diagnostic::error("config/repeated-label", spans.of_key("label"), message);
            reader.report(error.also(earlier.of_key("label"), "first used here"));
        } else {
            first.insert(label, spans);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{FromToml, read_document};

    fn domains(keys: &str) -> (Vec<FailureDomain>, Vec<String>) {
        let text = format!("[[failure_domains]]\n{keys}\n");
        let (domains, diagnostics) = read_document(&text, |reader| {
            let domains = reader.list("failure_domains", FailureDomain::from_toml);
            check_labels(&domains, &reader);
            domains
        });
        (domains, diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect())
    }

    #[test]
    fn a_domain_is_a_label_with_values_and_resources() {
        let (found, problems) = domains("label = \"zone\"");
        assert_eq!((found.len(), problems), (1, Vec::new()));
        let (found, problems) = domains("label = \"zone\"\nvalues = [\"a\"]\nresources = [\"host.cpu\"]");
        assert_eq!(problems, [""; 0]);
        assert_eq!((found[0].values.len(), found[0].resources.len()), (1, 1));
        for (wrong, message) in [
            ("values = [\"a\"]", "`label` is missing"),
            (
                "label = \"zone\"\n[[failure_domains]]\nlabel = \"zone\"\nvalues = [\"a\"]",
                "two failure domains have the label `zone`; write one with all values",
            ),
            ("label = \"a zone\"", "`a zone` is not the name of a label"),
            ("label = \"zone\"\nresources = [\"host.cpus\"]", "unknown resource `host.cpus`"),
        ] {
            let (_, problems) = domains(wrong);
            assert_eq!(problems, [message], "{wrong}");
        }
    }
}
