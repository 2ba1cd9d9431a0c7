//! Which language a text is in, where it is long enough and the answer is sure. ISO 639-1, as two letters.

use whatlang::Lang;

/// Letters below which nothing is said.
const MIN_LETTERS: usize = 200;
const MIN_CONFIDENCE: f64 = 0.8;
/// Bytes of text that are looked at.
const SAMPLE: usize = 64 << 10;

/// The language of a text.
pub fn detect(text: &str) -> Option<&'static str> {
    let sample = &text[..text.floor_char_boundary(SAMPLE)];
    if sample.chars().filter(|c| c.is_alphabetic()).take(MIN_LETTERS).count() < MIN_LETTERS {
        return None;
    }
    let info = whatlang::detect(sample)?;
    match info.confidence() >= MIN_CONFIDENCE {
        true => two_letters(info.lang()),
        false => None,
    }
}

/// The two letters of a language known by three.
pub fn of_three_letters(code: &str) -> Option<&'static str> {
    // Bibliographic codes that differ from the terminological ones.
    let code = match code {
        "ger" => "deu",
        "fre" => "fra",
        "dut" => "nld",
        "chi" | "zho" => "cmn",
        "gre" => "ell",
        "cze" => "ces",
        "per" | "fas" => "pes",
        "rum" => "ron",
        "slo" => "slk",
        "nor" | "nno" => "nob",
        "arm" => "hye",
        "geo" => "kat",
        "bur" => "mya",
        "mac" => "mkd",
        other => other,
    };
    two_letters(Lang::from_code(code)?)
}

fn two_letters(lang: Lang) -> Option<&'static str> {
    Some(match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GERMAN: &str = "Die Schiffswerft überprüfte sämtliche Taue, bevor das Schiff den Hafen verließ. Der Kapitän hatte darauf \
        bestanden, weil auf der letzten Reise ein Tau gerissen war und niemand erklären konnte, woran es gelegen hatte. Erst am \
        Abend war alles bereit, und die Mannschaft ging an Bord.";

    #[test]
    fn a_long_text_tells_its_language_and_a_short_one_does_not() {
        assert_eq!(detect(GERMAN), Some("de"));
        assert_eq!(detect("Die Schiffswerft überprüfte sämtliche Taue."), None);
        assert_eq!(detect(&"1234 5678 -- ".repeat(100)), None);
    }

    #[test]
    fn what_a_file_says_of_its_language_counts_before_what_its_words_say() {
        let language = |tag: &str| {
            let bytes = format!("<html{tag}><p>{GERMAN}</p></html>").into_bytes();
            let source = crate::Source { bytes: std::sync::Arc::new(bytes), ..crate::Source::default() };
            crate::text::read(&source).0.metadata.language
        };
        assert_eq!(language("").as_deref(), Some("de"));
        assert_eq!(language(" lang=gsw").as_deref(), Some("de"));
        assert_eq!(language(" lang=nl-BE").as_deref(), Some("nl"));
    }

    #[test]
    fn three_letters_become_two() {
        assert_eq!(of_three_letters("ger"), Some("de"));
        assert_eq!(of_three_letters("jpn"), Some("ja"));
        assert_eq!(of_three_letters("xxx"), None);
    }
}
