//! A ZIP writer that stores without compressing: enough for office formats, and byte-stable.

/// Entries in the given order (some formats demand a first one).
pub fn write(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, body) in entries {
        let offset = out.len() as u32;
        let mut common = Vec::new();
        // Version 2.0, UTF-8 names, stored, 1 January 2026.
        for field in [20u16, 0x0800, 0, 0, 0x5c21] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc32fast::hash(body), body.len() as u32, body.len() as u32] {
            common.extend(field.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend(0u16.to_le_bytes());
        out.extend_from_slice(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.bytes());
        out.extend(body);
        directory.extend_from_slice(b"PK\x01\x02");
        directory.extend(20u16.to_le_bytes());
        directory.extend(&common);
        // No comment, first disk, no attributes.
        directory.extend([0u8; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.bytes());
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend((entries.len() as u16).to_le_bytes());
    out.extend((entries.len() as u16).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0u8; 2]);
    out
}
