//! Mail as it travels: subject, people, date, body, attachments and messages inside. Comes in: one message, or several in a row
//! as mail programs file them. Attachments are read as files of their own; what a message calls them is a hint only.

mod message;

use std::panic::catch_unwind;

use mail_parser::{MessageParser, mailbox::mbox};

use super::{Reading, Stop};
use crate::{Fault, Source};

/// Messages inside messages that are parsed at all; only the first few are read.
const MAX_NESTED: usize = 2000;
/// Messages in one file that are read.
const MAX_MESSAGES: usize = 10_000;

pub fn read(source: &Source, into: &mut Reading) -> Result<(), Stop> {
    let bytes = shallow(&source.bytes);
    if bytes.starts_with(b"From ") {
        for (index, message) in mbox::MessageIterator::new(bytes).flatten().take(MAX_MESSAGES).enumerate() {
            one(message.contents(), index == 0, into)?;
        }
        return Ok(());
    }
    one(bytes, true, into)
}

fn one(bytes: &[u8], is_first: bool, into: &mut Reading) -> Result<(), Stop> {
    // A parser that breaks down over one message takes nothing from the file around it.
    let Ok(Some(message)) = catch_unwind(|| MessageParser::default().parse(bytes)) else {
        return Err(Fault::malformed("it is no message").into());
    };
    if into.depth == 0 && is_first {
        message::tell(&message, into);
    }
    message::pour(&message, into)
}

/// The bytes up to where messages nest deeper than any that people write.
fn shallow(bytes: &[u8]) -> &[u8] {
    let is_nesting = |at: usize| {
        let rest = &bytes[at..];
        let begins = |word: &[u8]| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
        begins(b"message/") || begins(b"multipart/digest")
    };
    let mut nested = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(byte, b'm' | b'M') && is_nesting(at) {
            nested += 1;
            if nested > MAX_NESTED {
                return &bytes[..at];
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests;
