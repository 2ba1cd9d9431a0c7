//! Kinds of what is written in letters: markup by its first element, mail by its header lines, and what looks alike by
//! what it is said to be.

use super::{Format, hint::Hint};

/// Tells what `head`, the beginning of a text, is the beginning of.
pub fn format(head: &str, hint: Hint) -> Format {
    let start = head.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n', '\0']);
    if start.starts_with("{\\rtf") {
        return Format::Rtf;
    }
    if start.starts_with("%!PS") {
        return Format::Unknown;
    }
    if let Some(found) = start.starts_with('<').then(|| markup(start, hint)).flatten() {
        return found;
    }
    if is_mail(start, hint) {
        return Format::Eml;
    }
    match hint.written() {
        Some(claimed @ (Format::Markdown | Format::Csv | Format::Code | Format::Html)) => claimed,
        Some(_) => Format::Text,
        None if start.starts_with("#!") => Format::Code,
        None if is_dense(head) => Format::Html,
        None => Format::Text,
    }
}

/// `None` where it only begins like markup.
fn markup(start: &str, hint: Hint) -> Option<Format> {
    let claimed = hint.written();
    let mut rest = start;
    let mut is_xml = false;
    // Declarations and comments stand before the first element.
    for _ in 0..200 {
        rest = rest.trim_start();
        let lower = rest.get(..20).unwrap_or(rest).to_ascii_lowercase();
        if lower.starts_with("<!doctype") {
            let name = lower.trim_start_matches("<!doctype").trim_start();
            if name.starts_with("html") {
                return Some(Format::Html);
            }
            if name.starts_with("svg") {
                return Some(Format::Svg);
            }
            rest = after_doctype(rest)?;
            is_xml = true;
        } else if lower.starts_with("<!--") {
            rest = rest.split_once("-->")?.1;
        } else if lower.starts_with("<?php") {
            return Some(Format::Code);
        } else if lower.starts_with("<?") {
            is_xml |= lower.starts_with("<?xml");
            rest = rest.split_once('>')?.1;
        } else if lower.starts_with("<%") {
            return Some(Format::Code);
        } else {
            break;
        }
    }
    let name: String = rest
        .strip_prefix('<')?
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.'))
        .take(80)
        .collect::<String>()
        .to_lowercase();
    let local = name.rsplit(':').next().unwrap_or_default();
    match local {
        "" => is_xml.then_some(Format::Xml),
        "html" => Some(match claimed {
            Some(Format::Code) => Format::Code,
            _ => Format::Html,
        }),
        "svg" => Some(match claimed {
            Some(Format::Markdown) => Format::Markdown,
            _ => Format::Svg,
        }),
        // A fragment: a README may begin like this, and so may a template.
        _ if TAGS.contains(&local) && !is_xml => Some(match claimed {
            Some(kind @ (Format::Markdown | Format::Code | Format::Xml | Format::Text)) => kind,
            _ => Format::Html,
        }),
        _ => match claimed {
            Some(kind @ (Format::Markdown | Format::Code)) if !is_xml => Some(kind),
            Some(Format::Html) => Some(Format::Html),
            Some(Format::Text | Format::Csv) if !is_xml => None,
            _ => (is_xml || looks_closed(rest, &name)).then_some(Format::Xml),
        },
    }
}

fn after_doctype(rest: &str) -> Option<&str> {
    let close = rest.find('>')?;
    match rest.find('[') {
        Some(open) if open < close => {
            let end = open + rest[open..].find(']')?;
            Some(rest[end..].split_once('>')?.1)
        }
        _ => Some(&rest[close + 1..]),
    }
}

/// Something like an address in angle brackets is no element.
fn looks_closed(rest: &str, name: &str) -> bool {
    let lower = rest.to_lowercase();
    lower.contains(&format!("</{name}")) || lower.contains("/>") || lower.matches("</").count() >= 2
}

/// A tag in every few words; source code and notes hold one now and then.
fn is_dense(head: &str) -> bool {
    let lower = head.to_ascii_lowercase();
    let named = |rest: &str| {
        let name = rest.strip_prefix('/').unwrap_or(rest);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        TAGS.contains(&&name[..end]) && name[end..].starts_with(['>', ' ', '/', '\n', '\r', '\t'])
    };
    let tags = lower.match_indices('<').filter(|(at, _)| named(&lower[at + 1..])).count();
    tags >= 3 && tags * 150 >= head.len()
}

