//! Which services something holds for.

use regex::Regex;

use super::Service;
use crate::signal::{LabelMatcher, MatchKind};

/// Conditions on the labels that name a service, all of which must hold.
#[derive(Debug, Clone)]
pub struct ServiceRule {
    conditions: Vec<Condition>,
}

/// Why matchers are no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A label does not name services.
    #[error("`{0}` is not one of the labels in [fleet] by")]
    Label(String),
    /// A regular expression is wrong.
    #[error("`{0}` is not a regular expression")]
    Regex(String),
}

#[derive(Debug, Clone)]
struct Condition {
    place: usize,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Equal(String),
    NotEqual(String),
    Matches(Regex),
    MatchesNot(Regex),
}

impl ServiceRule {
    /// The rule of some matchers. `by` are the labels that name a service.
    ///
    /// # Errors
    /// When a matcher is of another label, or its regular expression is wrong.
    pub fn new(by: &[String], matchers: &[LabelMatcher]) -> Result<Self, RuleError> {
        let condition = |matcher: &LabelMatcher| {
            let LabelMatcher { label, kind, value } = matcher;
            let place = by.iter().position(|name| name == label);
            let place = place.ok_or_else(|| RuleError::Label(label.clone()))?;
            // Whole values, as in PromQL.
            let regex =
                || Regex::new(&format!("^(?s:{value})$")).map_err(|_| RuleError::Regex(value.clone()));
            let test = match kind {
                MatchKind::Equal => Test::Equal(value.clone()),
                MatchKind::NotEqual => Test::NotEqual(value.clone()),
                MatchKind::Regex => Test::Matches(regex()?),
                MatchKind::NotRegex => Test::MatchesNot(regex()?),
            };
            Ok(Condition { place, test })
        };
        Ok(Self { conditions: matchers.iter().map(condition).collect::<Result<_, _>>()? })
    }

    /// Whether it holds for a service.
    pub fn matches(&self, service: &Service) -> bool {
        self.conditions.iter().all(|Condition { place, test }| {
            let value = service.values().get(*place).map_or("", String::as_str);
            match test {
                Test::Equal(wanted) => value == wanted,
                Test::NotEqual(unwanted) => value != unwanted,
                Test::Matches(regex) => regex.is_match(value),
                Test::MatchesNot(regex) => !regex.is_match(value),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_conditions_hold_for_whole_values() {
        let by = ["namespace".to_owned(), "service".to_owned()];
        let rule = |texts: &[&str]| {
            ServiceRule::new(&by, &texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>())
        };
        let service = |namespace: &str, name: &str| Service::new(vec![namespace.to_owned(), name.to_owned()]);
        let api = rule(&["namespace=shop", "service=~api-.*|web"]).unwrap();
        assert!(api.matches(&service("shop", "api-1")) && api.matches(&service("shop", "web")));
        assert!(!api.matches(&service("shop", "my-api-1")) && !api.matches(&service("x", "web")));
        assert!(!rule(&["service!~a.*"]).unwrap().matches(&service("x", "ab")));
        assert_eq!(rule(&["env=prod"]).unwrap_err(), RuleError::Label("env".to_owned()));
        assert_eq!(rule(&["service=~("]).unwrap_err(), RuleError::Regex("(".to_owned()));
    }
}
