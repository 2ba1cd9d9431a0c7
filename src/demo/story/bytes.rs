//! What was linked is what lies in the cloud: kinds, sizes, hashes, bytes, ranges, pictures, PDFs.

use anyhow::ensure;
use md5::{Digest, Md5};

use super::{
    super::{Demo, client::until},
    same,
    state::{PATIENCE, document, named, url},
};

/// Every document against the file it was made of.
pub async fn as_planted(demo: &Demo) -> anyhow::Result<String> {
    let mut total = 0;
    for linked in &demo.documents {
        let (file, document) = (&linked.planted, document(demo, &linked.document_id).await?);
        let content = &document["content"];
        let of = |what: &str| format!("{what} of {}", file.name);
        same(&of("kind"), file.kind.as_str(), document["kind"].as_str().unwrap_or_default())?;
        same(&of("name"), file.name.as_str(), document["name"].as_str().unwrap_or_default())?;
        same(&of("type"), file.mime_type.as_str(), content["mimeType"].as_str().unwrap_or_default())?;
        same(&of("state"), Some("OK"), content["state"].as_str())?;
        same(&of("isNative"), Some(file.bytes.is_none()), content["isNative"].as_bool())?;
        let size = file.bytes.map(|bytes| bytes.len().to_string());
        same(&of("size"), size.as_deref(), content["size"].as_str())?;
        let hash = file.bytes.map(|bytes| hex::encode(Md5::digest(bytes)));
        same(&of("md5"), hash.as_deref(), content["hash"].as_str())?;
        total += file.bytes.map_or(0, <[u8]>::len);
    }
    ensure!(demo.documents.len() >= 24, "expected at least 24 documents, and saw {}", demo.documents.len());
    Ok(format!("{} documents, {total} bytes", demo.documents.len()))
}

pub async fn ranges(demo: &Demo) -> anyhow::Result<String> {
    let linked = named(demo, "fog-horn.mp3")?;
    let bytes = linked.planted.bytes.unwrap_or_default();
    let document = document(demo, &linked.document_id).await?;
    let whole = demo.session.bytes(url(&document, "download")?, None).await?;
    same("status of the whole", 200, whole.status.as_u16())?;
    ensure!(
        whole.bytes == bytes,
        "expected the {} bytes of the file, and {} others came",
        bytes.len(),
        whole.bytes.len()
    );
    for (range, expected) in [
        ("bytes=1000-1999", &bytes[1000..2000]),
        ("bytes=24000-", &bytes[24_000..]),
        ("bytes=-10", &bytes[bytes.len() - 10..]),
    ] {
        let part = demo.session.bytes(url(&document, "download")?, Some(range)).await?;
        same(&format!("status of {range}"), 206, part.status.as_u16())?;
        ensure!(
            part.bytes == expected,
            "{range}: expected {} bytes, and other {} came",
            expected.len(),
            part.bytes.len()
        );
    }
    Ok(format!("{} bytes whole, and three parts of them", bytes.len()))
}

pub async fn picture(demo: &Demo) -> anyhow::Result<String> {
    let id = &named(demo, "kittiwake-at-anchor.jpg")?.document_id;
    let document = until("a thumbnail", PATIENCE, async || {
        let document = document(demo, id).await?;
        Ok((!document["thumbnail"].is_null()).then_some(document))
    })
    .await?;
    let picture = demo.session.bytes(url(&document, "thumbnail")?, None).await?;
    same("status of the thumbnail", 200, picture.status.as_u16())?;
    ensure!(picture.mime_type.starts_with("image/"), "expected a picture, and saw {:?}", picture.mime_type);
    ensure!(!picture.bytes.is_empty(), "expected a picture, and it is empty");
    Ok(format!("{} bytes of {}", picture.bytes.len(), picture.mime_type))
}

pub async fn native(demo: &Demo) -> anyhow::Result<String> {
    let document = document(demo, &named(demo, "Watch log")?.document_id).await?;
    for door in ["pdf", "download"] {
        let pdf = demo.session.bytes(url(&document, door)?, None).await?;
        same(&format!("status of {door}"), 200, pdf.status.as_u16())?;
        same(&format!("type of {door}"), "application/pdf", pdf.mime_type.as_str())?;
        ensure!(pdf.bytes.starts_with(b"%PDF-"), "{door}: expected a PDF, and {} other bytes came", pdf.bytes.len());
    }
    Ok("it begins with %PDF-".to_owned())
}
