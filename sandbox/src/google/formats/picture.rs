//! Pictures drawn from bytes: the same content gives the same picture, other content another. PNG and JPEG, written by hand
//! because a few coloured blocks do not need an imaging library.

use sha2::{Digest, Sha256};

/// Blocks of colour, 8 by 8 pixels each.
pub struct Canvas {
    pub width: u32,
    pub height: u32,
    columns: u32,
    blocks: Vec<[u8; 3]>,
}

impl Canvas {
    pub fn draw(content: &[u8], width: u32, height: u32) -> Self {
        let (width, height) = (width.clamp(8, 1600), height.clamp(8, 1600));
        let seed = Sha256::digest(content);
        let (columns, rows) = (width.div_ceil(8), height.div_ceil(8));
        let paper = [230 + seed[0] % 26, 230 + seed[1] % 26, 230 + seed[2] % 26];
        let ink = [seed[3] % 160, seed[4] % 160, seed[5] % 160];
        let blocks = (0..columns * rows).map(|at| {
            let (x, y) = (at % columns, at / columns);
            let word = seed[(6 + (x * 3 + y * 7) % 26) as usize];
            // Rows of "words" on every second line, inside a margin.
            let written = x > 1 && x + 2 < columns && y > 1 && y % 2 == 0 && word > 90;
            if written { ink } else { paper }
        });
        Self { width, height, columns, blocks: blocks.collect() }
    }

    fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        self.blocks[((y / 8) * self.columns + x / 8) as usize]
    }
}

pub fn png(canvas: &Canvas) -> Vec<u8> {
    let mut raw = Vec::with_capacity((canvas.width * canvas.height * 3 + canvas.height) as usize);
    for y in 0..canvas.height {
        raw.push(0);
        for x in 0..canvas.width {
            raw.extend(canvas.pixel(x, y));
        }
    }
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(canvas.width.to_be_bytes());
    header.extend(canvas.height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    chunk(&mut out, b"IHDR", &header);
    chunk(&mut out, b"IDAT", &zlib(&raw));
    chunk(&mut out, b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    out.extend((body.len() as u32).to_be_bytes());
    let start = out.len();
    out.extend(name);
    out.extend(body);
    let sum = crc32fast::hash(&out[start..]);
    out.extend(sum.to_be_bytes());
}

/// A zlib stream of stored blocks.
fn zlib(raw: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = raw.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        out.extend((block.len() as u16).to_le_bytes());
        out.extend((!(block.len() as u16)).to_le_bytes());
        out.extend(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in raw {
        a = (a + u32::from(*byte)) % 65521;
        b = (b + a) % 65521;
    }
    out.extend(((b << 16) | a).to_be_bytes());
    out
}

/// Baseline JPEG in which every 8×8 block is one colour: only DC coefficients are written.
pub fn jpeg(canvas: &Canvas) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    segment(&mut out, 0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    // A quantization table of eights makes one DC step one grey level.
    let mut table = vec![0u8];
    table.extend([8u8; 64]);
    segment(&mut out, 0xdb, &table);
    let mut frame = vec![8];
    frame.extend((canvas.height as u16).to_be_bytes());
    frame.extend((canvas.width as u16).to_be_bytes());
    frame.extend([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    segment(&mut out, 0xc0, &frame);
    // DC: twelve categories with four-bit codes; AC: only "end of block", one bit.
    let mut dc = vec![0x00, 0, 0, 0, 12];
    dc.extend([0u8; 12]);
    dc.extend(0..12u8);
    segment(&mut out, 0xc4, &dc);
    let mut ac = vec![0x10, 1];
    ac.extend([0u8; 15]);
    ac.push(0);
    segment(&mut out, 0xc4, &ac);
    segment(&mut out, 0xda, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    let mut bits = Bits::default();
    let mut before = [0i32; 3];
    for block in &canvas.blocks {
        for (plane, value) in ycc(*block).into_iter().enumerate() {
            bits.difference(value - before[plane]);
            before[plane] = value;
        }
    }
    out.extend(bits.finish());
    out.extend([0xff, 0xd9]);
    out
}

fn segment(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    out.extend([0xff, marker]);
    out.extend((body.len() as u16 + 2).to_be_bytes());
    out.extend(body);
}

fn ycc([r, g, b]: [u8; 3]) -> [i32; 3] {
    let (r, g, b) = (f64::from(r), f64::from(g), f64::from(b));
    let luma = 0.299 * r + 0.587 * g + 0.114 * b - 128.0;
    let blue = -0.168_736 * r - 0.331_264 * g + 0.5 * b;
    let red = 0.5 * r - 0.418_688 * g - 0.081_312 * b;
    [luma.round() as i32, blue.round() as i32, red.round() as i32]
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, width: u32) {
        for at in (0..width).rev() {
            self.held = (self.held << 1) | ((value >> at) & 1);
            self.count += 1;
            if self.count == 8 {
                let byte = self.held as u8;
                self.out.push(byte);
                if byte == 0xff {
                    self.out.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// The DC difference of one block, and its end.
    fn difference(&mut self, value: i32) {
        let size = 32 - value.unsigned_abs().leading_zeros();
        self.put(size, 4);
        let coded = if value < 0 { value + (1 << size) - 1 } else { value };
        self.put(coded as u32, size);
        self.put(0, 1);
    }

    fn finish(mut self) -> Vec<u8> {
        while self.count != 0 {
            self.put(1, 1);
        }
        self.out
    }
}
