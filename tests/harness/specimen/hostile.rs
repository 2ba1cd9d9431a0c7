//! Files made to take a reader's memory, time, or what it may see.

use hawser_extract::Outcome::{self, Empty, Malformed, Ok, Oom, Timeout, TooLarge, Truncated, Unsupported};

use super::{Specimen, mail, package, pdf, picture};

/// All of them but those that show something beside themselves.
pub fn hostile() -> Vec<Specimen> {
    let mut all = packages();
    all.extend(documents());
    all.extend(pictures());
    all.extend(truncated());
    all
}

/// A white picture, and on it the picture at this address, were it loaded.
pub fn referring(address: &str) -> Specimen {
    one("referring.svg", picture::referring(address), REFUSED_OR_TOLD)
}

fn one(name: &str, bytes: Vec<u8>, ends: &'static [Outcome]) -> Specimen {
    Specimen { name: name.into(), bytes, phrases: Vec::new(), ends }
}

/// It may be read as far as it goes, or turned down.
const EITHER: &[Outcome] = &[Ok, Truncated, Empty, Malformed, TooLarge, Unsupported, Oom, Timeout];

fn packages() -> Vec<Specimen> {
    let bomb = "<w:p><w:r><w:t>".to_owned() + &" padding".repeat(50 << 20) + "</w:t></w:r></w:p>";
    let mut entities = String::from("<!DOCTYPE w:document [<!ENTITY a0 \"expanded\">");
    for level in 1..=12 {
        let inner = format!("&a{};", level - 1).repeat(10);
        entities.push_str(&format!("<!ENTITY a{level} \"{inner}\">"));
    }
    entities.push_str("]>");
    let long = "amplified ".repeat(3_000);
    let far: String =
        (1..=20_000).map(|row| format!(r#"<row r="{row}"><c r="XFD{row}" t="s"><v>0</v></c></row>"#)).collect();
    vec![
        one("bomb.docx", package::docx("", &bomb), EITHER),
        one("entities.docx", package::docx(&entities, "<w:p><w:r><w:t>&a12;</w:t></w:r></w:p>"), EITHER),
        one("amplified.xlsx", package::xlsx(&[long], &far), EITHER),
    ]
}

fn documents() -> Vec<Specimen> {
    let mut deep = "<div>".repeat(200_000);
    deep.push_str("deepest words here");
    let bomb = pdf::page("/Filter[/FlateDecode/FlateDecode]", &pdf::deflated(&pdf::deflated(&vec![b' '; 1 << 30])));
    let groups = format!("{{\\rtf1 {}", "{".repeat(500_000));
    vec![
        one("nested.eml", mail::nested(5_000), EITHER),
        Specimen { phrases: vec!["deepest words here".into()], ..one("deep.html", deep.into_bytes(), &[Ok]) },
        one("looped.pdf", pdf::looped(), EITHER),
        one("bomb.pdf", bomb, EITHER),
        one("groups.rtf", groups.into_bytes(), EITHER),
    ]
}

fn pictures() -> Vec<Specimen> {
    vec![
        one("huge.png", picture::png(60_000, 60_000), REFUSED_OR_TOLD),
        one("uses.svg", picture::use_bomb(), REFUSED_OR_TOLD),
    ]
}

/// A picture has no text, but may tell its size.
const REFUSED_OR_TOLD: &[Outcome] = &[Ok, Empty, Malformed, TooLarge, Unsupported];

/// The first two thirds of sound files.
fn truncated() -> Vec<Specimen> {
    let cut = |whole: Specimen| {
        let bytes = whole.bytes[..whole.bytes.len() * 2 / 3].to_vec();
        one(&format!("truncated-{}", whole.name), bytes, EITHER)
    };
    super::sound(1).into_iter().map(cut).collect()
}