const TAGS: [&str; 52] = [
    "a",
    "article",
    "b",
    "blockquote",
    "body",
    "br",
    "button",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "i",
    "iframe",
    "img",
    "input",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "pre",
    "script",
    "section",
    "select",
    "span",
    "strong",
    "style",
    "sup",
    "table",
    "tbody",
    "td",
    "title",
    "tr",
    "u",
    "ul",
];

/// Names that only mail has.
const MAIL_ONLY: [&str; 14] = [
    "received",
    "message-id",
    "return-path",
    "mime-version",
    "delivered-to",
    "x-mailer",
    "dkim-signature",
    "authentication-results",
    "envelope-to",
    "list-unsubscribe",
    "x-originating-ip",
    "in-reply-to",
    "x-received",
    "content-transfer-encoding",
];
const MAIL: [&str; 12] = [
    "from",
    "to",
    "subject",
    "date",
    "cc",
    "bcc",
    "reply-to",
    "sender",
    "content-type",
    "references",
    "x-priority",
    "resent-from",
];

fn is_mail(start: &str, hint: Hint) -> bool {
    let (mut only, mut known, mut all) = (0, 0, 0);
    let mut lines = start.lines().take(200).peekable();
    if lines.peek().is_some_and(|line| line.starts_with("From ") && line.len() < 200) {
        lines.next();
    }
    for line in lines {
        if line.trim().is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) && all > 0 {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { break };
        if name.is_empty() || name.len() > 70 || !name.bytes().all(|b| b.is_ascii_graphic()) {
            break;
        }
        all += 1;
        let name = name.to_ascii_lowercase();
        only += usize::from(MAIL_ONLY.contains(&name.as_str()));
        known += usize::from(MAIL.contains(&name.as_str()));
    }
    match hint {
        Hint::Written(Format::Eml) => only + known >= 1,
        // Notes may begin with who wrote them to whom.
        Hint::Written(_) => only >= 1 && only + known >= 3,
        _ => (only >= 1 && only + known >= 2) || known >= 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_known_by_its_first_element() {
        for (head, expected) in [
            ("<!-- x --><!DOCTYPE HTML><p>", Format::Html),
            ("\n<?xml version='1.0'?>\n<html xmlns='x'>", Format::Html),
            ("<div>one</div>", Format::Html),
            ("<P>one", Format::Html),
            ("<?xml version=\"1.0\"?><!-- a > b --><svg:svg xmlns:svg='x'>", Format::Svg),
            ("<?xml version=\"1.0\"?><!DOCTYPE note [<!ENTITY a \"b\">]><note/>", Format::Xml),
            ("<note><to>x</to></note>", Format::Xml),
            ("<ada@example.org> wrote:", Format::Text),
            ("<< back", Format::Text),
            ("words, then <b>more</b> and <i>more", Format::Html),
            ("if a <b && c> d", Format::Text),
        ] {
            assert_eq!(format(head, Hint::None), expected, "{head}");
        }
    }

    #[test]
    fn what_a_fragment_is_said_to_be_decides() {
        let head = "<div align=center><img src=a></div>\n\n# Read me";
        assert_eq!(format(head, Hint::Written(Format::Markdown)), Format::Markdown);
        assert_eq!(format("<template><a/></template>", Hint::Written(Format::Code)), Format::Code);
        assert_eq!(format("no markup at all", Hint::Written(Format::Html)), Format::Html);
        assert_eq!(format("no markup at all", Hint::Written(Format::Svg)), Format::Text);
    }

    #[test]
    fn mail_is_known_by_its_header_lines() {
        let mail = "Return-Path: <a@b.c>\r\nReceived: from x\r\n\tby y\r\nSubject: hi\r\n\r\nbody";
        assert_eq!(format(mail, Hint::None), Format::Eml);
        assert_eq!(format("From: a\nTo: b\nSubject: c\n\nbody", Hint::None), Format::Eml);
        assert_eq!(format("From: a\nTo: b\nSubject: c\n\nbody", Hint::Written(Format::Text)), Format::Text);
        assert_eq!(
            format("From a@b Mon Jan  1 00:00:00 2024\nFrom: a\nDate: b\nMessage-ID: c\n\n", Hint::None),
            Format::Eml
        );
        assert_eq!(format("Subject: only\n\nbody", Hint::Written(Format::Eml)), Format::Eml);
        assert_eq!(format("Note: one\nDate: two\n", Hint::None), Format::Text);
    }
}
