//! What a file is said to be: the extension of its name, or else the MIME type it came with. Only ever a tie-break.

use super::Format;
use crate::Source;

/// The kind that a name or a MIME type claims, as far as a claim can part kinds of the same look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    None,
    /// Something written, of this kind.
    Written(Format),
    /// Any other kind that is known.
    Format(Format),
    /// A name or type that says nothing here.
    Other,
}

impl Hint {
    pub fn is(self, format: Format) -> bool {
        self == Self::Written(format) || self == Self::Format(format)
    }
}

/// What is claimed of a file. The extension is heard first: clouds derive the MIME type from it, and less well.
pub fn of(source: &Source) -> Hint {
    let extension = source.name.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, last)| last);
    let by_name = match extension {
        Some(extension) if extension.len() <= 12 => by_extension(&extension.to_ascii_lowercase()),
        _ => Hint::None,
    };
    if !matches!(by_name, Hint::None | Hint::Other) {
        return by_name;
    }
    match source.mime_type.as_deref().map(by_mime) {
        None | Some(Hint::None) => by_name,
        Some(by_type) => by_type,
    }
}

fn by_extension(extension: &str) -> Hint {
    match extension {
        "txt" | "text" | "log" | "nfo" | "asc" | "srt" | "vtt" | "ics" | "vcf" => Hint::Written(Format::Text),
        "md" | "markdown" | "mdown" | "mkd" | "mdx" => Hint::Written(Format::Markdown),
        "csv" | "tsv" | "tab" | "psv" => Hint::Written(Format::Csv),
        "htm" | "html" | "xhtml" | "shtml" | "xht" => Hint::Written(Format::Html),
        "xml" | "xsd" | "rss" | "atom" | "kml" | "gpx" | "plist" | "fodt" | "fods" | "fodp" => {
            Hint::Written(Format::Xml)
        }
        "svg" | "svgz" => Hint::Written(Format::Svg),
        "eml" | "mht" | "mhtml" | "mbox" | "emlx" | "mime" => Hint::Written(Format::Eml),
        "rtf" => Hint::Written(Format::Rtf),
        "pdf" | "ai" => Hint::Format(Format::Pdf),
        "xls" => Hint::Format(Format::Xls),
        "tga" | "ico" | "cur" | "pbm" | "pgm" | "ppm" | "pnm" | "pam" => Hint::Format(Format::Raster),
        "bmp" | "dib" => Hint::Format(Format::Bmp),
        "3fr" | "arw" | "cr2" | "cr3" | "crw" | "dcr" | "dng" | "erf" | "iiq" | "kdc" | "mef" | "mos" | "mrw"
        | "nef" | "nrw" | "orf" | "pef" | "raf" | "raw" | "rw2" | "rwl" | "sr2" | "srf" | "srw" | "x3f" => {
            Hint::Format(Format::Raw)
        }
        "mp3" | "mp2" | "aac" | "m4a" | "m4b" | "flac" | "ogg" | "oga" | "opus" | "wav" | "wma" | "aif" | "aiff"
        | "ac3" | "amr" | "ape" | "wv" | "mka" | "mid" => Hint::Format(Format::Audio),
        "mp4" | "m4v" | "mov" | "mkv" | "webm" | "avi" | "wmv" | "mpg" | "mpeg" | "ts" | "mts" | "m2ts" | "3gp"
        | "flv" | "ogv" | "vob" => match extension {
            // TypeScript is far more often met than a transport stream, and bytes tell the latter.
            "ts" | "mts" => Hint::Written(Format::Code),
            _ => Hint::Format(Format::Video),
        },
        "" => Hint::None,
        code if CODE.binary_search(&code).is_ok() => Hint::Written(Format::Code),
        _ => Hint::Other,
    }
}

