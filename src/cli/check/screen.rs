//! The terminal while something is watched: another screen, keys one by one, and everything as before at the end.

use std::{
    io::{self, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr},
};

/// The other screen, without a cursor, without lines that wrap.
const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l";
const LEAVE: &str = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l";
/// Terminals that know these show a frame only when it is complete.
const FRAME: (&str, &str) = ("\u{1b}[?2026h\u{1b}[H", "\u{1b}[?2026l");

/// A key that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// `q`, Ctrl-C, or a signal that asks the program to end.
    Quit,
    /// `r`: now instead of when it is time.
    Refresh,
    /// Up, or `k`.
    Up,
    /// Down, `j` or the space bar.
    Down,
}

/// The screen. It is left when this is dropped, whatever happened.
pub(super) struct Screen {
    before: Termios,
    ended: Arc<AtomicBool>,
    /// The last frame, which need not be written again.
    shown: String,
}

impl Screen {
    /// Whether there is a terminal to see and to type on.
    pub(super) fn is_possible() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Takes the terminal over.
    ///
    /// # Errors
    /// When its modes cannot be changed, or signals cannot be caught.
    pub(super) fn enter() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let ended = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP, signal_hook::consts::SIGINT]
        {
            signal_hook::flag::register(signal, Arc::clone(&ended))?;
        }
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
        modes.special_codes[SpecialCodeIndex::VMIN] = 0;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &modes)?;
        let screen = Self { before, ended, shown: String::new() };
        write(ENTER)?;
        Ok(screen)
    }

    /// Shows these lines, and one at the bottom, over whatever was there.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn draw(&mut self, lines: &[&str], bottom: &str, rows: usize) -> io::Result<()> {
        let room = rows.saturating_sub(1);
        let mut frame = FRAME.0.to_owned();
        for line in lines.iter().copied().chain(std::iter::repeat("")).take(room) {
            frame.extend([line, "\u{1b}[0m\u{1b}[K\r\n"]);
        }
        frame.extend([bottom, "\u{1b}[0m\u{1b}[K\u{1b}[J", FRAME.1]);
        if frame != self.shown {
            write(&frame)?;
            self.shown = frame;
        }
        Ok(())
    }

    /// Waits for a key, at most so long.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn key(&self, patience: Duration) -> io::Result<Option<Key>> {
        let stdin = io::stdin();
        let mut watched = [PollFd::new(&stdin, PollFlags::IN)];
        let patience = Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(patience.subsec_nanos()),
        };
        let ready = match poll(&mut watched, Some(&patience)) {
            Err(rustix::io::Errno::INTR) => 0,
            ready => ready?,
        };
        if self.ended.load(Ordering::Relaxed) || watched[0].revents().contains(PollFlags::HUP) {
            return Ok(Some(Key::Quit));
        }
        if ready == 0 {
            return Ok(None);
        }
        let mut typed = [0; 64];
        let count = rustix::io::read(&stdin, &mut typed)?;
        // A terminal that can be read and has nothing is gone.
        Ok(if count == 0 { Some(Key::Quit) } else { meaning(&typed[..count]) })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = write(LEAVE); // a terminal that is gone needs nothing
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// The first of the typed keys that means something.
fn meaning(typed: &[u8]) -> Option<Key> {
    const CTRL_C: u8 = 3;
    let sequence = |end: &[u8]| typed.starts_with(b"\x1b[") && typed[2..].starts_with(end);
    if sequence(b"A") {
        return Some(Key::Up);
    }
    if sequence(b"B") {
        return Some(Key::Down);
    }
    if typed.starts_with(b"\x1b") {
        return None;
    }
    typed.iter().find_map(|key| match key {
        b'q' | b'Q' | &CTRL_C => Some(Key::Quit),
        b'r' => Some(Key::Refresh),
        b'k' => Some(Key::Up),
        b'j' | b' ' => Some(Key::Down),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_meaning() {
        assert_eq!(meaning(b"q"), Some(Key::Quit));
        assert_eq!(meaning(b"xq"), Some(Key::Quit));
        assert_eq!(meaning(&[3]), Some(Key::Quit));
        assert_eq!(meaning(b"\x1b[A"), Some(Key::Up));
        assert_eq!(meaning(b"\x1b[B"), Some(Key::Down));
        assert_eq!(meaning(b"\x1b[15~q"), None);
        assert_eq!(meaning(b"x"), None);
    }
}
