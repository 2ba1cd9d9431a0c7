//! The files that are read, and what is expected of each.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hawser_extract::Outcome;
use hawser_tests::specimen;
use serde::Deserialize;
use serde_json::Value;

/// One file of the benchmark.
pub struct File {
    pub name: String,
    pub path: PathBuf,
    pub kind: String,
    pub bytes: u64,
    /// Whether the picture in it, as stored, has a red, a green and a blue corner: top left, top right, bottom left.
    pub has_corners: bool,
    pub expect: Expect,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Expect {
    /// `ok`, `encrypted`, `refuse` and so on, several with `or` between them.
    pub status: String,
    pub phrases: Vec<String>,
    pub forbid: Vec<String>,
    /// As exiftool names them.
    pub exif: serde_json::Map<String, Value>,
    /// As ffprobe names them.
    pub media: serde_json::Map<String, Value>,
    pub pixels: Option<(u32, u32)>,
    pub limits: Option<Limits>,
    pub ocr_phrases: Vec<String>,
}

#[derive(Deserialize)]
pub struct Limits {
    pub wall_s: f64,
    pub rss_mib: u64,
}

impl Expect {
    /// Whether reading may end so.
    pub fn allows(&self, outcome: Outcome) -> bool {
        self.status.split(" or ").any(|word| match word.trim() {
            // A picture is sound and has no text.
            "ok" => matches!(outcome, Outcome::Ok | Outcome::Empty),
            "truncate" => outcome == Outcome::Truncated,
            "encrypted" => outcome == Outcome::Encrypted,
            "malformed" => outcome == Outcome::Malformed,
            "refuse" => !matches!(outcome, Outcome::Ok | Outcome::Truncated | Outcome::Crashed),
            _ => false,
        })
    }
}

#[derive(Deserialize)]
struct Manifest {
    files: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    path: String,
    kind: String,
    #[serde(default)]
    origin: String,
    expect: Expect,
}

/// The files of a folder's `manifest.json`.
pub fn of(folder: &Path) -> Result<Vec<File>> {
    let manifest = folder.join("manifest.json");
    let text = std::fs::read(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let manifest: Manifest = serde_json::from_slice(&text)?;
    let file = |line: Line| {
        let path = folder.join(&line.path);
        let bytes = path.metadata().with_context(|| format!("cannot read {}", path.display()))?.len();
        let is_drawn = line.expect.pixels.is_some() && line.expect.ocr_phrases.is_empty();
        let has_corners = line.kind == "image" && line.origin.starts_with("generated") && is_drawn;
        Ok(File { name: line.path, path, kind: line.kind, bytes, has_corners, expect: line.expect })
    };
    manifest.files.into_iter().map(file).collect()
}

/// Files made for the occasion.
pub fn made(folder: &Path) -> Result<Vec<File>> {
    let sound = (0..12).flat_map(specimen::sound).map(|one| (one, "ok"));
    let hostile = specimen::hostile().into_iter().map(|one| (one, "ok or truncate or refuse"));
    let mut files = Vec::new();
    for (one, status) in sound.chain(hostile) {
        let path = folder.join(&one.name);
        std::fs::write(&path, &one.bytes)?;
        let kind = match status {
            "ok" => one.name.rsplit('.').next().unwrap_or_default(),
            _ => "hostile",
        };
        files.push(File {
            kind: kind.into(),
            path,
            bytes: one.bytes.len() as u64,
            has_corners: false,
            expect: Expect {
                status: status.into(),
                limits: (status != "ok").then_some(Limits { wall_s: 30.0, rss_mib: 512 }),
                phrases: one.phrases,
                ..Expect::default()
            },
            name: one.name,
        });
    }
    Ok(files)
}
