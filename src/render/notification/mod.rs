//! Messages for webhooks: what is new since the last one, in the form that each service takes.
//!
//! What servers say is inert in every form: it mentions nobody, links to nothing and formats nothing.

mod fleet;
mod json;
mod slack;
mod standing;
mod teams;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{format::word, summary::capitalised};
use crate::{
    assess::Verdict,
    foreign::{excerpt, safe},
    notify::{Change, ChangeKind, News, Subject},
};
pub use fleet::{fleet_notice, fleet_standing};
pub use json::notification_schema;
pub use standing::{act, standing};

/// So many changes are named; the others are counted.
const MOST_CHANGES: usize = 10;
/// The longest line of a message, in characters.
const LONGEST_LINE: usize = 240;

/// The form of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageFormat {
    /// Slack's, which others take as well.
    Slack,
    /// A Workflows message of Microsoft Teams with an adaptive card.
    Teams,
    /// For programs.
    Json,
}

/// What a message is about.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// What the system is called.
    pub system: &'a str,
    /// The verdict of what is not silenced; `None` where there is no assessment.
    pub verdict: Option<Verdict>,
    /// The state in one sentence.
    pub headline: &'a str,
    /// By when to do what, where something is to be done.
    pub act: Option<&'a str>,
    /// When that was.
    pub at: DateTime<Utc>,
    /// Where the values come from when the system is not real.
    pub simulated: Option<&'a str>,
    /// What is new.
    pub news: &'a News,
}

/// A message as the body of a request.
pub fn notification(format: MessageFormat, message: &Message<'_>) -> String {
    match format {
        MessageFormat::Slack => slack::body(message),
        MessageFormat::Teams => teams::body(message),
        MessageFormat::Json => json::body(message),
    }
}

impl Message<'_> {
    /// "Critical: shop, production".
    fn title(&self) -> String {
        let news = self.news;
        let is_over = news.told.problems.is_empty() && self.verdict == Some(Verdict::Ok);
        let word = match self.verdict {
            None => "Not assessed",
            Some(Verdict::Ok) if is_over && news.previous != Verdict::Ok => "Recovered",
            Some(verdict) => &capitalised(word(verdict)),
        };
        let simulated = if self.simulated.is_some() { "SIMULATED · " } else { "" };
        format!("{simulated}{word}: {}", self.system)
    }

    /// The lines below the headline: what to do, the first changes, how many more there are, and what is wrong besides.
    fn lines(&self, most: usize) -> Vec<String> {
        let changes = &self.news.changes;
        let mut lines: Vec<String> = self.act.map(|act| format!("act: {act}")).into_iter().collect();
        lines.extend(changes.iter().take(most).map(line));
        if let Some(more) = changes.len().checked_sub(most).filter(|more| *more > 0) {
            lines.push(format!("and {more} more"));
        }
        let changed: BTreeSet<&Subject> = changes.iter().map(|change| &change.subject).collect();
        let problems = &self.news.told.problems;
        let open = problems.iter().filter(|problem| !changed.contains(&problem.subject)).count();
        if open > 0 {
            lines.push(format!("unchanged: {open} other {}", if open == 1 { "problem" } else { "problems" }));
        }
        lines
    }
}

fn line(change: &Change) -> String {
    let (title, now) = (&change.title, word(change.verdict));
    let before = word(change.previous);
    let what = match change.change {
        ChangeKind::New => format!("new, {now}: {title}"),
        ChangeKind::Worse => format!("{now}, was {before}: {title}"),
        ChangeKind::Next => format!("next bottleneck: {title}"),
        ChangeKind::Unknown => format!("no longer measured, was {before}: {title}"),
        ChangeKind::Better => format!("better, {now}, was {before}: {title}"),
        ChangeKind::Gone => format!("no longer there, was {before}: {title}"),
        ChangeKind::Recovered => format!("recovered, was {before}: {title}"),
    };
    match &change.message {
        // Most reasons begin with what they are about.
        Some(message) => {
            match message.strip_prefix(title.as_str()).or_else(|| message.strip_prefix(&capitalised(title))) {
                Some(reason) => format!("{what}{reason}"),
                None => format!("{what}: {message}"),
            }
        }
        None => what,
    }
}

/// Shown as nothing, and enough to keep two characters from being read together.
const APART: char = '\u{200b}';

/// A line that reads as before and is plain in every dialect of Markdown: marks become characters that look alike, and
/// mentions and addresses are taken apart. Backslashes would do in some dialects, and are shown in others.
fn inert(text: &str) -> String {
    let text = excerpt(&safe(text), LONGEST_LINE);
    let mut out = String::with_capacity(text.len());
    let mut previous = ' ';
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let next = rest.peek().copied();
        match letter {
            '*' => out.push('\u{2217}'),
            '`' => out.push('\u{2019}'),
            '~' => out.push('\u{223c}'),
            '|' => out.push('\u{2758}'),
            '\\' => out.push('\u{2216}'),
            // Within a word it is a part of a name.
            '_' if !(previous.is_alphanumeric() && next.is_some_and(char::is_alphanumeric)) => {
                out.push('\u{2017}');
            }
            // Between the text of a link and its target.
            ']' if next.is_some_and(|next| "([:".contains(next)) => out.extend([letter, APART]),
            '<' => out.push('\u{2039}'),
            '>' => out.push('\u{203a}'),
            // Of a mention or a channel.
            '@' | '#' if next.is_some_and(|next| !next.is_whitespace()) => out.extend([letter, APART]),
            // Of an address or an emoji, and not of a port.
            ':' if next.is_some_and(|next| next == '/' || next.is_alphabetic()) => {
                out.extend([letter, APART]);
            }
            '.' if out.to_ascii_lowercase().ends_with("www") => out.extend([letter, APART]),
            _ => out.push(letter),
        }
        previous = letter;
    }
    // Lists, headings and quotes begin a line.
    if out.starts_with(['+', '-', '=', '#']) || out.starts_with(|c: char| c.is_ascii_digit()) {
        out.insert(0, APART);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn nothing_of_a_text_is_obeyed() {
        for (text, told) in [
            ("<!here> <@U1> <http://a.example|b>", "‹!here› ‹@\u{200b}U1› ‹http:\u{200b}//a.example❘b›"),
            ("@channel #general", "@\u{200b}channel #\u{200b}general"),
            ("*a* _b_ ~c~ `d` [e](f)", "∗a∗ ‗b‗ ∼c∼ ’d’ [e]\u{200b}(f)"),
            (
                "max_connections of db-1.shop:5432, 97% of 100",
                "max_connections of db-1.shop:5432, 97% of 100",
            ),
            ("[2.2] Tune it: [a][b]", "[2.2] Tune it: [a]\u{200b}[b]"),
            ("www.a.example :smile:", "www.\u{200b}a.example :\u{200b}smile:"),
            ("- a\nb", "\u{200b}- a�b"),
        ] {
            assert_eq!(inert(text), told);
        }
    }
}
