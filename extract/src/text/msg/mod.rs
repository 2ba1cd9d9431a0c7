//! Messages, appointments and contacts as Outlook files them. Comes in: an OLE file of properties. Goes out: subject, people, date,
//! body, and the attachments and messages inside it, read as files of their own.

mod compressed;
mod properties;

use std::{path::PathBuf, sync::Arc};

use self::properties::{Properties, Store};
use super::{
    Full, Reading, Sink, Stop, alternatives, attached, charset,
    html::{self, Dialect, Page},
    rtf, stated,
};
use crate::{Fault, Source};

const SUBJECT: u16 = 0x0037;
const BODY: u16 = 0x1000;
const RICH_BODY: u16 = 0x1009;
const HTML_BODY: u16 = 0x1013;
const CLASS: u16 = 0x001a;
const DISPLAY_NAME: u16 = 0x3001;
/// Names and addresses of who sent it, and of whom it was sent for.
const SENDERS: [(u16, [u16; 2]); 2] = [(0x0c1a, [0x5d01, 0x0c1f]), (0x0042, [0x5d02, 0x0065])];
/// Recipients in one line each, as far as the file tells them so.
const RECIPIENTS: [u16; 3] = [0x0e04, 0x0e03, 0x0e02];
const RECIPIENT_ADDRESSES: [u16; 2] = [0x39fe, 0x3003];
/// When it was sent, received, made.
const TIMES: [u16; 3] = [0x0039, 0x0e06, 0x3007];
/// What a contact says: names, telephones, addresses, company.
const CONTACT: std::ops::RangeInclusive<u16> = 0x3a00..=0x3a5f;
/// Place of an appointment; file name, addresses and mail addresses of a contact.
const NAMED: [u32; 8] = [0x8208, 0x8005, 0x8083, 0x8093, 0x80a3, 0x801a, 0x801b, 0x801c];
const MAX_RECIPIENTS: usize = 1000;
/// Bytes before the list of properties of a file, a message inside, and anything else.
const HEADS: [usize; 3] = [32, 24, 8];

pub fn read(source: &Source, into: &mut Reading) -> Result<(), Stop> {
    let store = Store::open(&source.bytes)?;
    let message = Properties::of(&store, PathBuf::from("/"), HEADS[0], None);
    if into.depth == 0 {
        tell(&message, into);
    }
    pour(&store, &message, into)
}

fn tell(message: &Properties<'_, '_>, into: &mut Reading) {
    let name = |tag| message.text(tag);
    into.metadata.title = name(SUBJECT).or_else(|| name(DISPLAY_NAME)).as_deref().and_then(stated::text);
    let sender =
        SENDERS.iter().find_map(|(own, addresses)| name(*own).or_else(|| addresses.iter().find_map(|tag| name(*tag))));
    into.metadata.author = sender.as_deref().and_then(stated::text);
    into.metadata.created_at = TIMES.iter().find_map(|tag| message.time(*tag));
    into.metadata.keywords = name(0x3a33).as_deref().map(stated::keywords).unwrap_or_default();
}

fn pour(store: &Store<'_>, message: &Properties<'_, '_>, into: &mut Reading) -> Result<(), Stop> {
    let attachments: Vec<Properties<'_, '_>> = message
        .inside("__attach_version1.0_")
        .into_iter()
        .take(attached::MAX_FILES)
        .map(|path| Properties::of(store, path, HEADS[2], message.encoding()))
        .collect();
    head(store, message, &attachments, &mut into.sink)?;
    let had = into.sink.len();
    body(message, into)?;
    if into.sink.len() == had && is_sealed(message) {
        return Err(Fault::encrypted().into());
    }
    for attachment in &attachments {
        pour_attachment(store, attachment, into)?;
    }
    Ok(())
}

