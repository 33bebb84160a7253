//! Which rows of a page are shown.

use crate::{
    assess::{Assessment, Bottleneck, Finding, ServiceLevel},
    diagnostic::did_you_mean,
    signal::SignalId,
};

/// The rows that somebody wants to see. By default what a page shows by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rows<'a> {
    /// Names of resources, service levels or systems: a row has to have one of them.
    pub names: &'a [String],
    /// Texts: what a row is called has to contain one of them, in whatever case.
    pub texts: &'a [String],
}

impl<'a> Rows<'a> {
    /// Whether rows were chosen at all.
    pub(super) fn are_chosen(self) -> bool {
        !self.names.is_empty() || !self.texts.is_empty()
    }

    pub(super) fn has_resource(self, row: &Bottleneck) -> bool {
        self.has(row.resource.as_str(), &row.resource.entry().of_instance(row.instance.as_deref()))
    }

    pub(super) fn has_level(self, row: &ServiceLevel) -> bool {
        self.has(row.signal.as_str(), &row.signal.entry().of_instance(row.instance.as_deref()))
    }

    pub(super) fn has_finding(self, row: &Finding) -> bool {
        let name = row.signal.map(SignalId::as_str);
        let title = row.signal.map(|signal| signal.entry().of_instance(row.instance.as_deref()));
        self.has(name.unwrap_or(&row.id), title.as_deref().unwrap_or(&row.id))
    }

    /// "3 of 13 resources shown …"; `None` where none was left out.
    pub(super) fn left_out(self, shown: usize, all: usize, what: &str) -> Option<String> {
        let left_out = self.are_chosen() && shown < all;
        left_out.then(|| format!("{shown} of {all} {what} shown (filtered); the verdict covers all of them"))
    }

    /// Names that no row of an assessment has, each with the name of a row that is much like it.
    pub fn unknown_names(self, assessment: &Assessment) -> Vec<(&'a str, Option<&'static str>)> {
        let resources = assessment.bottlenecks.iter().map(|row| row.resource.as_str());
        let levels = assessment.service_levels.iter().map(|row| row.signal.as_str());
        let known: Vec<&'static str> = resources.chain(levels).collect();
        let names = self.names.iter().map(String::as_str);
        names
            .filter(|wanted| !known.iter().any(|name| is_named(name, wanted)))
            .map(|wanted| (wanted, did_you_mean(wanted, known.iter().copied())))
            .collect()
    }

    fn has(self, name: &str, title: &str) -> bool {
        let title = title.to_lowercase();
        (self.names.is_empty() || self.names.iter().any(|wanted| is_named(name, wanted)))
            && (self.texts.is_empty() || self.texts.iter().any(|text| title.contains(&text.to_lowercase())))
    }
}

/// Whether a name is the wanted one or, as `postgres.connections` of `postgres`, one below it.
fn is_named(name: &str, wanted: &str) -> bool {
    name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_chosen_by_name_or_system_and_by_text() {
        let [names, texts] = [["postgres".to_owned()], ["DB-1".to_owned()]];
        let both = Rows { names: &names, texts: &texts };
        assert!(both.has("postgres.connections", "connections of db-1"));
        assert!(!both.has("postgres.connections", "connections of db-2"));
        assert!(!both.has("postgresql.x", "x of db-1") && !both.has("redis.memory", "memory of db-1"));
        assert!(Rows::default().has("redis.memory", "memory") && !Rows::default().are_chosen());
    }
}
