//! Sound files of every format that can be made here, full of words that are known.

use super::{Specimen, mail, package, pdf};

const WORDS: [&str; 24] = [
    "anchor",
    "ballast",
    "capstan",
    "draught",
    "estuary",
    "fathom",
    "galley",
    "harbour",
    "inlet",
    "jetty",
    "keel",
    "lantern",
    "mooring",
    "narrows",
    "oilskin",
    "pilot",
    "quay",
    "rudder",
    "spindrift",
    "tiller",
    "upstream",
    "voyage",
    "windlass",
    "yardarm",
];

/// Lines of words; no two of one file are alike, nor are those of two seeds.
fn lines(seed: usize, count: usize) -> Vec<String> {
    let line = |at: usize| {
        let words: Vec<_> =
            (0..11).map(|word| WORDS[(seed * 7 + at * 5 + word * (1 + at % 5) + word * word) % WORDS.len()]).collect();
        format!("Entry {} of log {seed}: {}.", at + 1, words.join(" "))
    };
    (0..count).map(line).collect()
}

/// One file of each format; another seed gives others, of other lengths.
pub fn sound(seed: usize) -> Vec<Specimen> {
    let count = 40 + (seed * 37) % 200;
    let lines = lines(seed, count);
    let phrases: Vec<_> = [0, count / 3, count / 2, count - 1].iter().map(|at| lines[*at].clone()).collect();
    let html: String = lines.iter().map(|line| format!("<p>{line}</p>")).collect();
    let html = format!(
        "<!doctype html><html><head><title>Log {seed}</title><script>var hidden = 1;</script></head><body>{html}</body></html>"
    );
    let rtf: String = lines.iter().map(|line| format!("{line}\\par\n")).collect();
    let rtf = format!("{{\\rtf1\\ansi\\ansicpg1252{{\\fonttbl{{\\f0 Helvetica;}}}}\\f0 {rtf}}}");
    let csv: String = lines.iter().enumerate().map(|(at, line)| format!("{at},\"{line}\"\n")).collect();
    let plain = lines.join("\n");
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(plain.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let made: [(&str, Vec<u8>); 11] = [
        ("docx", package::docx("", &package::paragraphs(&lines))),
        ("xlsx", package::xlsx(&lines, &package::rows(&lines))),
        ("odt", package::odt(&lines)),
        ("epub", package::epub(&lines)),
        ("pdf", pdf::text(&lines)),
        ("html", html.into_bytes()),
        ("rtf", rtf.into_bytes()),
        ("eml", mail::eml(&lines)),
        ("csv", csv.into_bytes()),
        ("md", format!("# Log {seed}\n\n{plain}\n").into_bytes()),
        ("txt", utf16),
    ];
    made.into_iter()
        .map(|(format, bytes)| Specimen::sound(format!("log-{seed}.{format}"), bytes, phrases.clone()))
        .collect()
}