fn head(
    store: &Store<'_>,
    message: &Properties<'_, '_>,
    attachments: &[Properties<'_, '_>],
    sink: &mut Sink,
) -> Result<(), Full> {
    let mut lines: Vec<String> = Vec::new();
    let mut add = |line: Option<String>| lines.extend(line.filter(|line| !line.trim().is_empty()));
    for (name, addresses) in SENDERS {
        add(person(message, name, &addresses));
    }
    let recipients = message.inside("__recip_version1.0_");
    for path in recipients.into_iter().take(MAX_RECIPIENTS) {
        add(person(&Properties::of(store, path, HEADS[2], message.encoding()), DISPLAY_NAME, &RECIPIENT_ADDRESSES));
    }
    for tag in RECIPIENTS {
        add(message.text(tag));
    }
    add(TIMES[..2].iter().find_map(|tag| message.time(*tag)));
    if message.text(CLASS).is_some_and(|class| class.starts_with("IPM.Contact")) {
        add(message.text(DISPLAY_NAME));
        CONTACT.for_each(|tag| add(message.text(tag)));
    }
    for tag in message.named(&NAMED) {
        add(message.text(tag));
    }
    for attachment in attachments {
        add(name_of(attachment));
    }
    // Next to the body, so that the two are one flow as they are to their reader.
    add(message.text(SUBJECT));
    let mut told: Vec<&String> = Vec::new();
    for line in &lines {
        if !told.contains(&line) {
            sink.push(line)?;
            sink.line()?;
            told.push(line);
        }
    }
    Ok(())
}

/// Somebody's name with the first address that is one.
fn person(properties: &Properties<'_, '_>, name: u16, addresses: &[u16]) -> Option<String> {
    let name = properties.text(name);
    let address = addresses.iter().filter_map(|tag| properties.text(*tag)).find(|address| address.contains('@'));
    match (name, address) {
        (Some(name), Some(address)) if name != address => Some(format!("{name} <{address}>")),
        (name, address) => name.or(address),
    }
}

/// The body in HTML, which is what was written; the plain one where it says more; rich text where there is neither.
fn body(message: &Properties<'_, '_>, into: &mut Reading) -> Result<(), Full> {
    let (plain, mut encoding) = message.encoded_text(BODY).unwrap_or_default();
    let mut rich = Sink::default();
    let markup = match message.bytes(HTML_BODY) {
        Some(bytes) => {
            let declared = html::declared(&bytes).or(message.body_encoding());
            let decoded = charset::decode_any(&bytes, declared);
            encoding = encoding.or(Some(decoded.encoding));
            Some(decoded.text.into_owned())
        }
        None => message.text(HTML_BODY),
    };
    // What does not fit into a whole sink does not fit into the one it goes to either.
    if let Some(markup) = markup {
        let _ = html::walk(&markup, Dialect::Html, &mut Page::default(), &mut rich);
    }
    if plain.trim().is_empty()
        && rich.is_empty()
        && let Some(bytes) = message.bytes(RICH_BODY).as_deref().and_then(compressed::unpack)
    {
        let mut inner = Reading { depth: u8::MAX, ..Reading::default() };
        let _ = rtf::pour(&bytes, &mut inner);
        rich = inner.sink;
    }
    if into.encoding.is_none() {
        into.encoding = encoding.map(str::to_owned);
    }
    into.sink.line()?;
    alternatives::pour(&rich.finish(), &plain, &mut into.sink)
}

fn name_of(attachment: &Properties<'_, '_>) -> Option<String> {
    [0x3707, 0x3704, DISPLAY_NAME].iter().find_map(|tag| attachment.text(*tag))
}

fn pour_attachment(store: &Store<'_>, attachment: &Properties<'_, '_>, into: &mut Reading) -> Result<(), Full> {
    if !attached::is_allowed(into) {
        return Ok(());
    }
    if attachment.inside("__substg1.0_3701000D").is_empty() {
        let Some(bytes) = attachment.bytes(0x3701) else { return Ok(()) };
        let source = Source { bytes: Arc::new(bytes), name: name_of(attachment), mime_type: attachment.text(0x370e) };
        return attached::pour_file(&source, into);
    }
    let path = attachment.path().join("__substg1.0_3701000D");
    let message = Properties::of(store, path, HEADS[1], None);
    attached::inside(into, |into| pour(store, &message, into))
}

/// Whether the body is one that only its addressee's key opens.
fn is_sealed(message: &Properties<'_, '_>) -> bool {
    let class = message.text(CLASS).unwrap_or_default().to_ascii_lowercase();
    class == "ipm.note.smime" || class.starts_with("ipm.note.rpmsg")
}

#[cfg(test)]
mod tests;
