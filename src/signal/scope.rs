//! Which of the systems behind one metrics server are meant, and what tells their parts apart.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchKind {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchKind {
    /// The operator in PromQL.
    pub fn operator(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }
}

/// A condition on a label, such as `env=prod`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelMatcher {
    /// The name of the label.
    pub label: String,
    /// How it is compared.
    pub kind: MatchKind,
    /// What it is compared with.
    pub value: String,
}

/// Why a text is no label matcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MatcherError {
    /// There is no operator.
    #[error("expected LABEL=VALUE, LABEL!=VALUE, LABEL=~REGEX or LABEL!~REGEX")]
    NoOperator,
    /// What comes before the operator cannot be a label.
    #[error("a label name consists of letters, digits and underscores, and does not begin with a digit")]
    Name,
}

impl FromStr for LabelMatcher {
    type Err = MatcherError;

    /// Reads `env=prod`, `env!=dev`, `env=~prod|live` or `env!~test.*`. Quotes around the value, as in PromQL, are
    /// left out.
    fn from_str(text: &str) -> Result<Self, MatcherError> {
        let at = text.find(['=', '!']).ok_or(MatcherError::NoOperator)?;
        let (label, rest) = text.split_at(at);
        let kinds = [MatchKind::Regex, MatchKind::NotRegex, MatchKind::NotEqual, MatchKind::Equal];
        let kind = kinds.into_iter().find(|kind| rest.starts_with(kind.operator()));
        let kind = kind.ok_or(MatcherError::NoOperator)?;
        let value = rest.strip_prefix(kind.operator()).unwrap_or_default();
        let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        Self::new(label.trim(), kind, quoted.unwrap_or(value))
    }
}

impl LabelMatcher {
    /// A condition on a label.
    ///
    /// # Errors
    /// When the name is no name of a label.
    pub fn new(label: &str, kind: MatchKind, value: &str) -> Result<Self, MatcherError> {
        if !is_label(label) {
            return Err(MatcherError::Name);
        }
        Ok(Self { label: label.to_owned(), kind, value: value.to_owned() })
    }
}

/// Whether a text can be the name of a label.
pub fn is_label(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

impl fmt::Display for LabelMatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.label, self.kind.operator(), self.value)
    }
}

/// The labels by which products and environments are told apart in most installations.
pub const PLACE_LABELS: [&str; 5] = ["env", "environment", "cluster", "tenant", "namespace"];

/// Which of the systems behind one metrics server are meant: `[scope]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// What every series must fulfil.
    pub matchers: Vec<LabelMatcher>,
    /// Labels that tell apart the copies of a highly available server, which all hold the same.
    pub replica_labels: Vec<String>,
    /// Further labels that tell products or environments apart, beside [`PLACE_LABELS`].
    pub by: Vec<String>,
    /// Labels whose values belong to one product, so that its parts are added up.
    pub together: BTreeSet<String>,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            matchers: Vec::new(),
            replica_labels: ["prometheus_replica", "replica", "__replica__"].map(str::to_owned).to_vec(),
            by: Vec::new(),
            together: BTreeSet::new(),
        }
    }
}

impl Scope {
    /// The labels that may tell products or environments apart, those of the project first.
    pub fn place_labels(&self) -> impl Iterator<Item = &str> {
        self.by.iter().map(String::as_str).chain(PLACE_LABELS)
    }

    /// Whether the values of a label are to be added up or one of them was chosen, so that there is nothing to ask.
    pub fn settles(&self, label: &str) -> bool {
        self.together.contains(label) || self.matchers.iter().any(|matcher| matcher.label == label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_read_as_they_are_written() {
        for text in ["env=prod", "env!=dev", "env=~prod|live", "ns!~test-.*", "a==b", "env="] {
            assert_eq!(text.parse::<LabelMatcher>().unwrap().to_string(), text);
        }
        assert_eq!("env=\"prod\"".parse(), LabelMatcher::new("env", MatchKind::Equal, "prod"));
        assert_eq!("env".parse::<LabelMatcher>(), Err(MatcherError::NoOperator));
        assert_eq!("!".parse::<LabelMatcher>(), Err(MatcherError::NoOperator));
        assert_eq!("my-env=a".parse::<LabelMatcher>(), Err(MatcherError::Name));
        assert_eq!("=a".parse::<LabelMatcher>(), Err(MatcherError::Name));
    }

    #[test]
    fn a_label_is_settled_by_a_choice_or_by_adding_up() {
        let scope = Scope {
            matchers: vec!["env=prod".parse().unwrap()],
            together: BTreeSet::from(["cluster".to_owned()]),
            ..Scope::default()
        };
        assert!(scope.settles("env") && scope.settles("cluster") && !scope.settles("namespace"));
    }
}
