//! What each program is asked, word for word.

use std::path::PathBuf;

use super::{Tools, demuxer};
use crate::detect::Format;

/// Descriptor 0 by name, so that programs can seek in it.
const INPUT: &str = "/proc/self/fd/0";
/// The longest side that programs draw; `drawn` makes the other sizes of it.
const LONGEST: u32 = 512;
/// A frame from the first tenth of a film, but no later than this.
const LATEST_SECOND: f64 = 10.0;

/// Whose limits a step runs under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    Ffmpeg,
    Ffprobe,
    Vipsthumbnail,
}

/// One program to run, with the file on descriptor 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub tool: Tool,
    pub program: PathBuf,
    pub args: Vec<String>,
}

/// The steps that may draw a file, the best first; none where nothing installed draws it. `head` is how the file begins,
/// 512 bytes of it are enough; `duration_ms` is its length where that is known.
pub fn for_picture(tools: &Tools, format: Format, head: &[u8], duration_ms: Option<u64>) -> Vec<Step> {
    match (format, &tools.vipsthumbnail, &tools.ffmpeg) {
        (Format::Heif | Format::Avif, Some(program), _) => {
            let args = words(&["--size", &format!("{LONGEST}x{LONGEST}>"), "-o", ".png", "stdin"]);
            vec![Step { tool: Tool::Vipsthumbnail, program: program.clone(), args }]
        }
        (Format::Video, _, Some(program)) => {
            let Some(demuxer) = demuxer(head) else { return Vec::new() };
            let tenth = duration_ms.map_or(1.0, |length| (length as f64 / 10_000.0).min(LATEST_SECOND));
            // Past the end ffmpeg ends well without a word. So does its choice among thirty frames where there are
            // fewer that it can read.
            [(tenth, true), (0.0, true), (0.0, false)]
                .into_iter()
                .map(|(second, chosen)| Step {
                    tool: Tool::Ffmpeg,
                    program: program.clone(),
                    args: frame(demuxer, second, chosen),
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The step that tells what a film or sound is; nothing where ffprobe is missing or must not be given the file.
pub fn for_metadata(tools: &Tools, format: Format, head: &[u8]) -> Option<Step> {
    let program = tools.ffprobe.clone().filter(|_| matches!(format, Format::Video | Format::Audio))?;
    let args = words(&[
        "-v",
        "error",
        "-threads",
        "1",
        "-protocol_whitelist",
        "file,pipe",
        "-f",
        demuxer(head)?,
        "-show_format",
        "-show_streams",
        "-of",
        "json",
        "-i",
        INPUT,
    ]);
    Some(Step { tool: Tool::Ffprobe, program, args })
}

fn frame(demuxer: &str, second: f64, is_chosen: bool) -> Vec<String> {
    // Pixels need not be square; the frame is made so, then small, and never larger.
    let shape = format!(
        "scale=w='if(gt(sar,0),iw*sar,iw)':h=ih,setsar=1,\
         scale=w='min({LONGEST},iw)':h='min({LONGEST},ih)':force_original_aspect_ratio=decrease"
    );
    let filter = if is_chosen { format!("thumbnail=30,{shape}") } else { shape };
    words(&[
        "-nostdin",
        "-v",
        "error",
        "-threads",
        "1",
        "-protocol_whitelist",
        "file,pipe",
        "-f",
        demuxer,
        "-ss",
        &format!("{second:.3}"),
        "-i",
        INPUT,
        // A capital V leaves covers out.
        "-map",
        "0:V:0",
        "-frames:v",
        "1",
        "-vf",
        &filter,
        "-threads",
        "1",
        "-q:v",
        "2",
        "-f",
        "mjpeg",
        "pipe:1",
    ])
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Tools {
        let at = |name: &str| Some(PathBuf::from("/usr/bin").join(name));
        Tools { ffmpeg: at("ffmpeg"), ffprobe: at("ffprobe"), vipsthumbnail: at("vipsthumbnail") }
    }

    const FILM: &[u8] = b"\0\0\0\x18ftypisom";

    #[test]
    fn a_film_is_tried_at_its_tenth_then_at_its_start_then_without_choosing() {
        let steps = for_picture(&all(), Format::Video, FILM, Some(60_000));
        let seconds: Vec<&str> = steps.iter().map(|step| behind(&step.args, "-ss")).collect();
        assert_eq!(seconds, ["6.000", "0.000", "0.000"]);
        assert!(behind(&steps[1].args, "-vf").starts_with("thumbnail"));
        assert!(!behind(&steps[2].args, "-vf").contains("thumbnail"));
        let long = for_picture(&all(), Format::Video, FILM, Some(7_200_000));
        assert_eq!(behind(&long[0].args, "-ss"), "10.000");
    }

    #[test]
    fn ffmpeg_is_never_left_to_guess_what_a_file_is() {
        for step in
            for_picture(&all(), Format::Video, FILM, None).into_iter().chain(for_metadata(&all(), Format::Video, FILM))
        {
            let place = |word: &str| step.args.iter().position(|arg| arg == word).unwrap();
            assert_eq!(step.args[place("-f") + 1], "mov");
            assert!(place("-f") < place("-i") && place("-protocol_whitelist") < place("-i"));
            assert_eq!(behind(&step.args, "-i"), INPUT);
        }
        let list = b"#EXTM3U\nfile:///etc/passwd";
        assert!(for_picture(&all(), Format::Video, list, None).is_empty());
        assert!(for_metadata(&all(), Format::Video, list).is_none());
    }

    #[test]
    fn what_is_not_installed_is_not_asked() {
        assert!(for_picture(&Tools::default(), Format::Video, FILM, None).is_empty());
        assert!(for_picture(&Tools::default(), Format::Heif, FILM, None).is_empty());
        assert!(for_metadata(&Tools::default(), Format::Video, FILM).is_none());
        assert_eq!(for_picture(&all(), Format::Heif, FILM, None)[0].tool, Tool::Vipsthumbnail);
        assert!(for_picture(&all(), Format::Jpeg, FILM, None).is_empty());
    }

    fn behind<'a>(args: &'a [String], word: &str) -> &'a str {
        &args[args.iter().position(|arg| arg == word).unwrap() + 1]
    }
}
