//! Writers of small files: TIFF structures, boxes, elements and chunks.

/// A value of a TIFF entry.
pub enum Value<'a> {
    Short(u16),
    Long(u32),
    Text(&'a str),
    Rationals(&'a [(u32, u32)]),
    Bytes(&'a [u8]),
    /// Another directory, and where its entries lead.
    Directory(Vec<(u16, Value<'a>)>),
    /// Bytes elsewhere, pointed to, and their length in the next tag but this one's.
    Piece(&'a [u8]),
}

/// A little-endian TIFF with one directory, and what it holds.
pub fn tiff(entries: &[(u16, Value<'_>)]) -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    directory(&mut bytes, entries);
    bytes
}

fn directory(bytes: &mut Vec<u8>, entries: &[(u16, Value<'_>)]) {
    let at = bytes.len();
    bytes.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
    bytes.resize(at + 2 + entries.len() * 12 + 4, 0);
    for (index, (tag, value)) in entries.iter().enumerate() {
        let (kind, count, data): (u16, usize, Vec<u8>) = match value {
            Value::Short(number) => (3, 1, number.to_le_bytes().to_vec()),
            Value::Long(number) => (4, 1, number.to_le_bytes().to_vec()),
            Value::Text(text) => (2, text.len() + 1, [text.as_bytes(), b"\0"].concat()),
            Value::Bytes(data) => (7, data.len(), data.to_vec()),
            Value::Rationals(parts) => {
                let pairs = parts.iter().flat_map(|(over, under)| [over.to_le_bytes(), under.to_le_bytes()].concat());
                (5, parts.len(), pairs.collect())
            }
            Value::Directory(inside) => {
                let place = u32::try_from(bytes.len()).unwrap();
                directory(bytes, inside);
                (4, 1, place.to_le_bytes().to_vec())
            }
            Value::Piece(piece) => {
                let place = u32::try_from(bytes.len()).unwrap();
                bytes.extend(*piece);
                (4, 1, place.to_le_bytes().to_vec())
            }
        };
        let entry = at + 2 + index * 12;
        let mut field = data.clone();
        if data.len() > 4 {
            field = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
            bytes.extend(&data);
        }
        field.resize(4, 0);
        bytes[entry..entry + 2].copy_from_slice(&tag.to_le_bytes());
        bytes[entry + 2..entry + 4].copy_from_slice(&kind.to_le_bytes());
        bytes[entry + 4..entry + 8].copy_from_slice(&u32::try_from(count).unwrap().to_le_bytes());
        bytes[entry + 8..entry + 12].copy_from_slice(&field);
    }
}

/// What a camera writes: maker, model, way up, day with offset, lens, place and a caption.
pub fn camera() -> Vec<u8> {
    tiff(&[
        (0x010e, Value::Text("Two boats at the quay")),
        (0x010f, Value::Text("Hawser")),
        (0x0110, Value::Text("Bollard 7")),
        (0x0112, Value::Short(6)),
        (
            0x8769,
            Value::Directory(vec![
                (0x9003, Value::Text("2026:11:21 07:00:06")),
                (0x9011, Value::Text("-05:00")),
                (0x9286, Value::Bytes(b"ASCII\0\0\0fair wind")),
                (0xa434, Value::Text("35 mm")),
            ]),
        ),
        (
            0x8825,
            Value::Directory(vec![
                (1, Value::Text("S")),
                (2, Value::Rationals(&[(48, 1), (51, 1), (30, 1)])),
                (3, Value::Text("E")),
                (4, Value::Rationals(&[(2, 1), (1767, 100), (0, 0)])),
            ]),
        ),
    ])
}

/// A box of ISO's media files.
pub fn boxed(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len() + 8).unwrap();
    [&length.to_be_bytes(), kind.as_slice(), data].concat()
}

/// An element of Matroska: its number as it is written, and its length in eight bytes.
pub fn element(id: u32, data: &[u8]) -> Vec<u8> {
    let id: Vec<u8> = id.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let length = (data.len() as u64 | 1 << 56).to_be_bytes();
    [id.as_slice(), &length, data].concat()
}

/// A chunk of RIFF.
pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let mut bytes = [kind.as_slice(), &length.to_le_bytes(), data].concat();
    bytes.resize(bytes.len() + data.len() % 2, 0);
    bytes
}

/// A JPEG's segment.
pub fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap();
    [&[0xff, marker], &length.to_be_bytes()[..], data].concat()
}

/// A chunk of PNG.
pub fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let body = [kind.as_slice(), data].concat();
    [&length.to_be_bytes()[..], &body, &crate::picture::samples::crc(&body).to_be_bytes()].concat()
}

/// Numbers as they follow each other, in big-endian order.
pub fn longs(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}
