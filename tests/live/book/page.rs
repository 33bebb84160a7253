//! Pages of the book as their blocks: what is in fences, in which language, and what is said right above them.

use std::path::{Path, PathBuf};

/// A fenced block.
#[derive(Debug)]
pub struct Block {
    /// Its place, as `file:line`.
    pub place: String,
    /// What follows the fence.
    pub language: String,
    pub text: String,
    /// The comment right above it, such as `not run here: there is no cluster`.
    pub comment: String,
}

impl Block {
    /// Why it is not run, if the page says so.
    pub fn not_run(&self) -> Option<&str> {
        self.comment.strip_prefix("not run here: ")
    }
}

/// A page with its blocks.
#[derive(Debug)]
pub struct Page {
    /// Its path from the top of the project.
    pub name: String,
    pub text: String,
    pub blocks: Vec<Block>,
}

/// The README and every page below `docs`.
pub fn pages() -> Vec<Page> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<PathBuf> =
        glob::glob(&root.join("docs/**/*.md").display().to_string()).unwrap().map(Result::unwrap).collect();
    names.push(root.join("README.md"));
    names.sort();
    let name = |path: &Path| path.strip_prefix(root).unwrap().display().to_string();
    names.iter().map(|path| page(name(path), std::fs::read_to_string(path).unwrap())).collect()
}

fn page(name: String, text: String) -> Page {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut inside, mut comment) = (false, String::new());
    for (number, line) in (1..).zip(text.lines()) {
        match line.strip_prefix("```") {
            Some(language) if !inside => blocks.push(Block {
                place: format!("{name}:{number}"),
                language: language.to_owned(),
                text: String::new(),
                comment: std::mem::take(&mut comment),
            }),
            Some(_) => {}
            None if inside => {
                let block = blocks.last_mut().unwrap();
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => comment = comment_of(line).unwrap_or_default(),
        }
        inside ^= line.starts_with("```");
    }
    assert!(!inside, "{name}: a fence is not closed");
    Page { name, text, blocks }
}

fn comment_of(line: &str) -> Option<String> {
    Some(line.strip_prefix("<!-- ")?.strip_suffix(" -->")?.to_owned())
}

/// Calls of the program in a script that is not run: each without what it is piped to and redirected into.
pub fn calls(script: &str) -> Vec<String> {
    let joined = script.replace("\\\n", " ");
    let commands = joined.lines().flat_map(|line| line.split(" #").next().unwrap_or_default().split("&&"));
    let commands = commands.flat_map(|command| command.split(" | ")).map(str::trim);
    let program = |command: &str| {
        let command = command.strip_prefix("sudo ").unwrap_or(command);
        let command = command.split(" > ").next().unwrap_or_default();
        command.strip_prefix("scale-advisor ").map(str::to_owned)
    };
    commands.filter_map(program).collect()
}

/// Calls in the text: `scale-advisor …` between backticks, outside of blocks. Words in capitals stand for something.
pub fn mentioned(text: &str) -> Vec<String> {
    let outside = text.split("```").step_by(2);
    let spans = outside.flat_map(|text| text.split('`').skip(1).step_by(2));
    let call = |span: &str| {
        let call = span.split_whitespace().collect::<Vec<_>>().join(" ");
        let call = call.strip_prefix("scale-advisor ")?.to_owned();
        let command = call.split(' ').next()?;
        let is_meant = command.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
        is_meant.then_some(call)
    };
    spans.filter_map(call).collect()
}
