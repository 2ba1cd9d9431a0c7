//! Batches: up to 100 inner requests in one `multipart/mixed` body, each answered by the same rooms as alone.
//! The outer credentials serve inner requests that bring none; media and uploads do not belong here.

use bytes::Bytes;

use super::{Answered, files::multipart, refusal::Refusal, routes, world::World};
use crate::call::{Call, Reply};

const MOST: usize = 100;

pub fn answer(world: &mut World, call: &Call) -> Answered {
    let parts = call
        .header("content-type")
        .and_then(multipart::boundary)
        .and_then(|boundary| multipart::parts(&call.body, &boundary));
    let refuse = |refusal: Refusal| Answered { reply: refusal.reply(), user: None, units: 0 };
    let Some(parts) = parts.filter(|_| call.method == "POST") else {
        return refuse(Refusal::bad_request("Failed to parse batch request."));
    };
    if parts.len() > MOST {
        return refuse(Refusal::bad_request("The batch request has too many parts; the limit is 100."));
    }
    let boundary = format!("batch_{}", world.ids.opaque(32));
    let mut out: Vec<u8> = Vec::new();
    let mut user = None;
    let mut units = 0;
    for part in &parts {
        let inner = inner(call, &part.body);
        let answered = match &inner {
            Some(inner) => {
                let path: Vec<&str> = inner.segments.iter().map(String::as_str).collect();
                match path.as_slice() {
                    ["drive", "v3", rest @ ..] if !is_media(inner, rest) => routes::answer(world, inner, rest, false),
                    ["drive" | "upload", ..] => {
                        refuse(Refusal::bad_request("Media requests are not supported in a batch."))
                    }
                    _ => refuse(Refusal::no_route()),
                }
            }
            None => refuse(Refusal::bad_request("Failed to parse batch request part.")),
        };
        user = user.or(answered.user);
        units += answered.units;
        out.extend(format!("--{boundary}\r\nContent-Type: application/http\r\n").bytes());
        if let Some(id) = part.header("content-id") {
            let id = id.trim_start_matches('<').trim_end_matches('>');
            out.extend(format!("Content-ID: <response-{id}>\r\n").bytes());
        }
        out.extend_from_slice(b"\r\n");
        write(&mut out, &answered.reply);
    }
    out.extend(format!("--{boundary}--\r\n").bytes());
    let kind = format!("multipart/mixed; boundary={boundary}");
    Answered { reply: Reply::new(200, &kind, out), user, units }
}

fn is_media(call: &Call, path: &[&str]) -> bool {
    call.param("alt") == Some("media") || matches!(path, ["files", _, "export"])
}

/// The request inside a part. Its lines may end with LF alone; its target may be absolute or carry our prefix.
fn inner(outer: &Call, text: &Bytes) -> Option<Call> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let line = String::from_utf8_lossy(&text[..end]).into_owned();
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let target = match target.find("://") {
        Some(at) => &target[at + 3 + target[at + 3..].find('/')?..],
        None => target,
    };
    let target = match target.strip_prefix("/google") {
        Some(rest) if rest.starts_with('/') => rest,
        _ => target,
    };
    let (mut headers, body) = multipart::head(&text.slice(end + 1..));
    for name in ["authorization", "x-goog-drive-resource-keys"] {
        if !headers.iter().any(|(known, _)| known == name) {
            headers.extend(outer.header(name).map(|value| (name.to_owned(), value.to_owned())));
        }
    }
    Some(Call::new(method, outer.base.clone(), target, headers, body))
}

fn write(out: &mut Vec<u8>, reply: &Reply) {
    let words = actix_web::http::StatusCode::from_u16(reply.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown");
    out.extend(format!("HTTP/1.1 {} {words}\r\n", reply.status).bytes());
    for (name, value) in &reply.headers {
        out.extend(format!("{name}: {value}\r\n").bytes());
    }
    out.extend(format!("Content-Length: {}\r\n\r\n", reply.body.len()).bytes());
    out.extend_from_slice(&reply.body);
    out.extend_from_slice(b"\r\n");
}
