//! What is put into the sandbox: a harbour master's Drive. The files travel in the program itself, so that the demo needs
//! nothing beside it; names, types and folders stand in `fixtures/demo/manifest.json`.

use std::collections::HashMap;

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use hawser_sandbox::control::{Control, NewFile};
use serde::Deserialize;

/// Whose Drive it is.
pub const ACCOUNT: &str = "harbour.master@tern.example";
const FOLDER: &str = "application/vnd.google-apps.folder";

macro_rules! fixtures {
    ($($name:literal)*) => {
        const BYTES: &[(&str, &[u8])] = &[$(($name, include_bytes!(concat!("../../fixtures/demo/", $name)))),*];
    };
}

fixtures! {
    "arrivals-march-2026.xlsx" "berth-rules.docx" "crane-handbook.md" "dredging-contract.rtf"
    "evening-in-the-basin.webp" "fog-horn.mp3" "fuel-sales-march-2026.csv" "harbour-history.epub"
    "harbour-tariff-2026.pdf" "house-flag.svg" "kittiwake-at-anchor.jpg" "lugger-comes-in.mp4"
    "minutes-2026-02-09.odt" "mooring_dues.rs" "north-light.gif" "notice-to-mariners-04.txt"
    "plan-of-the-berths.png" "safety-briefing.pptx" "ships-bell.wav" "survey-east-bank.zip"
    "tide-table-april-2026.ods" "visitor-guide.html" "water-is-off.eml" "weather-station.json"
}

/// Documents the cloud keeps in a form of its own: folder, name, type, text inside.
const NATIVE: &[(&str, &str, &str, &str)] = &[
    (
        "Notices",
        "Watch log",
        "application/vnd.google-apps.document",
        "06:10 fog bank in the outer roads, fog horn on.\n07:45 fog lifted.\n09:20 Tern of Fjell alongside at berth seven.\n",
    ),
    (
        "Berths",
        "Who lies where",
        "application/vnd.google-apps.spreadsheet",
        "Berth,Vessel,Since\n3,free,\n5,Kittiwake,2026-03-02\n7,Tern of Fjell,2026-03-28\n",
    ),
];

/// A file of the manifest.
#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    #[serde(rename = "mimeType")]
    mime_type: String,
    kind: String,
    path: String,
}

/// A file as it lies in the sandbox now, and what is known of it without asking anybody.
#[derive(Debug, Clone)]
pub struct Planted {
    /// The cloud's id.
    pub id: String,
    pub name: String,
    pub mime_type: String,
    /// The kind of document it has to become.
    pub kind: String,
    /// `None` for what the cloud keeps in a form of its own.
    pub bytes: Option<&'static [u8]>,
}

/// Fills the account's Drive. The same order every time: with the same seed the ids are the same at every start.
pub async fn plant(control: &Control) -> anyhow::Result<Vec<Planted>> {
    control.create_user(ACCOUNT, "Harbour Master").await?;
    let manifest: Vec<Entry> = serde_json::from_str(include_str!("../../fixtures/demo/manifest.json"))?;
    let mut folders = HashMap::new();
    let mut planted = Vec::new();
    for entry in manifest {
        let bytes = BYTES.iter().find(|(name, _)| *name == entry.name).map(|(_, bytes)| *bytes);
        let bytes = bytes.with_context(|| format!("{} stands in the manifest and is not there", entry.name))?;
        let content = NewFile { base64: Some(STANDARD.encode(bytes)), ..NewFile::default() };
        let (kind, bytes) = (entry.kind.clone(), Some(bytes));
        let id = put(control, &mut folders, &entry.path, &entry.name, &entry.mime_type, content).await?;
        planted.push(Planted { id, name: entry.name, mime_type: entry.mime_type, kind, bytes });
    }
    for (path, name, mime_type, text) in NATIVE {
        let content = NewFile { text: Some((*text).to_owned()), ..NewFile::default() };
        let id = put(control, &mut folders, path, name, mime_type, content).await?;
        let (name, mime_type) = ((*name).to_owned(), (*mime_type).to_owned());
        planted.push(Planted { id, name, mime_type, kind: "FILE".to_owned(), bytes: None });
    }
    Ok(planted)
}

async fn put(
    control: &Control,
    folders: &mut HashMap<String, String>,
    path: &str,
    name: &str,
    mime_type: &str,
    content: NewFile,
) -> anyhow::Result<String> {
    let mut parent = None;
    let mut place = String::new();
    for part in path.split('/') {
        place = format!("{place}/{part}");
        if !folders.contains_key(&place) {
            let id = create(control, parent.take(), part, FOLDER, NewFile::default()).await?;
            folders.insert(place.clone(), id);
        }
        parent = folders.get(&place).cloned();
    }
    create(control, parent, name, mime_type, content).await
}

async fn create(
    control: &Control,
    parent: Option<String>,
    name: &str,
    mime_type: &str,
    content: NewFile,
) -> anyhow::Result<String> {
    let (owner, name, mime_type) = (ACCOUNT.to_owned(), name.to_owned(), Some(mime_type.to_owned()));
    Ok(control.create_file(&NewFile { owner, name, mime_type, parent, ..content }).await?.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_carries_the_files_of_the_manifest_and_no_others() {
        let manifest: Vec<Entry> = serde_json::from_str(include_str!("../../fixtures/demo/manifest.json")).unwrap();
        let mut listed: Vec<_> = manifest.iter().map(|entry| entry.name.as_str()).collect();
        let mut carried: Vec<_> = BYTES.iter().map(|(name, _)| *name).collect();
        listed.sort_unstable();
        carried.sort_unstable();
        assert_eq!(listed, carried);
    }
}
