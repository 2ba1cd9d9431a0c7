//! Frames of a WebSocket, good and bad ones, and what the server's frames say.
//! <https://www.rfc-editor.org/rfc/rfc6455#section-5.2>

use rand::{Rng, rngs::StdRng};

use super::{
    answer::Reader,
    broken::{chance, choose, noise},
};

pub const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// The last frame of its message.
pub const LAST: u8 = 0x80;

/// What the server said.
#[derive(Debug)]
pub enum Said {
    Text(String),
    Closed(u16),
    /// The end of the connection, without a word.
    Gone,
}

/// A frame as a client sends it: `first` is its first byte.
pub fn frame(first: u8, payload: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | length as u8),
        length @ 126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    let mask: [u8; 4] = random.random();
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

pub fn text(payload: &str, random: &mut StdRng) -> Vec<u8> {
    frame(LAST | TEXT, payload.as_bytes(), random)
}

/// Ends a session as it should be ended.
pub fn close(random: &mut StdRng) -> Vec<u8> {
    frame(LAST | CLOSE, &1000_u16.to_be_bytes(), random)
}

/// A message in frames that are mostly in order.
pub fn sent(message: &[u8], random: &mut StdRng) -> Vec<u8> {
    match random.random_range(0..100) {
        0..60 => frame(LAST | TEXT, message, random),
        60..75 => fragmented(message, random),
        _ => wrong(message, random),
    }
}

/// In pieces, with a ping between them now and then.
fn fragmented(message: &[u8], random: &mut StdRng) -> Vec<u8> {
    let size = random.random_range(1..=message.len().max(1)).max(message.len() / 50 + 1);
    let pieces: Vec<_> = message.chunks(size).collect();
    let mut bytes = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let kind = if number == 0 { TEXT } else { 0 };
        let last = if number + 1 == pieces.len() { LAST } else { 0 };
        bytes.extend(frame(kind | last, piece, random));
        if chance(random, 20) {
            bytes.extend(frame(LAST | PING, b"here", random));
        }
    }
    bytes
}

/// What the protocol of frames does not allow, or what ours does not.
fn wrong(message: &[u8], random: &mut StdRng) -> Vec<u8> {
    let short = &message[..message.len().min(100)];
    match random.random_range(0..16) {
        0 => frame(LAST | BINARY, message, random),
        1 => frame(LAST | TEXT | choose(random, &[0x40, 0x20, 0x10, 0x70]), message, random),
        2 => frame(LAST | choose(random, &[3, 4, 7, 11, 15]), short, random),
        3 => frame(LAST, short, random),
        4 => [frame(TEXT, short, random), frame(LAST | TEXT, short, random)].concat(),
        5 => frame(choose(random, &[PING, PONG, CLOSE]), b"in pieces", random),
        6 => frame(LAST | choose(random, &[PING, PONG, CLOSE]), &[b'x'; 126], random),
        7 => frame(
            LAST | CLOSE,
            choose(random, &[&b"\x03"[..], &b"\x00\x00"[..], &b"\x03\xed"[..], &b"\xff\xff\xff"[..]]),
            random,
        ),
        8 => frame(LAST | TEXT, &[message, b"\xff\xfe\xc0"].concat(), random),
        9 => unmasked(short),
        10 => [
            &[LAST | TEXT, 0xff][..],
            &choose(random, &[u64::MAX, 1 << 63, 1 << 40, 300_000]).to_be_bytes(),
            b"maskmore",
        ]
        .concat(),
        11 => [&[LAST | TEXT, 0xfe, 0, 5][..], b"maskshort"].concat(),
        12 => frame(LAST | TEXT, &vec![b' '; choose(random, &[65_535, 65_536, 262_144, 262_145, 400_000])], random),
        13 => (0..random.random_range(1..200)).flat_map(|_| frame(LAST | PING, b"ping", random)).collect(),
        14 => {
            let mut bytes = frame(LAST | TEXT, message, random);
            bytes.truncate(random.random_range(0..bytes.len()));
            bytes
        }
        _ => noise(random, 500),
    }
}

fn unmasked(payload: &[u8]) -> Vec<u8> {
    [&[LAST | TEXT, payload.len() as u8][..], payload].concat()
}

/// The next thing the server says; its pings and pongs are passed over.
pub async fn hear(reader: &mut Reader) -> Result<Said, String> {
    loop {
        let Some(head) = reader.take(2).await? else { return Ok(Said::Gone) };
        let (first, second) = (head[0], head[1]);
        if second & 0x80 != 0 || first & 0x70 != 0 || first & LAST == 0 {
            return Err(format!("a frame that servers do not send: {head:?}"));
        }
        let length = match second {
            126 => number(reader.take(2).await?)?,
            127 => number(reader.take(8).await?)?,
            short => usize::from(short),
        };
        let Some(payload) = reader.take(length).await? else { return Err("half a frame".to_owned()) };
        match first & 0x0f {
            TEXT => return String::from_utf8(payload).map(Said::Text).map_err(|_| "a text that is none".to_owned()),
            CLOSE => {
                let code = payload.get(..2).map_or(1005, |it| u16::from_be_bytes([it[0], it[1]]));
                return Ok(Said::Closed(code));
            }
            PING | PONG => {}
            other => return Err(format!("a frame of kind {other}")),
        }
    }
}

fn number(bytes: Option<Vec<u8>>) -> Result<usize, String> {
    let bytes = bytes.ok_or("half a length")?;
    Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}
