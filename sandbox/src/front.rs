//! The front door: reads a whole HTTP request, finds whose dialect it speaks, applies scripted faults, records it, answers.
//! `/_sandbox/…` goes to the control rooms and is neither broken nor recorded.

use std::{pin::Pin, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::StatusCode,
    web::{self, Bytes, BytesMut, Data},
};
use futures::{StreamExt, stream};

use crate::{
    call::{Base, Call, Reply},
    control::{
        self,
        wire::{Fault, Recorded},
    },
    google,
    shared::{Shared, locked},
};

const BODY_LIMIT: usize = 1 << 30;

const VENDOR_HOSTS: [&str; 7] = [
    "www.googleapis.com",
    "oauth2.googleapis.com",
    "accounts.google.com",
    "content.googleapis.com",
    "drive.google.com",
    "docs.google.com",
    "lh3.googleusercontent.com",
];

/// Paths that can only be meant for Google, whatever the Host says.
const GOOGLE_ROOTS: [&str; 7] =
    ["/drive/v3", "/upload/drive/v3", "/batch/drive/v3", "/o/oauth2", "/token", "/revoke", "/tokeninfo"];

pub async fn door(request: HttpRequest, mut payload: web::Payload, shared: Data<Shared>) -> HttpResponse {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let Ok(chunk) = chunk else {
            return HttpResponse::BadRequest().finish();
        };
        if body.len() + chunk.len() > BODY_LIMIT {
            return HttpResponse::PayloadTooLarge().finish();
        }
        body.extend_from_slice(&chunk);
    }
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let (scheme, host) = {
        let connection = request.connection_info();
        (connection.scheme().to_owned(), connection.host().to_owned())
    };
    let base = |prefix| Base { scheme: scheme.clone(), host: host.clone(), prefix };
    let method = request.method().as_str();
    let body = body.freeze();
    if let Some(rest) = below(&target, "/_sandbox") {
        let call = Call::new(method, base(""), rest, headers, body);
        return render(control::serve::answer(&shared, &call), None);
    }
    let bare_host = host.split(':').next().unwrap_or_default();
    let call = if let Some(rest) = below(&target, "/google") {
        Call::new(method, base("/google"), rest, headers, body)
    } else if VENDOR_HOSTS.contains(&bare_host) {
        let mut base = base("");
        if bare_host == host && request.headers().get("x-forwarded-proto").is_none() {
            // A vendor's name on its default port was reached through something that ended TLS before us.
            "https".clone_into(&mut base.scheme);
        }
        Call::new(method, base, &target, headers, body)
    } else if GOOGLE_ROOTS.iter().any(|root| below(&target, root).is_some()) {
        // Some official clients drop the path of a configured root URL.
        Call::new(method, base("/google"), &target, headers, body)
    } else {
        let text = "No such face: call by a vendor's Host header, below /google/, or below /_sandbox/.\n";
        return render(Reply::new(404, "text/plain; charset=utf-8", text), None);
    };
    answer(&shared, call).await
}

fn below<'a>(target: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = target.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/') || rest.starts_with('?')).then_some(rest)
}

async fn answer(shared: &Shared, call: Call) -> HttpResponse {
    let fault = locked(&shared.faults).strike(&call);
    if let Some(wait) = fault.as_ref().and_then(|fault| fault.latency_ms) {
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    let scripted = fault.as_ref().and_then(|fault| scripted(fault, &call));
    let (reply, user, units) = match scripted {
        Some(reply) => (reply, None, 0),
        None => {
            let answered = google::answer(&mut shared.world(), &call);
            (answered.reply, answered.user, answered.units)
        }
    };
    locked(&shared.recorder).add(Recorded {
        number: 0,
        at_ms: shared.clock.now_ms(),
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query_text.clone(),
        status: reply.status,
        user,
        units,
    });
    render(reply, fault.as_ref())
}

/// The answer a fault gives instead of the vendor's own, if it gives one.
fn scripted(fault: &Fault, call: &Call) -> Option<Reply> {
    let mut reply = match (&fault.html, fault.status) {
        (Some(html), status) => Reply::html(status.unwrap_or(502), html.clone()),
        (None, Some(status)) => google::fault_reply(status, fault.reason.as_deref(), fault.message.as_deref(), call),
        (None, None) if fault.drop_connection => Reply::empty(200),
        (None, None) => return None,
    };
    if let Some(seconds) = fault.retry_after_s {
        reply = reply.with("Retry-After", seconds.to_string());
    }
    Some(reply)
}

type Chunks = Pin<Box<dyn futures::Stream<Item = Result<Bytes, std::io::Error>>>>;

fn render(reply: Reply, fault: Option<&Fault>) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    for (name, value) in &reply.headers {
        response.append_header((name.as_str(), value.as_str()));
    }
    let whole = reply.body.len();
    let kept = match fault {
        Some(fault) if fault.drop_connection => Some(0),
        Some(fault) => fault.truncate_at.filter(|at| *at < whole),
        None => None,
    };
    let Some(kept) = kept else {
        return response.body(reply.body);
    };
    // The announced length stays the whole one: the client sees a body that breaks off.
    let broken = std::io::Error::other("cut off as scripted");
    let first = stream::iter((kept > 0).then(|| Ok(reply.body.slice(..kept))));
    // A pause before breaking off lets what was said so far leave the machine.
    let last = stream::once(async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(broken)
    });
    let chunks: Chunks = if fault.is_some_and(|fault| fault.drop_connection) {
        Box::pin(stream::once(async { Err(std::io::Error::other("dropped as scripted")) }))
    } else {
        Box::pin(first.chain(last))
    };
    response.body(SizedStream::new(whole.max(1) as u64, chunks))
}