fn by_mime(mime: &str) -> Hint {
    let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match mime.as_str() {
        "" | "application/octet-stream" | "binary/octet-stream" => Hint::None,
        "text/plain" => Hint::Written(Format::Text),
        "text/markdown" | "text/x-markdown" => Hint::Written(Format::Markdown),
        "text/csv" | "text/tab-separated-values" => Hint::Written(Format::Csv),
        "text/html" | "application/xhtml+xml" => Hint::Written(Format::Html),
        "image/svg+xml" => Hint::Written(Format::Svg),
        "text/xml" | "application/xml" => Hint::Written(Format::Xml),
        "message/rfc822" | "multipart/related" | "application/mbox" => Hint::Written(Format::Eml),
        "application/json" | "application/javascript" | "application/x-sh" | "application/yaml" | "application/sql" => {
            Hint::Written(Format::Code)
        }
        "application/pdf" => Hint::Format(Format::Pdf),
        "image/bmp" => Hint::Format(Format::Bmp),
        "image/x-tga" | "image/x-icon" | "image/vnd.microsoft.icon" => Hint::Format(Format::Raster),
        text if text.starts_with("text/x-") => Hint::Written(Format::Code),
        text if text.starts_with("text/") => Hint::Written(Format::Text),
        audio if audio.starts_with("audio/") => Hint::Format(Format::Audio),
        video if video.starts_with("video/") => Hint::Format(Format::Video),
        raw if raw.starts_with("image/x-") && RAW_TYPES.contains(&&raw["image/x-".len()..]) => {
            Hint::Format(Format::Raw)
        }
        _ => Hint::Other,
    }
}

const RAW_TYPES: [&str; 12] = [
    "dcraw",
    "adobe-dng",
    "canon-cr2",
    "canon-cr3",
    "canon-crw",
    "nikon-nef",
    "sony-arw",
    "fuji-raf",
    "olympus-orf",
    "panasonic-rw2",
    "pentax-pef",
    "samsung-srw",
];

/// Sorted, for looking up.
const CODE: [&str; 106] = [
    "adoc",
    "ahk",
    "as",
    "asm",
    "asp",
    "aspx",
    "awk",
    "bas",
    "bash",
    "bat",
    "bib",
    "c",
    "cc",
    "cfg",
    "clj",
    "cls",
    "cmake",
    "cmd",
    "conf",
    "cpp",
    "cs",
    "cshtml",
    "css",
    "cxx",
    "d",
    "dart",
    "diff",
    "dockerfile",
    "ejs",
    "el",
    "elm",
    "env",
    "erb",
    "erl",
    "ex",
    "exs",
    "f",
    "f90",
    "fish",
    "fs",
    "ftl",
    "go",
    "gradle",
    "graphql",
    "groovy",
    "h",
    "haml",
    "hbs",
    "hcl",
    "hpp",
    "hs",
    "ini",
    "ipynb",
    "java",
    "jl",
    "js",
    "json",
    "json5",
    "jsonl",
    "jsp",
    "jsx",
    "kt",
    "kts",
    "less",
    "lisp",
    "lua",
    "m",
    "make",
    "mjs",
    "ml",
    "mm",
    "mustache",
    "nim",
    "nix",
    "pas",
    "patch",
    "php",
    "pl",
    "pm",
    "po",
    "properties",
    "proto",
    "ps1",
    "py",
    "r",
    "rb",
    "rs",
    "rst",
    "sass",
    "scala",
    "scss",
    "sh",
    "sql",
    "svelte",
    "swift",
    "tcl",
    "tex",
    "tf",
    "toml",
    "tsx",
    "twig",
    "vb",
    "vue",
    "yaml",
    "yml",
    "zig",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_code_is_sorted() {
        assert!(CODE.is_sorted());
        assert_eq!(by_extension("zig"), Hint::Written(Format::Code));
    }

    #[test]
    fn a_type_is_heard_where_the_name_says_nothing() {
        let source =
            Source { name: Some("letter.2024".into()), mime_type: Some("text/markdown".into()), ..Source::default() };
        assert_eq!(of(&source), Hint::Written(Format::Markdown));
        let source = Source { name: Some("a.rs".into()), mime_type: Some("text/plain".into()), ..Source::default() };
        assert_eq!(of(&source), Hint::Written(Format::Code));
    }
}
