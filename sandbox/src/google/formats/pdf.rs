//! A small PDF writer: pages of text in Helvetica, with a correct cross-reference table.

const LINES_PER_PAGE: usize = 50;
const LETTERS_PER_LINE: usize = 90;

pub fn write(title: &str, lines: &[&str]) -> Vec<u8> {
    let mut rows: Vec<String> = vec![title.to_owned(), String::new()];
    for line in lines {
        let letters: Vec<char> = line.chars().collect();
        if letters.is_empty() {
            rows.push(String::new());
        }
        rows.extend(letters.chunks(LETTERS_PER_LINE).map(|part| part.iter().collect::<String>()));
    }
    let pages: Vec<&[String]> = rows.chunks(LINES_PER_PAGE).collect();
    let kids: Vec<String> = (0..pages.len()).map(|at| format!("{} 0 R", 4 + at * 2)).collect();
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()).into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    for (at, page) in pages.iter().enumerate() {
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] \
                 /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
                5 + at * 2
            )
            .into_bytes(),
        );
        objects.push(stream(page));
    }
    assemble(&objects)
}

fn stream(rows: &[String]) -> Vec<u8> {
    let mut text: Vec<u8> = b"BT /F1 11 Tf 14 TL 56 786 Td\n".to_vec();
    for row in rows {
        text.push(b'(');
        for letter in row.chars() {
            // WinAnsi covers Latin-1; what it lacks becomes a question mark.
            match u8::try_from(u32::from(letter)) {
                Ok(byte @ (b'(' | b')' | b'\\')) => text.extend([b'\\', byte]),
                Ok(byte) if byte >= 32 => text.push(byte),
                Ok(_) => text.push(b' '),
                Err(_) => text.push(b'?'),
            }
        }
        text.extend_from_slice(b") Tj T*\n");
    }
    text.extend_from_slice(b"ET");
    let mut out = format!("<< /Length {} >>\nstream\n", text.len()).into_bytes();
    out.extend(text);
    out.extend_from_slice(b"\nendstream");
    out
}

fn assemble(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n", at + 1).bytes());
        out.extend(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let trailer = format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    out.extend(trailer.bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cross_reference_table_points_at_the_objects() {
        let lines = vec!["a (b) \\ é"; 120];
        let pdf = write("Title", &lines);
        let text = String::from_utf8_lossy(&pdf);
        let tail = text.rsplit("startxref\n").next().unwrap();
        let start: usize = tail.lines().next().unwrap().parse().unwrap();
        assert!(pdf[start..].starts_with(b"xref\n"));
        let table = String::from_utf8_lossy(&pdf[start..]).into_owned();
        for (at, line) in table.lines().skip(3).take_while(|line| line.ends_with("n ")).enumerate() {
            let offset: usize = line[..10].parse().unwrap();
            assert!(pdf[offset..].starts_with(format!("{} 0 obj", at + 1).as_bytes()));
        }
        assert!(text.contains("/Count 3"));
    }
}
