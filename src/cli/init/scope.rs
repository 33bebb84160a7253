//! `init`'s choice among several products or environments behind one metrics server.

use std::io::{BufRead, Write};

use anyhow::{Result, bail};

use super::{
    super::{
        options::{ScopeOptions, SourceOptions},
        scope::{choices, heading, listed},
    },
    question::{Question, Questions},
    template::quoted,
};
use crate::{
    render::safe,
    roadmap::Roadmap,
    signal::{LabelMatcher, MatchKind, is_label},
    snapshot::{AmbiguousScope, Snapshot},
};

/// Questions about the scope. Each answer settles a label, and there are hardly more labels than this.
const MAX_QUESTIONS: usize = 5;

/// What one answer says.
#[derive(Debug, PartialEq, Eq)]
enum Choice {
    Match(LabelMatcher),
    Together(String),
}

/// Asks until one product in one environment is left, and looks again after each answer.
///
/// # Errors
/// When the terminal is gone, or the sources' settings are wrong.
pub(super) fn ask(
    sources: &mut SourceOptions,
    snapshot: Snapshot,
    roadmap: &Roadmap,
    questions: &mut Questions<impl BufRead, impl Write>,
    look: impl Fn(&SourceOptions) -> Result<Snapshot>,
) -> Result<Snapshot> {
    let mut snapshot = snapshot;
    for _ in 0..MAX_QUESTIONS {
        if !questions.is_asking() {
            break;
        }
        let choices = choices(&snapshot, roadmap);
        let Some(largest) = choices.first().and_then(|scope| largest(scope)) else { break };
        questions.show(&shown(&choices))?;
        let default = safe(&largest.to_string());
        let help =
            "a value of the list, LABEL=VALUE (also !=, =~ and !~), or `together LABEL` to add its values up";
        let choices_text = "a value above, LABEL=VALUE or together LABEL";
        let question = Question { text: "Scope", choices: choices_text, default: &default, help };
        let answer = questions.ask(&question, |answer| parse(answer, &choices))?;
        settle(&mut sources.scope, answer.unwrap_or(Choice::Match(largest)));
        snapshot = look(sources)?;
    }
    Ok(snapshot)
}

/// What answers, as a paragraph.
pub(super) fn shown(choices: &[&AmbiguousScope]) -> String {
    let labels: Vec<String> = choices.iter().map(|scope| listed(scope)).collect();
    let heading = choices.first().map(|scope| heading(scope)).unwrap_or_default();
    format!("{heading}:\n{}", labels.join("\n"))
}

/// The value with most of the load.
fn largest(scope: &AmbiguousScope) -> Option<LabelMatcher> {
    LabelMatcher::new(&scope.label, MatchKind::Equal, &scope.values.first()?.value).ok()
}

/// Reads a value of the list, a matcher, or a label to add up; the flags of the list are accepted as well.
fn parse(answer: &str, choices: &[&AmbiguousScope]) -> Result<Choice, String> {
    let holds = |scope: &&&AmbiguousScope| scope.values.iter().any(|value| value.value == answer);
    if let Some(scope) = choices.iter().find(holds) {
        let matcher = LabelMatcher::new(&scope.label, MatchKind::Equal, answer);
        return matcher.map(Choice::Match).map_err(|error| error.to_string());
    }
    let plain = answer.trim_start_matches('-');
    if let Some(label) = plain.strip_prefix("together ").map(str::trim) {
        return if is_label(label) {
            Ok(Choice::Together(label.to_owned()))
        } else {
            Err(format!("`{label}` is not the name of a label"))
        };
    }
    let matcher = plain.strip_prefix("match ").unwrap_or(plain).trim();
    matcher
        .parse()
        .map(Choice::Match)
        .map_err(|_| format!("`{answer}` is neither in the list nor LABEL=VALUE"))
}

/// Adds a choice. The file has one entry for each label, so that a later choice takes the place of an earlier one.
fn settle(scope: &mut ScopeOptions, choice: Choice) {
    match choice {
        Choice::Match(matcher) => {
            scope.matchers.retain(|earlier| earlier.label != matcher.label);
            scope.matchers.push(matcher);
        }
        Choice::Together(label) => scope.together.push(label),
    }
}

