//! Pictures that say more than they are.

use std::io::Write;

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend(kind);
    chunk.extend(data);
    let sum = crc32fast::hash(&chunk[4..]);
    chunk.extend(sum.to_be_bytes());
    chunk
}

/// A grey PNG of this size, all of it there: some hundred kilobytes for thousands of megapixels.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    // One bit a pixel, grey.
    header.extend([1, 0, 0, 0, 0]);
    let mut rows = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let row = vec![0; 1 + (width as usize).div_ceil(8)];
    for _ in 0..height {
        rows.write_all(&row).expect("written to memory");
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &header));
    file.extend(chunk(b"IDAT", &rows.finish().expect("written to memory")));
    file.extend(chunk(b"IEND", b""));
    file
}

/// Each group draws the one before ten times.
pub fn use_bomb() -> Vec<u8> {
    let mut svg = String::from(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="100"><defs><rect id="a0" width="9" height="9"/>"#,
    );
    for level in 1..=9 {
        svg.push_str(&format!(r#"<g id="a{level}">"#));
        for _ in 0..10 {
            svg.push_str(&format!("<use xlink:href=\"#a{}\"/>", level - 1));
        }
        svg.push_str("</g>");
    }
    svg.push_str("</defs><use xlink:href=\"#a9\"/></svg>");
    svg.into_bytes()
}

/// A white sheet, and on it whatever lies at this address.
pub fn referring(address: &str) -> Vec<u8> {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64"><rect width="64" height="64" fill="white"/><image xlink:href="{address}" href="{address}" width="64" height="64"/></svg>"#
    )
    .into_bytes()
}
