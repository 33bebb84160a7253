//! Selectors of Kubernetes as conditions on labels: `app=shop,env!=dev,tier in (web,api)`.

use std::str::FromStr;

use super::{LabelMatcher, MatchKind, MatcherError};

/// A list of conditions that all have to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(pub Vec<LabelMatcher>);

/// Why a text is no selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// A condition is no label matcher.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
    /// `in` without its values.
    #[error("expected LABEL in (A,B) or LABEL notin (A,B)")]
    Set,
    /// There is nothing between two commas.
    #[error("a condition is empty; write conditions as in a=b,c!=d,e in (x,y)")]
    Empty,
}

impl FromStr for Selector {
    type Err = SelectorError;

    /// Reads `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x,y)`, `a` (has the label) and `!a` (has it not), and the
    /// `=~` and `!~` of PromQL.
    fn from_str(text: &str) -> Result<Self, SelectorError> {
        conditions(text).map(|condition| matcher(condition.trim())).collect::<Result<_, _>>().map(Self)
    }
}

/// The parts between commas that are not in parentheses.
fn conditions(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

fn matcher(condition: &str) -> Result<LabelMatcher, SelectorError> {
    if condition.is_empty() {
        return Err(SelectorError::Empty);
    }
    if let Some((label, rest)) = condition.split_once(char::is_whitespace) {
        let rest = rest.trim_start();
        for (word, kind) in [("notin", MatchKind::NotRegex), ("in", MatchKind::Regex)] {
            if let Some(values) = rest.strip_prefix(word).filter(|rest| rest.trim_start().starts_with('(')) {
                return set(label, kind, values.trim());
            }
        }
    }
    let is_label_alone = !condition.contains(['=', '~', '(', ')']);
    let (label, kind) = match condition.strip_prefix('!') {
        Some(label) if is_label_alone => (label.trim(), MatchKind::Equal),
        None if is_label_alone => (condition, MatchKind::NotEqual),
        _ => return Ok(trimmed(condition).parse()?),
    };
    Ok(LabelMatcher::new(label, kind, "")?)
}

/// `a == b` of Kubernetes as `a=b`.
fn trimmed(condition: &str) -> String {
    let Some(at) = condition.find(['=', '!']) else { return condition.to_owned() };
    let (label, rest) = condition.split_at(at);
    let length = rest.chars().take_while(|letter| "=!~".contains(*letter)).count();
    let (operator, value) = rest.split_at(length);
    let operator = if operator == "==" { "=" } else { operator };
    format!("{}{operator}{}", label.trim(), value.trim())
}

/// `in (x,y)` as `=~"x|y"`.
fn set(label: &str, kind: MatchKind, values: &str) -> Result<LabelMatcher, SelectorError> {
    let values = values.strip_prefix('(').and_then(|values| values.strip_suffix(')'));
    let values = values.filter(|values| !values.contains(['(', ')'])).ok_or(SelectorError::Set)?;
    let alternatives: Vec<String> = values.split(',').map(|value| escaped(value.trim())).collect();
    Ok(LabelMatcher::new(label, kind, &alternatives.join("|"))?)
}

/// A value as the regular expression that matches it alone.
fn escaped(value: &str) -> String {
    let mut out = String::new();
    for letter in value.chars() {
        if r"\.+*?()|[]{}^$".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let selector: Selector = text.parse().unwrap();
        selector.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn selectors_of_kubernetes_become_conditions_on_labels() {
        assert_eq!(read("a=b,c!=d"), ["a=b", "c!=d"]);
        assert_eq!(read("a == b , c != d"), ["a=b", "c!=d"]);
        assert_eq!(read("env in (prod,live.1), tier notin (a)"), ["env=~prod|live\\.1", "tier!~a"]);
        assert_eq!(read("env in(prod)"), ["env=~prod"]);
        assert_eq!(read("canary,!test"), ["canary!=", "test="]);
        assert_eq!(read("ns=~shop-.*,in=x"), ["ns=~shop-.*", "in=x"]);
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        let error = |text: &str| text.parse::<Selector>().unwrap_err();
        assert_eq!(error(""), SelectorError::Empty);
        assert_eq!(error("a=b,"), SelectorError::Empty);
        assert_eq!(error("a in (b"), SelectorError::Set);
        assert_eq!(error("app.kubernetes.io/name=x"), SelectorError::Matcher(MatcherError::Name));
        assert_eq!(error("a in b"), SelectorError::Matcher(MatcherError::Name));
    }
}
