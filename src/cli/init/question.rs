//! Questions on a terminal.

use std::io::{BufRead, Write};

use anyhow::{Context, Result};

/// A question with the answer that Enter gives.
#[derive(Debug)]
pub(super) struct Question<'a> {
    /// What is asked for, such as "Redis URL".
    pub text: &'a str,
    /// What an answer looks like, such as "redis://host:6379".
    pub choices: &'a str,
    /// What will be used if nothing is entered.
    pub default: &'a str,
    /// What may be entered, for `?`.
    pub help: &'a str,
}

/// Asks and reads answers; without a terminal every answer is the default.
#[derive(Debug)]
pub(super) struct Questions<R, W> {
    input: R,
    output: W,
    ask: bool,
    /// Whether how to answer was said.
    explained: bool,
}

impl<R: BufRead, W: Write> Questions<R, W> {
    pub(super) fn new(input: R, output: W, ask: bool) -> Self {
        Self { input, output, ask, explained: false }
    }

    /// An answer that `parse` accepts; `None` if nothing is entered. `?` shows the help, and after that as after an
    /// answer that is not accepted the question is repeated.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn ask<T>(
        &mut self,
        question: &Question<'_>,
        mut parse: impl FnMut(&str) -> Result<T, String>,
    ) -> Result<Option<T>> {
        while self.ask {
            if !self.explained {
                self.explained = true;
                self.show("Enter takes the value in brackets, ? explains a question.")?;
            }
            write!(self.output, "{} ({}) [{}]: ", question.text, question.choices, question.default)
                .and_then(|()| self.output.flush())
                .context("cannot ask")?;
            let mut answer = String::new();
            self.input.read_line(&mut answer).context("cannot read the answer")?;
            let reply = match answer.trim() {
                "" => return Ok(None),
                "?" => question.help.to_owned(),
                answer => match parse(answer) {
                    Ok(value) => return Ok(Some(value)),
                    Err(error) => format!("{error}; ? for help"),
                },
            };
            self.show(&reply)?;
        }
        Ok(None)
    }

    /// Whether there is somebody to ask.
    pub(super) fn is_asking(&self) -> bool {
        self.ask
    }

    /// Shows a text above the next question, if there is somebody to read it.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn show(&mut self, text: &str) -> Result<()> {
        if self.ask { writeln!(self.output, "{text}").context("cannot ask") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Question, Questions};

    const COST: Question<'_> =
        Question { text: "Cost", choices: "such as 640", default: "not set", help: "an amount of money" };

    fn amount(text: &str) -> Result<f64, String> {
        text.parse().map_err(|_| format!("`{text}` is not a number"))
    }

    #[test]
    fn wrong_answers_and_question_marks_ask_again() {
        let mut output = Vec::new();
        let mut questions = Questions::new("\n ? \nmany\n12.50\n".as_bytes(), &mut output, true);
        assert_eq!(questions.ask(&COST, amount).unwrap(), None);
        assert_eq!(questions.ask(&COST, amount).unwrap(), Some(12.5));
        assert_eq!(questions.ask(&COST, amount).unwrap(), None); // the end of the input
        let output = String::from_utf8(output).unwrap();
        assert_eq!(output.matches("Cost (such as 640) [not set]: ").count(), 5);
        assert_eq!(output.matches("Enter takes the value in brackets").count(), 1);
        assert!(output.contains("an amount of money\n"), "{output}");
        assert!(output.contains("`many` is not a number; ? for help\n"), "{output}");
    }

    #[test]
    fn without_a_terminal_nothing_is_asked() {
        let mut output = Vec::new();
        let mut questions = Questions::new("640\n".as_bytes(), &mut output, false);
        assert_eq!(questions.ask(&COST, amount).unwrap(), None);
        questions.show("text").unwrap();
        assert!(output.is_empty());
    }
}
