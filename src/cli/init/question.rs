//! Questions on a terminal.

use std::io::{BufRead, Write};

use anyhow::{Context, Result};

/// Asks and reads answers, or takes silence for an answer where nobody is there to ask.
#[derive(Debug)]
pub(super) struct Questions<R, W> {
    input: R,
    output: W,
    ask: bool,
}

impl<R: BufRead, W: Write> Questions<R, W> {
    pub(super) fn new(input: R, output: W, ask: bool) -> Self {
        Self { input, output, ask }
    }

    /// An answer; `None` when it is empty.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn ask(&mut self, text: &str) -> Result<Option<String>> {
        if !self.ask {
            return Ok(None);
        }
        write!(self.output, "{text}: ").and_then(|()| self.output.flush()).context("cannot ask")?;
        let mut answer = String::new();
        self.input.read_line(&mut answer).context("cannot read the answer")?;
        Ok(Some(answer.trim().to_owned()).filter(|answer| !answer.is_empty()))
    }

    /// A whole number; asks again until it is one.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn number(&mut self, text: &str) -> Result<Option<u64>> {
        loop {
            let Some(answer) = self.ask(text)? else { return Ok(None) };
            match answer.parse() {
                Ok(number) => return Ok(Some(number)),
                Err(_) => {
                    self.say("enter an integer such as 640")?;
                }
            }
        }
    }
}

impl<R, W: Write> Questions<R, W> {
    fn say(&mut self, text: &str) -> Result<()> {
        writeln!(self.output, "{text}").context("cannot ask")
    }
}

#[cfg(test)]
mod tests {
    use super::Questions;

    #[test]
    fn an_empty_answer_takes_what_is_found_and_a_wrong_one_is_asked_again() {
        let mut output = Vec::new();
        let mut questions = Questions::new("\n http://x \nmany\n640\n".as_bytes(), &mut output, true);
        assert_eq!(questions.ask("One").unwrap(), None);
        assert_eq!(questions.ask("Two").unwrap().as_deref(), Some("http://x"));
        assert_eq!(questions.number("Three").unwrap(), Some(640));
        assert_eq!(questions.number("Four").unwrap(), None); // the end of the input
        let output = String::from_utf8(output).unwrap();
        assert_eq!(output.matches("Three: ").count(), 2);
        assert!(output.contains("enter an integer"));
    }

    #[test]
    fn where_nobody_is_there_nothing_is_asked() {
        let mut output = Vec::new();
        let mut questions = Questions::new("answer\n".as_bytes(), &mut output, false);
        assert_eq!(questions.ask("One").unwrap(), None);
        assert!(output.is_empty());
    }
}
