//! What people would call a file: decided by what its bytes are, and by its extension where that says more.

use hawser_entity::document::DocumentKind;

use crate::search::query::Kind;

/// The word a kind of file has in the index.
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Document => "document",
        Kind::Spreadsheet => "spreadsheet",
        Kind::Presentation => "presentation",
        Kind::Pdf => "pdf",
        Kind::Image => "image",
        Kind::Video => "video",
        Kind::Audio => "audio",
        Kind::Archive => "archive",
        Kind::Code => "code",
        Kind::Text => "text",
        Kind::Mail => "mail",
        Kind::Folder => "folder",
        Kind::Other => "other",
    }
}

/// The kind of a document with these MIME types, the most trusted first, and this extension.
pub fn of(document: DocumentKind, mimes: &[&str], extension: Option<&str>) -> Kind {
    if document.is_container() {
        return Kind::Folder;
    }
    let by_extension = extension.and_then(by_extension);
    for mime in mimes {
        match by_mime(mime) {
            // Source code and tables travel as plain text.
            Some(Kind::Text) => return by_extension.unwrap_or(Kind::Text),
            // Most office formats are archives to those who do not look closer.
            Some(Kind::Archive) => return by_extension.unwrap_or(Kind::Archive),
            Some(kind) => return kind,
            None => {}
        }
    }
    by_extension.unwrap_or(match document {
        DocumentKind::Picture => Kind::Image,
        DocumentKind::Video => Kind::Video,
        DocumentKind::Audio => Kind::Audio,
        _ => Kind::Other,
    })
}

fn by_mime(mime: &str) -> Option<Kind> {
    let mime = mime.split(';').next().unwrap_or(mime).trim().to_ascii_lowercase();
    let (family, name) = mime.split_once('/')?;
    let kind = match (family, name) {
        ("image", _) => Kind::Image,
        ("video", _) => Kind::Video,
        ("audio", _) => Kind::Audio,
        ("message", _) => Kind::Mail,
        ("application", "pdf") => Kind::Pdf,
        ("application", "vnd.ms-outlook" | "mbox") => Kind::Mail,
        ("text", "csv" | "tab-separated-values") => Kind::Spreadsheet,
        ("text", "html" | "rtf") => Kind::Document,
        ("text", "plain" | "markdown" | "x-markdown") => Kind::Text,
        ("text", _) => Kind::Code,
        ("application", "vnd.google-apps.document") => Kind::Document,
        ("application", "vnd.google-apps.spreadsheet") => Kind::Spreadsheet,
        ("application", "vnd.google-apps.presentation") => Kind::Presentation,
        ("application", "vnd.google-apps.drawing") => Kind::Image,
        ("application", "vnd.google-apps.script") => Kind::Code,
        ("application", "rtf" | "msword" | "epub+zip" | "xhtml+xml" | "x-abiword") => Kind::Document,
        ("application", name) if name.contains("wordprocessing") || name.starts_with("vnd.ms-word") => Kind::Document,
        ("application", name) if name.contains("opendocument.text") => Kind::Document,
        ("application", name) if name.contains("spreadsheet") || name.starts_with("vnd.ms-excel") => Kind::Spreadsheet,
        ("application", name) if name.contains("presentation") || name.starts_with("vnd.ms-powerpoint") => {
            Kind::Presentation
        }
        ("application", name) if name.contains("opendocument.graphics") => Kind::Image,
        (
            "application",
            "json" | "xml" | "javascript" | "x-javascript" | "x-sh" | "x-python" | "sql" | "toml" | "yaml" | "x-yaml"
            | "x-httpd-php" | "graphql",
        ) => Kind::Code,
        (
            "application",
            "zip" | "gzip" | "x-gzip" | "x-tar" | "x-7z-compressed" | "x-rar" | "x-rar-compressed" | "vnd.rar"
            | "x-bzip2" | "x-xz" | "zstd" | "x-zip-compressed" | "x-compressed-tar" | "java-archive",
        ) => Kind::Archive,
        _ => return None,
    };
    Some(kind)
}

