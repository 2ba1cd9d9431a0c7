//! Rich text as message stores compress it (MS-OXRTFCP): a window of 4 KiB that begins with words every document has.

const WINDOW: usize = 4096;
/// Bytes of rich text that are unpacked.
const MAX_UNPACKED: usize = 64 << 20;
const COMPRESSED: &[u8] = b"LZFu";
const PLAIN: &[u8] = b"MELA";
/// What the window holds at the beginning, by the format's definition.
const BEGINNING: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor \
MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// The rich text, as far as it can be unpacked.
pub fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let (head, body) = bytes.split_at_checked(16)?;
    match &head[8..12] {
        PLAIN => Some(body.to_vec()),
        COMPRESSED => Some(inflate(body)),
        _ => None,
    }
}

fn inflate(body: &[u8]) -> Vec<u8> {
    let mut window = [0_u8; WINDOW];
    window[..BEGINNING.len()].copy_from_slice(BEGINNING);
    let mut at = BEGINNING.len();
    let mut text = Vec::new();
    let mut put = |byte: u8, at: &mut usize, window: &mut [u8; WINDOW]| {
        window[*at] = byte;
        *at = (*at + 1) % WINDOW;
        text.push(byte);
        text.len() < MAX_UNPACKED
    };
    let mut bytes = body.iter().copied();
    while let Some(flags) = bytes.next() {
        for bit in 0..8 {
            let Some(first) = bytes.next() else { return text };
            if flags >> bit & 1 == 0 {
                if !put(first, &mut at, &mut window) {
                    return text;
                }
                continue;
            }
            let Some(second) = bytes.next() else { return text };
            let pair = usize::from(u16::from_be_bytes([first, second]));
            let (from, length) = (pair >> 4, (pair & 15) + 2);
            if from == at {
                return text;
            }
            for step in 0..length {
                let byte = window[(from + step) % WINDOW];
                if !put(byte, &mut at, &mut window) {
                    return text;
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_format_is_unpacked() {
        let example = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125B2\x0a\xf3 hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(unpack(example).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
    }

    #[test]
    fn what_is_broken_gives_what_came_before() {
        assert_eq!(BEGINNING.len(), 207);
        assert_eq!(unpack(b"\0\0\0\0\0\0\0\0MELA\0\0\0\0{\\rtf1}").unwrap(), b"{\\rtf1}");
        assert_eq!(unpack(b"\0\0\0\0\0\0\0\0LZFu\0\0\0\0\x04ab\xff").unwrap(), b"ab");
        assert_eq!(unpack(b"LZFu"), None);
    }
}
