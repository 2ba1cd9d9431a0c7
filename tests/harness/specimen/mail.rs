//! Mails: one with an attachment, and one inside another without end.

pub fn eml(lines: &[String]) -> Vec<u8> {
    let body = lines.join("\r\n");
    let (first, rest) = (lines.first().cloned().unwrap_or_default(), lines.len());
    format!(
        "From: Ann <ann@harbour.example>\r\nTo: Ben <ben@harbour.example>\r\nSubject: {first}\r\n\
         Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"knot\"\r\n\r\n\
         --knot\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n\
         --knot\r\nContent-Type: text/csv; name=\"manifest.csv\"\r\nContent-Disposition: attachment; filename=\"manifest.csv\"\r\n\r\n\
         item,count\r\nattached crate number {rest},7\r\n--knot--\r\n"
    )
    .into_bytes()
}

/// `depth` messages, each inside the one before.
pub fn nested(depth: usize) -> Vec<u8> {
    let mut mail = String::new();
    for level in 0..depth {
        mail.push_str(&format!(
            "Subject: level {level}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"k{level}\"\r\n\r\n--k{level}\r\nContent-Type: message/rfc822\r\n\r\n"
        ));
    }
    mail.push_str("Subject: innermost\r\n\r\nthe end\r\n");
    mail.into_bytes()
}
