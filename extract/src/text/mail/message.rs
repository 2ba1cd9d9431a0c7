//! One parsed message: what is poured of it, and in which order.

use std::{borrow::Cow, sync::Arc};

use encoding_rs::Encoding;
use mail_parser::{
    Address, Encoding as Transfer, HeaderName, Message, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

use crate::{
    Fault, Source,
    text::{
        Full, Reading, Sink, Stop, alternatives, attached, charset,
        html::{self, Dialect, Page},
        stated,
    },
};

/// Subject, sender and date become what is known of the file.
pub fn tell(message: &Message<'_>, into: &mut Reading) {
    into.metadata.title = subject(message).as_deref().and_then(stated::text);
    into.metadata.author = message.from().and_then(Address::first).and_then(|from| {
        let named = from.name().filter(|name| !name.trim().is_empty());
        stated::text(named.or(from.address())?)
    });
    into.metadata.created_at = message.date().and_then(|date| stated::date(&date.to_rfc3339()));
}

/// Pours head, body and attachments.
///
/// # Errors
/// `Full`, and `Encrypted` where the body can be read by its addressee only; the head is poured all the same.
pub fn pour(message: &Message<'_>, into: &mut Reading) -> Result<(), Stop> {
    head(message, &mut into.sink)?;
    if is_sealed(message) {
        return Err(Fault::encrypted().into());
    }
    body(message, into)?;
    for part in message.attachments().take(attached::MAX_FILES) {
        attachment(message, part, into)?;
    }
    Ok(())
}

fn head(message: &Message<'_>, sink: &mut Sink) -> Result<(), Full> {
    let people = [message.from(), message.sender(), message.reply_to(), message.to(), message.cc(), message.bcc()];
    let mut told: Vec<String> = Vec::new();
    for address in people.into_iter().flatten().flat_map(|address| address.iter().take(1000)) {
        let line = match (address.name(), address.address()) {
            (Some(name), Some(address)) if name != address => format!("{name} <{address}>"),
            (Some(only), _) | (None, Some(only)) => only.to_owned(),
            (None, None) => continue,
        };
        if !told.contains(&line) {
            sink.push(&line)?;
            sink.line()?;
            told.push(line);
        }
    }
    for name in message.attachments().filter_map(|part| part.attachment_name()).take(attached::MAX_FILES) {
        sink.push(name)?;
        sink.line()?;
    }
    if let Some(date) = message.date() {
        sink.push(&date.to_rfc3339())?;
        sink.line()?;
    }
    // Next to the body, so that the two are one flow as they are to their reader.
    if let Some(subject) = subject(message) {
        sink.push(&subject)?;
        sink.line()?;
    }
    Ok(())
}

/// The subject; where it was sent in eight bits and no known encoding, as the bytes suggest.
fn subject<'a>(message: &'a Message<'_>) -> Option<Cow<'a, str>> {
    let subject = message.subject()?;
    if !subject.contains('\u{fffd}') {
        return Some(subject.into());
    }
    let header = message.headers().iter().find(|header| header.name == HeaderName::Subject)?;
    let raw = message.raw_message.get(header.offset_start as usize..header.offset_end as usize)?;
    Some(charset::decode_any(raw, None).text.trim().to_owned().into())
}

fn body(message: &Message<'_>, into: &mut Reading) -> Result<(), Full> {
    let mut plain = Sink::default();
    let mut rich = Sink::default();
    // A body that fills a whole sink is cut there and then once more by the sink it goes to.
    for part in message.text_bodies() {
        let _ = shown(message, part, &mut plain, &mut into.encoding);
    }
    for part in message.html_bodies().filter(|part| part.is_text_html()) {
        let _ = shown(message, part, &mut rich, &mut into.encoding);
    }
    let (plain, rich) = (plain.finish(), rich.finish());
    alternatives::pour(&plain, &rich, &mut into.sink)
}

/// A part of the body as a reader of mail sees it.
fn shown(
    message: &Message<'_>,
    part: &MessagePart<'_>,
    sink: &mut Sink,
    encoding: &mut Option<String>,
) -> Result<(), Full> {
    let Some((text, found)) = text_of(message, part) else { return Ok(()) };
    if encoding.is_none() {
        *encoding = Some(found.to_owned());
    }
    match part.is_text_html() {
        true => html::walk(&text, Dialect::Html, &mut Page::default(), sink)?,
        false => sink.push(&text)?,
    }
    sink.line()
}

/// The text of a part and the encoding it was in. Where the declared one does not fit, the bytes decide.
fn text_of<'a>(message: &'a Message<'_>, part: &'a MessagePart<'_>) -> Option<(Cow<'a, str>, &'static str)> {
    let text = part.text_contents()?;
    let declared = part.content_type().and_then(|kind| kind.attribute("charset"));
    let declared = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    if let Some(declared) = declared.filter(|_| !text.contains('\u{fffd}')) {
        return Some((text.into(), declared.name()));
    }
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let bytes = match part.encoding {
        Transfer::None => Some(raw.to_vec()),
        Transfer::QuotedPrintable => quoted_printable_decode(raw),
        Transfer::Base64 => base64_decode(raw),
    };
    // Only bytes that give the very text that was found are the bytes of this part.
    let bytes = bytes.filter(|bytes| declared.is_some() || *String::from_utf8_lossy(bytes) == *text);
    match bytes.filter(|bytes| !bytes.is_empty()) {
        Some(bytes) => {
            let decoded = charset::decode_any(&bytes, declared);
            let better = decoded.text.matches('\u{fffd}').count() < text.matches('\u{fffd}').count();
            match better {
                true => Some((Cow::Owned(decoded.text.into_owned()), decoded.encoding)),
                false => Some((text.into(), decoded.encoding)),
            }
        }
        None => Some((text.into(), declared.unwrap_or(encoding_rs::UTF_8).name())),
    }
}

fn attachment(message: &Message<'_>, part: &MessagePart<'_>, into: &mut Reading) -> Result<(), Full> {
    let name = part.attachment_name().map(str::to_owned);
    if !attached::is_allowed(into) {
        return Ok(());
    }
    if let PartType::Message(inner) = &part.body {
        return attached::inside(into, |into| pour(inner, into));
    }
    let mime_type = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    let bytes = match text_of(message, part) {
        Some((text, _)) => text.into_owned().into_bytes(),
        None => part.contents().to_vec(),
    };
    attached::pour_file(&Source { bytes: Arc::new(bytes), name, mime_type }, into)
}

/// Whether only the addressee's key opens the body.
fn is_sealed(message: &Message<'_>) -> bool {
    let root = message.root_part();
    if root.is_content_type("multipart", "encrypted") {
        return true;
    }
    let is_wrapped = ["pkcs7-mime", "x-pkcs7-mime"].iter().any(|subtype| root.is_content_type("application", subtype));
    let kind = root.content_type().and_then(|kind| kind.attribute("smime-type"));
    is_wrapped && kind.is_none_or(|kind| kind.eq_ignore_ascii_case("enveloped-data"))
}
