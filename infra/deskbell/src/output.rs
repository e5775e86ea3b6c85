//! Standard output, for commands whose reader may stop reading: `deskbell stats | head -1`.

use std::io::{self, Write};

/// The exit code that a shell reports for a program whose reader has gone: 128 and the number of `SIGPIPE`.
const CLOSED_PIPE: i32 = 141;

/// Standard output. When nobody reads it any more, the program ends at once and without a word. (Rust ignores
/// `SIGPIPE`, which would do the same; a server must not die of it.)
#[derive(Debug)]
pub struct Output(io::Stdout);

/// Standard output.
#[must_use]
pub fn stdout() -> Output {
    Output(io::stdout())
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(end_if_closed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(end_if_closed)
    }
}

/// Says something on standard error, to whoever reads it.
pub fn say(words: impl std::fmt::Display) {
    // `eprintln!` would panic where nobody does: `deskbell check 2>&1 | head -1`.
    let _ = writeln!(io::stderr(), "{words}");
}

fn end_if_closed(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        std::process::exit(CLOSED_PIPE);
    }
    error
}
