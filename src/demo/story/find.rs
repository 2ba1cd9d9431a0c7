//! What is in a file is found; what was in it before the cloud changed it is not.

use anyhow::ensure;
use base64::{Engine, engine::general_purpose::STANDARD};
use hawser_sandbox::control::Edit;
use serde_json::{Value, json};

use super::{
    super::{Demo, client::until},
    state::{PATIENCE, named},
};

/// The file all of this happens to.
const FILE: &str = "harbour-tariff-2026.pdf";
/// Words that stand side by side inside the file, and nowhere else.
pub const PHRASE: &str = "\"half the mooring charge\"";
/// What stands there after the edit.
const NEW_WORDS: &str = "lanterns hang at the south mole";

const SEARCH: &str = "query($query: String!) { search(query: $query, facets: [KIND]) { totalCount totalIsExact \
     facets { buckets { value count } } nodes { document { id name } highlights { content { html } } } } }";

async fn search(demo: &Demo, query: &str) -> anyhow::Result<Value> {
    Ok(demo.scripts.ask(SEARCH, json!({ "query": query })).await?["search"].take())
}

/// The one hit of a query, once it is found.
async fn only_hit(demo: &Demo, query: &str) -> anyhow::Result<Value> {
    let id = &named(demo, FILE)?.document_id;
    until(&format!("{FILE} is found by {query}"), PATIENCE, async || {
        let found = search(demo, query).await?;
        let hit = &found["nodes"][0];
        let is_it = found["totalCount"] == 1 && hit["document"]["id"] == id.as_str();
        Ok(is_it.then(|| hit.clone()))
    })
    .await
}

pub async fn phrase(demo: &Demo) -> anyhow::Result<String> {
    let hit = only_hit(demo, PHRASE).await?;
    let piece = hit["highlights"]["content"][0]["html"].as_str().unwrap_or_default();
    ensure!(piece.contains("<mark>"), "expected the phrase marked in its surroundings, and saw {hit}");
    Ok(format!("{} in {FILE}: {piece}", PHRASE))
}

pub async fn edited(demo: &Demo) -> anyhow::Result<String> {
    let bytes = STANDARD.encode(pdf(NEW_WORDS));
    let edit = Edit { base64: Some(bytes), mime_type: Some("application/pdf".into()), ..Edit::default() };
    demo.control.edit(&named(demo, FILE)?.planted.id, &edit).await?;
    only_hit(demo, &format!("\"{NEW_WORDS}\"")).await?;
    let old = search(demo, PHRASE).await?;
    ensure!(old["totalCount"] == 0, "expected the old words gone, and saw {old}");
    Ok(format!("\"{NEW_WORDS}\" is found, {PHRASE} no longer"))
}

/// A PDF of one page with one line.
fn pdf(line: &str) -> Vec<u8> {
    let page = format!("BT /F1 14 Tf 72 720 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let (mut pdf, mut places) = ("%PDF-1.7\n".to_owned(), Vec::new());
    for (number, object) in objects.iter().enumerate() {
        places.push(pdf.len());
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let table = pdf.len();
    pdf.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    places.iter().for_each(|place| pdf.push_str(&format!("{place:010} 00000 n \n")));
    let size = objects.len() + 1;
    pdf.push_str(&format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
    pdf.into_bytes()
}