/// # Errors
/// When a label is matched twice, which `[scope] match` cannot hold.
pub(super) fn refuse_two_of_a_label(scope: &ScopeOptions) -> Result<()> {
    for (index, matcher) in scope.matchers.iter().enumerate() {
        if scope.matchers.iter().take(index).any(|earlier| earlier.label == matcher.label) {
            let label = &matcher.label;
            bail!(
                "--match {label} is given more than once, and a config holds one value for each label; \
                 use an expression, such as --match '{label}=~a|b' or --match '{label}!~a|b'"
            );
        }
    }
    Ok(())
}

/// `[scope]` as it is written down: what was chosen, and as comments what is still to be chosen.
pub(super) fn block(scope: &ScopeOptions, open: &[&AmbiguousScope]) -> String {
    let mut text = String::new();
    if !open.is_empty() {
        text.push_str("# Until one of them is chosen, `check` ends with exit code 2.\n");
        for line in shown(open).lines() {
            text.extend(["# ", line, "\n"]);
        }
    }
    let is_chosen = !scope.matchers.is_empty() || !scope.together.is_empty();
    match (is_chosen, open) {
        (true, _) => text.push_str("[scope]\n"),
        (false, [_, ..]) => text.push_str("#[scope]\n"),
        (false, []) => return text,
    }
    text.extend(scope.matchers.iter().map(entry));
    if !scope.together.is_empty() {
        let labels: Vec<String> = scope.together.iter().map(|label| quoted(label)).collect();
        text.extend(["together = [", &labels.join(", "), "]\n"]);
    }
    if let Some(choice) = open.first() {
        text.extend(largest(choice).iter().map(|matcher| format!("#{}", entry(matcher))));
        if scope.together.is_empty() {
            text.extend(["#together = [", &quoted(&choice.label), "]\n"]);
        }
    }
    text
}

/// A matcher as an entry of `[scope]`.
fn entry(matcher: &LabelMatcher) -> String {
    let LabelMatcher { label, kind, value } = matcher;
    let reads_as_operator =
        [MatchKind::Regex, MatchKind::NotRegex, MatchKind::NotEqual].map(MatchKind::operator);
    let value = match kind {
        MatchKind::Equal if reads_as_operator.iter().any(|operator| value.starts_with(operator)) => {
            format!("=~{}", literally(value))
        }
        MatchKind::Equal => value.clone(),
        kind => format!("{}{value}", kind.operator()),
    };
    format!("match.{label} = {}\n", quoted(&value))
}