fn by_extension(extension: &str) -> Option<Kind> {
    let kind = match extension {
        "pdf" => Kind::Pdf,
        "doc" | "docx" | "docm" | "dot" | "dotx" | "odt" | "ott" | "fodt" | "rtf" | "epub" | "html" | "htm"
        | "xhtml" | "pages" | "gdoc" | "wpd" => Kind::Document,
        "xls" | "xlsx" | "xlsm" | "xlsb" | "xlt" | "xltx" | "ods" | "ots" | "fods" | "csv" | "tsv" | "numbers"
        | "gsheet" => Kind::Spreadsheet,
        "ppt" | "pptx" | "pptm" | "pps" | "ppsx" | "pot" | "potx" | "odp" | "otp" | "fodp" | "key" | "gslides" => {
            Kind::Presentation
        }
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "bmp" | "tif" | "tiff" | "svg" | "heic" | "heif" | "avif" | "ico"
        | "psd" | "raw" | "cr2" | "cr3" | "nef" | "arw" | "dng" | "raf" | "orf" | "rw2" | "odg" => Kind::Image,
        "mp4" | "m4v" | "mov" | "mkv" | "webm" | "avi" | "wmv" | "mpg" | "mpeg" | "mxf" | "ogv" => Kind::Video,
        "mp3" | "m4a" | "wav" | "flac" | "ogg" | "oga" | "opus" | "aac" | "wma" | "aif" | "aiff" => Kind::Audio,
        "zip" | "tar" | "gz" | "tgz" | "bz2" | "xz" | "7z" | "rar" | "zst" | "jar" => Kind::Archive,
        "eml" | "msg" | "mbox" => Kind::Mail,
        "txt" | "md" | "markdown" | "log" | "rst" | "adoc" | "srt" | "vtt" => Kind::Text,
        "rs" | "py" | "js" | "mjs" | "cjs" | "ts" | "tsx" | "jsx" | "java" | "kt" | "c" | "h" | "cc" | "cpp"
        | "hpp" | "cs" | "go" | "rb" | "php" | "swift" | "sh" | "bash" | "sql" | "json" | "xml" | "yaml" | "yml"
        | "toml" | "css" | "scss" | "less" | "vue" | "lua" | "pl" | "r" | "scala" | "dart" | "m" | "mm" | "graphql"
        | "proto" | "tf" | "ini" | "cfg" | "conf" | "bat" | "ps1" | "gradle" | "makefile" | "dockerfile" => Kind::Code,
        _ => return None,
    };
    Some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_and_the_extension_where_it_says_more() {
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        for (mimes, extension, kind) in [
            (vec![docx], None, Kind::Document),
            (vec!["application/zip"], Some("docx"), Kind::Document),
            (vec!["application/zip"], Some("bak"), Kind::Archive),
            (vec!["text/plain; charset=utf-8"], Some("rs"), Kind::Code),
            (vec!["text/plain"], Some("txt"), Kind::Text),
            (vec!["text/plain"], Some("csv"), Kind::Spreadsheet),
            (vec!["application/pdf"], Some("txt"), Kind::Pdf),
            (vec!["application/octet-stream"], Some("mp4"), Kind::Video),
            (vec!["application/octet-stream", "message/rfc822"], None, Kind::Mail),
            (vec!["application/vnd.oasis.opendocument.presentation"], None, Kind::Presentation),
            (vec!["application/vnd.google-apps.spreadsheet"], None, Kind::Spreadsheet),
            (vec![], None, Kind::Other),
        ] {
            assert_eq!(of(DocumentKind::File, &mimes, extension), kind, "{mimes:?} {extension:?}");
        }
        assert_eq!(of(DocumentKind::Workspace, &["application/pdf"], Some("pdf")), Kind::Folder);
        assert_eq!(of(DocumentKind::Video, &[], None), Kind::Video);
    }
}
