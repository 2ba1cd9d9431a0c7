//! Rich Text Format, by a tokenizer of its own. Comes in: groups of control words and bytes in many code pages.
//! Goes out: what a reader of the document sees, then the files inside it.

mod fonts;
mod info;
mod metafile;
mod object;
mod tokens;
mod words;
mod writer;

use self::{
    tokens::{Token, Tokens},
    writer::{Finished, Writer},
};
use super::{Reading, Stop, attached};
use crate::{Fault, Source};

/// Groups inside groups.
const MAX_GROUPS: usize = 10_000;

pub fn read(source: &Source, into: &mut Reading) -> Result<(), Stop> {
    let start = source.bytes.iter().take(1024).position(|byte| *byte == b'{').unwrap_or(0);
    if !source.bytes[start..].starts_with(b"{\\rt") {
        return Err(Fault::malformed("it does not begin as RTF does").into());
    }
    let finished = pour(&source.bytes[start..], into)?;
    let files: Vec<Source> = finished.objects.iter().flat_map(|bytes| object::files(bytes)).collect();
    // A drawing shows what its object says, so that it is read only where there is no object.
    if files.is_empty() {
        for drawing in finished.drawings {
            into.sink.push(&metafile::words(&drawing))?;
            into.sink.line()?;
        }
    }
    for file in files.iter().take(attached::MAX_FILES) {
        attached::pour_file(file, into)?;
    }
    Ok(())
}

/// Pours the text; the objects and drawings inside come back as they are.
///
/// # Errors
/// `Full`, and `TooLarge` where groups nest too deep.
pub fn pour(bytes: &[u8], into: &mut Reading) -> Result<Finished, Stop> {
    let mut writer = Writer::new(&mut into.sink);
    let ended = walk(bytes, &mut writer);
    let finished = writer.finish()?;
    if into.depth == 0 {
        finished.info.tell(&mut into.metadata);
    }
    ended.map(|()| finished)
}

fn walk(bytes: &[u8], writer: &mut Writer<'_>) -> Result<(), Stop> {
    let mut depth = 0_usize;
    let mut was_open = false;
    for token in Tokens::new(bytes) {
        // `\*` marks a group that may be ignored only at its very beginning; elsewhere it is noise.
        let begins = std::mem::take(&mut was_open);
        match token {
            Token::Open => {
                depth += 1;
                if depth > MAX_GROUPS {
                    return Err(Fault::new(crate::Outcome::TooLarge, "its groups nest too deep").into());
                }
                was_open = true;
                writer.open();
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                writer.close()?;
            }
            Token::Symbol(b'*') if begins => writer.may_ignore(),
            Token::Symbol(symbol) => writer.symbol(symbol)?,
            Token::Word(word, number) => writer.word(word, number)?,
            Token::Hex(byte) => writer.byte(byte),
            Token::Bytes(bytes) => writer.bytes(bytes),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