/// An expression that matches this text alone.
fn literally(text: &str) -> String {
    let mut expression = String::new();
    for letter in text.chars() {
        if letter.is_ascii_punctuation() {
            expression.push('\\');
        }
        expression.push(letter);
    }
    expression
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{
        cli::demo,
        config::read_config,
        roadmap::{builtin, read_roadmap},
        signal::SignalId,
        snapshot::ScopeValue,
    };

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        sources: SourceOptions,
    }

    fn ambiguous(label: &str, values: &[(&str, f64)]) -> AmbiguousScope {
        let values =
            values.iter().map(|(value, share)| ScopeValue { value: (*value).to_owned(), share: *share });
        AmbiguousScope {
            signal: SignalId::find("users.concurrent").unwrap(),
            label: label.to_owned(),
            values: values.collect(),
        }
    }

    fn options(matchers: &[&str], together: &[&str]) -> ScopeOptions {
        ScopeOptions {
            matchers: matchers.iter().map(|matcher| matcher.parse().unwrap()).collect(),
            together: together.iter().map(|label| (*label).to_owned()).collect(),
            ..ScopeOptions::default()
        }
    }

    #[test]
    fn answers_are_values_matchers_or_labels_to_add_up() {
        let scope = ambiguous("env", &[("prod", 0.9), ("a=b", 0.1)]);
        let parse = |answer| parse(answer, &[&scope]);
        let matched = |text: &str| Ok(Choice::Match(text.parse().unwrap()));
        assert_eq!(parse("prod"), matched("env=prod"));
        assert_eq!(parse("a=b"), matched("env=a=b"));
        assert_eq!(parse("env=~prod|live"), matched("env=~prod|live"));
        assert_eq!(parse("--match env!=dev"), matched("env!=dev"));
        assert_eq!(parse("together env"), Ok(Choice::Together("env".to_owned())));
        assert!(parse("together my-env").unwrap_err().contains("not the name of a label"));
        assert!(parse("staging").unwrap_err().contains("neither in the list"));
    }

    #[test]
    fn each_answer_settles_a_label_until_none_is_open() {
        let (env, namespace) = (ambiguous("env", &[("prod", 1.0)]), ambiguous("namespace", &[("shop", 1.0)]));
        let demo = demo::snapshot().unwrap();
        let roadmap = read_roadmap(builtin("web-service").unwrap()).0.unwrap();
        let seen = |scope: &ScopeOptions| {
            let mut snapshot = demo.clone();
            snapshot.observations.clear();
            let open = [&env, &namespace].into_iter().filter(|open| {
                let settled = scope.matchers.iter().any(|matcher| matcher.label == open.label);
                !settled && !scope.together.contains(&open.label)
            });
            snapshot.ambiguous = open.cloned().collect();
            snapshot
        };
        for (input, expected) in [
            ("\n\n", options(&["env=prod", "namespace=shop"], &[])),
            ("", options(&["env=prod", "namespace=shop"], &[])),
            ("many\nenv!=dev\ntogether namespace\n", options(&["env!=dev"], &["namespace"])),
        ] {
            let mut sources = Flags::parse_from(["init"]).sources;
            let mut output = Vec::new();
            let mut questions = Questions::new(input.as_bytes(), &mut output, true);
            let first = seen(&sources.scope);
            let left = ask(&mut sources, first, &roadmap, &mut questions, |sources| Ok(seen(&sources.scope)));
            assert!(left.unwrap().ambiguous.is_empty());
            assert_eq!(sources.scope.matchers, expected.matchers);
            assert_eq!(sources.scope.together, expected.together);
            let output = String::from_utf8(output).unwrap();
            assert!(
                output.contains("--match env=prod") && output.contains("LABEL) [env=prod]: "),
                "{output}"
            );
        }
    }

    #[test]
    fn what_is_written_reads_as_it_was_chosen() {
        let chosen =
            options(&["env=prod", "ns=~shop-.*", "a!=b", "c!~d", "e==~x.y", "f=\"q\""], &["cluster"]);
        let text = block(&chosen, &[]);
        let (config, diagnostics) = read_config(&text, &|_| None);
        assert!(diagnostics.is_empty(), "{diagnostics:#?}\n{text}");
        let mut read = config.scope.matchers;
        read.sort();
        let mut expected = chosen.matchers;
        expected[4] = r"e=~\=\~x\.y".parse().unwrap();
        expected.sort();
        assert_eq!((read, config.scope.together.into_iter().collect()), (expected, chosen.together));
    }

    #[test]
    fn what_is_open_is_offered_beside_what_was_chosen() {
        let open = ambiguous("env", &[("prod", 0.9), ("load test", 0.1)]);
        for chosen in [options(&[], &[]), options(&["namespace=shop"], &[]), options(&[], &["cluster"])] {
            let text = block(&chosen, &[&open]);
            assert!(text.contains("#    90.0%  --match env=prod\n"), "{text}");
            assert!(text.contains("\n#match.env = \"prod\"\n"), "{text}");
            let (config, diagnostics) = read_config(&text, &|_| None);
            assert!(diagnostics.is_empty(), "{diagnostics:#?}\n{text}");
            assert_eq!(config.scope, chosen.applied_to(&crate::signal::Scope::default()));
            let on = text.replace("\n#match", "\nmatch").replace("\n#[", "\n[").replace("\n#tog", "\ntog");
            let (config, diagnostics) = read_config(&on, &|_| None);
            assert!(diagnostics.is_empty(), "{diagnostics:#?}\n{on}");
            assert!(config.scope.settles("env"), "{on}");
        }
        assert_eq!(block(&options(&[], &[]), &[]), "");
    }

    #[test]
    fn a_label_that_is_matched_twice_is_refused() {
        let error = refuse_two_of_a_label(&options(&["env!=a", "env!=b"], &[])).unwrap_err();
        assert!(error.to_string().contains("--match 'env!~a|b'"), "{error}");
        assert!(refuse_two_of_a_label(&options(&["env!=a", "ns=b"], &[])).is_ok());
    }
}
