//! Both ends of the process that reads one file. `run` starts `hawser extract TASK` with the file as its standard input and
//! listens; `inside` is what that process does: it restrains itself, then reads. One process a file, and nothing comes out
//! of it but one line of JSON and the text or the pictures.
//!
//! For callers: `run(program, task, file, &hint).await` gives an `Answer` for every file, however hostile; an error means that
//! no process could be started, and says nothing of the file. `read` does the same and then asks the optional programs of
//! `tools::find_on`, held as tightly, where they know more. `program` is the `hawser` binary, most often one's own.
//! The limits are those of `Limits`; who starts it parses no byte of the file and so knows no family: it holds the widest wall
//! clock of the task, and the process narrows its own memory and processor time once it knows what it reads.

mod answer;
mod asked;
mod ended;
mod inside;
mod limits;
#[cfg(debug_assertions)]
mod misbehave;
mod restrain;
mod run;
mod syscalls;

pub use answer::{Answer, Hint, Walls, Wants};
pub use asked::read;
pub use inside::{Seen, become_tool, inspect, serve, serve_told};
pub use limits::{Limits, MAX_INPUT, MAX_PDF, Task};
pub use run::{run, run_within};
