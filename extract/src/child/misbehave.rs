//! What a reader taken over by a hostile file might try, for the tests that see it held. Not in a release.

use std::{
    fs::File,
    hint::black_box,
    io::{self, Write},
    net::TcpStream,
    process::Command,
};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::{
    Hint, Limits, Task, Walls,
    answer::{Header, bare},
    restrain,
};
use crate::{Outcome, Report};

/// The MIME type that asks for it; the name says for what.
const MIME_TYPE: &str = "application/x-hawser-misbehaviour";

/// The report of what was tried, where a hint asks for it: `Ok` when it came to pass.
pub(super) fn asked(hint: &Hint) -> Option<Report> {
    let what = hint.name.as_deref().filter(|_| hint.mime_type.as_deref() == Some(MIME_TYPE))?;
    Some(match tried(what) {
        Ok(()) => bare(Outcome::Ok, None, "it came to pass"),
        Err(error) => bare(Outcome::Malformed, None, error.to_string()),
    })
}

fn tried(what: &str) -> io::Result<()> {
    match what {
        "loop" => spin(),
        "burn" => {
            restrain::narrow(&Limits { processor: 1, ..Limits::widest(Task::Text) })?;
            spin()
        }
        "hoard" => hoard(),
        #[allow(clippy::panic, reason = "what becomes of it is what is tested")]
        "panic" => panic!("as asked"),
        "recurse" => match black_box(recurse(1)) {
            0 => Ok(()),
            _ => Err(io::Error::other("it came back")),
        },
        "connect" => TcpStream::connect("127.0.0.1:9").map(drop),
        "open" => File::open("/etc/passwd").map(drop),
        "write" => File::create("/tmp/hawser-misbehaved").map(drop),
        "start" => Command::new("/bin/true").spawn().map(drop),
        "thread" => {
            let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(|| File::open("/etc/passwd"))?;
            thread.join().map_or_else(|_| Err(io::Error::other("it broke off")), |opened| opened.map(drop))
        }
        "threads" => std::thread::Builder::new().spawn(|| ()).map(drop),
        "grow" => {
            let unlimited = Rlimit { current: None, maximum: None };
            Ok(setrlimit(Resource::As, unlimited)?)
        }
        "flood" => say(10, |out| {
            loop {
                out.write_all(&[b'x'; 4096])?;
            }
        }),
        "boast" => say(u64::MAX, |_| Ok(())),
        "fall short" => say(1 << 20, |out| out.write_all(b"too little")),
        "hold back" => say(10, |_| spin()),
        "babble" => loop {
            io::stdout().write_all(&[b'x'; 4096])?;
        },
        "chatter" => loop {
            io::stderr().write_all(b"the file's own words")?;
        },
        "recant" => {
            say(4, |out| out.write_all(b"good"))?;
            #[allow(clippy::panic, reason = "what becomes of it is what is tested")]
            {
                panic!("after a sound answer")
            }
        }
        _ => Err(io::Error::other("unknown misbehaviour")),
    }
}

/// A header that claims so many bytes, then something else, then the end.
fn say(text: u64, then: impl Fn(&mut io::Stdout) -> io::Result<()>) -> io::Result<()> {
    let report = bare(Outcome::Ok, None, "a lie");
    let header = Header { report, text, pictures: Vec::new(), peak_memory: 0, walls: Walls::default(), wants: None };
    let mut out = io::stdout();
    out.write_all(&serde_json::to_vec(&header)?)?;
    out.write_all(b"\n")?;
    then(&mut out)?;
    out.flush()
}

fn spin() -> io::Result<()> {
    let mut turns = 0u64;
    while black_box(turns) < u64::MAX {
        turns = turns.wrapping_add(1) % (1 << 40);
    }
    Ok(())
}

fn hoard() -> io::Result<()> {
    let mut all = Vec::new();
    loop {
        all.push(black_box(vec![1u8; 1 << 20]));
    }
}

fn recurse(depth: u64) -> u64 {
    let here = black_box([depth; 64]);
    match depth {
        u64::MAX => 0,
        _ => recurse(depth + 1) + here[7],
    }
}
