//! `check --watch`: the assessment again and again, in place on a terminal, else page after page.

use std::{
    io::{self, ErrorKind, Write},
    sync::mpsc::{Receiver, TryRecvError, channel},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use chrono::Utc;
use unicode_width::UnicodeWidthStr;

use super::{
    Arguments, Exit,
    screen::{Key, Screen},
};
use crate::{
    cli::terminal::{Terminal, captured, error_text, size},
    render::TerminalStyle,
    signal::duration_text,
};

/// How often it is looked whether a result is there.
const GLANCE: Duration = Duration::from_millis(100);
/// How often it is looked whether the terminal has another size.
const LOOK: Duration = Duration::from_secs(1);

/// What one round gave.
struct Round {
    /// The page and the exit code; without them, nothing could be assessed.
    page: Option<(String, Exit)>,
    /// Warnings, and why there is no page.
    messages: String,
}

/// Watches until somebody ends it.
///
/// # Errors
/// When the terminal cannot be used, or standard output not be written.
pub(super) fn run(arguments: &Arguments, interval: Duration, terminal: &Terminal) -> Result<Exit> {
    if Screen::is_possible() {
        in_place(arguments, interval, terminal).context("cannot use the terminal")
    } else {
        page_after_page(arguments, interval, terminal)
    }
}

fn round(arguments: &Arguments, style: TerminalStyle, terminal: &Terminal) -> Round {
    let (result, mut messages) = captured(|| super::assessed(arguments, style, terminal));
    let page = match result {
        Ok(result) => Some((result.text, result.exit)),
        Err(error) => {
            messages.push_str(&error_text(&error));
            None
        }
    };
    Round { page, messages }
}

/// Pages one below the other, for pipes and files, until the reader has seen enough.
fn page_after_page(arguments: &Arguments, interval: Duration, terminal: &Terminal) -> Result<Exit> {
    let style = TerminalStyle { width: terminal.width, colour: terminal.styled };
    loop {
        let Round { page, messages } = round(arguments, style, terminal);
        let text = page.map(|(text, _)| text).unwrap_or_default();
        let mut stdout = io::stdout().lock();
        match writeln!(stdout, "{messages}{text}").and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Exit::Assessed),
            written => written.context("cannot write to standard output")?,
        }
        drop(stdout);
        let until = Instant::now() + interval;
        // A thread may be woken up early.
        while let Some(rest) = until.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero()) {
            std::thread::park_timeout(rest);
        }
    }
}

/// What is shown.
#[derive(Default)]
struct Shown {
    page: String,
    exit: Option<Exit>,
    /// When the page was made.
    at: String,
    messages: String,
    /// Lines that were scrolled away.
    above: usize,
}

impl Shown {
    fn take(&mut self, round: Round) {
        self.messages = round.messages;
        if let Some((page, exit)) = round.page {
            self.page = page;
            self.exit = Some(exit);
            self.at = Utc::now().format("%H:%M:%S UTC").to_string();
        }
    }

    fn draw(&mut self, screen: &mut Screen, reading: bool, interval: Duration) -> io::Result<()> {
        let (width, rows) = size();
        let messages = wrapped(&self.messages, width);
        let lines: Vec<&str> = messages.iter().map(String::as_str).chain(self.page.lines()).collect();
        let room = rows.saturating_sub(1);
        self.above = self.above.min(lines.len().saturating_sub(room));
        let hidden = lines.len().saturating_sub(self.above + room);
        let state = match (reading, self.at.is_empty()) {
            (true, true) => "reading …".to_owned(),
            (true, false) => format!("updated {}, reading …", self.at),
            (false, true) => "nothing read yet".to_owned(),
            (false, false) => format!("updated {}", self.at),
        };
        let more = if hidden > 0 { format!(" · {hidden} more lines below") } else { String::new() };
        let every = duration_text(interval);
        let bottom = format!(" {state} · every {every}{more} · q quits, r refreshes, arrows scroll");
        let bottom: String = bottom.chars().take(width).collect();
        screen.draw(&lines[self.above.min(lines.len())..], &format!("\u{1b}[7m{bottom}"), rows)
    }
}

/// Messages in lines that fit. They have no colours, which would count as letters.
fn wrapped(messages: &str, width: usize) -> Vec<String> {
    let plain = anstream::adapter::strip_str(messages).to_string();
    let mut lines = Vec::new();
    for line in plain.lines() {
        let mut rest = String::new();
        for word in line.split_inclusive(' ') {
            if !rest.is_empty() && rest.width() + word.trim_end().width() > width {
                lines.push(std::mem::take(&mut rest));
            }
            rest.push_str(word);
        }
        lines.push(rest);
    }
    lines
}

fn in_place(arguments: &Arguments, interval: Duration, terminal: &Terminal) -> io::Result<Exit> {
    let mut screen = Screen::enter()?;
    let mut shown = Shown::default();
    let mut running: Option<Receiver<Round>> = Some(begin(arguments, terminal));
    let mut due = Instant::now() + interval;
    let mut drawn = (0, 0);
    let mut changed = true;
    loop {
        match running.as_ref().map(Receiver::try_recv) {
            Some(Ok(round)) => {
                shown.take(round);
                (running, changed) = (None, true);
            }
            // The thread has said what went wrong; the next one may succeed.
            Some(Err(TryRecvError::Disconnected)) => (running, changed) = (None, true),
            Some(Err(TryRecvError::Empty)) | None => {}
        }
        if running.is_none() && Instant::now() >= due {
            running = Some(begin(arguments, terminal));
            due = Instant::now() + interval;
            changed = true;
        }
        if changed || drawn != size() {
            drawn = size();
            shown.draw(&mut screen, running.is_some(), interval)?;
            changed = false;
        }
        let patience =
            if running.is_some() { GLANCE } else { LOOK.min(due.saturating_duration_since(Instant::now())) };
        match screen.key(patience)? {
            Some(Key::Quit) => return Ok(shown.exit.unwrap_or(Exit::Assessed)),
            Some(Key::Refresh) => due = Instant::now(),
            Some(Key::Up) => (shown.above, changed) = (shown.above.saturating_sub(1), true),
            Some(Key::Down) => (shown.above, changed) = (shown.above + 1, true),
            None => {}
        }
    }
}

/// Reads in the background, so that keys are heard meanwhile.
fn begin(arguments: &Arguments, terminal: &Terminal) -> Receiver<Round> {
    let (sender, receiver) = channel();
    let (arguments, terminal) = (arguments.clone(), terminal.clone());
    std::thread::spawn(move || {
        let style = TerminalStyle { width: size().0, colour: terminal.styled };
        // Whoever watched may have gone.
        let _ = sender.send(round(&arguments, style, &terminal));
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn long_messages_are_wrapped_between_words() {
        assert_eq!(wrapped("error: a b c\n  at d\n", 8), ["error: a ", "b c", "  at d"]);
        assert_eq!(wrapped("\u{1b}[31mabcdefghij\u{1b}[0m k", 8), ["abcdefghij ", "k"]);
    }
}
