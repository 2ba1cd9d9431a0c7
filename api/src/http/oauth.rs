//! The two doors of a consent: out to the cloud, where the browser is marked with a cookie, and back, where it must
//! show it. The pages are fixed and small; no token, code or state stands in them. See docs/decisions/0005.

use std::sync::OnceLock;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
    web::{self, Data, ServiceConfig},
};
use hawser_domain::{
    App, Error,
    connection::{self, Answer, Callback, Ending, Problem, Started},
};
use secrecy::ExposeSecret;
use url::form_urlencoded;
use uuid::Uuid;

/// Bytes of the form that begins a consent.
const FORM: usize = 1024;
/// Longer than any code a cloud hands out.
const PARAMETER: usize = 4096;

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/oauth/start/{flow}")
                .app_data(web::PayloadConfig::new(FORM))
                .route(web::get().to(arrive))
                .route(web::post().to(agree)),
        )
        .service(web::resource("/oauth/callback/{provider}").route(web::get().to(callback)));
}

/// Goes straight on when one of our own pages sent the browser; asks first when anybody else could have.
async fn arrive(request: HttpRequest, flow: web::Path<String>, app: Data<App>) -> HttpResponse {
    let ticket = only(request.query_string(), "ticket");
    let (Ok(flow), Some(ticket)) = (flow.parse::<Uuid>(), ticket) else { return stale() };
    if sent_by_us(&request) {
        return depart(&app, flow, &ticket).await;
    }
    match connection::whose(&app, flow, &ticket).await {
        Ok(email) => ask(&email, &ticket),
        Err(error) => not_begun(error),
    }
}

/// The answer to the question, which only our own page can send.
async fn agree(request: HttpRequest, flow: web::Path<String>, app: Data<App>, form: String) -> HttpResponse {
    let (Ok(flow), Some(ticket)) = (flow.parse::<Uuid>(), only(&form, "ticket")) else { return stale() };
    let site = word(&request, "sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return stale();
    }
    depart(&app, flow, &ticket).await
}

async fn depart(app: &App, flow: Uuid, ticket: &str) -> HttpResponse {
    match connection::start(app, flow, ticket).await {
        Ok(Started { location, binding, seconds }) => {
            let cookie = cookie(app, flow, binding.expose_secret(), seconds);
            plain(StatusCode::SEE_OTHER)
                .insert_header((header::LOCATION, location))
                .insert_header((header::SET_COOKIE, cookie))
                .finish()
        }
        Err(error) => not_begun(error),
    }
}

async fn callback(request: HttpRequest, provider: web::Path<String>, app: Data<App>) -> HttpResponse {
    let Ok(provider_id) = provider.parse::<Uuid>() else { return incomplete() };
    let query = request.query_string();
    let (Ok(state), Ok(code), Ok(refusal), Ok(issuer)) =
        (once(query, "state"), once(query, "code"), once(query, "error"), once(query, "iss"))
    else {
        return incomplete();
    };
    let answer = match (code, refusal) {
        (Some(code), None) => Answer::Code(code.into()),
        (None, Some(word)) => Answer::Error(word),
        _ => return incomplete(),
    };
    let Some(state) = state else { return incomplete() };
    let cookies: Vec<(String, String)> = request.cookies().map_or_else(
        |_| Vec::new(),
        |jar| jar.iter().map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned())).collect(),
    );
    let flow = OnceLock::new();
    let binding = |id: Uuid| {
        let _ = flow.set(id);
        let name = cookie_name(&app, id);
        cookies.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    };
    let callback = Callback { provider_id, state: &state, answer, issuer: issuer.as_deref(), binding: &binding };
    let (status, title, words) = match connection::finish(&app, callback).await {
        Ok(Ending::Connected(_)) => {
            (StatusCode::OK, "Connected", "The account is connected. You can close this window and go back.")
        }
        Ok(Ending::Failed(problem)) => (status(problem), "Not connected", problem.message()),
        Err(error) => {
            tracing::error!(%error, "a consent failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "Not connected", Problem::Failed.message())
        }
    };
    let mut response = plain(status);
    if let (StatusCode::OK, Some(flow)) = (status, flow.get()) {
        response.insert_header((header::SET_COOKIE, cookie(&app, *flow, "", 0)));
    }
    show(response, title, &format!("<p>{words}</p>"))
}

/// Nobody who brings about a problem is told of an inner error; a cloud that fails is not the caller's fault.
fn status(problem: Problem) -> StatusCode {
    match problem {
        Problem::CloudUnavailable | Problem::ClientRefused => StatusCode::BAD_GATEWAY,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Whether a page of this site led here. Browsers say so themselves and pages cannot forge it; programs say nothing.
/// A page that is merely fetched ahead must not use the ticket up.
fn sent_by_us(request: &HttpRequest) -> bool {
    let ahead = word(request, "sec-purpose").or(word(request, "purpose")).is_some();
    !ahead && matches!(word(request, "sec-fetch-site"), None | Some("same-origin" | "same-site"))
}

fn word<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The value of a parameter that may come once at most.
///
/// # Errors
/// When it comes twice, or is longer than anything a cloud sends.
fn once(query: &str, name: &str) -> Result<Option<String>, ()> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
    let first = values.next().map(|(_, value)| value.into_owned());
    match (first, values.next()) {
        (_, Some(_)) => Err(()),
        (Some(value), None) if value.len() > PARAMETER => Err(()),
        (value, None) => Ok(value.filter(|value| !value.is_empty())),
    }
}

fn only(query: &str, name: &str) -> Option<String> {
    once(query, name).ok().flatten()
}

/// The cookie of one consent: for this host alone, out of reach of scripts, sent when the cloud sends the browser back.
fn cookie(app: &App, flow: Uuid, value: &str, seconds: i64) -> String {
    let secure = if is_https(app) { "; Secure" } else { "" };
    let name = cookie_name(app, flow);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// With https the browser itself sees to it that no other host has set it (`__Host-`).
fn cookie_name(app: &App, flow: Uuid) -> String {
    let prefix = if is_https(app) { "__Host-" } else { "" };
    format!("{prefix}hawser-consent-{}", flow.simple())
}

fn is_https(app: &App) -> bool {
    app.config.public_url().starts_with("https://")
}

fn not_begun(error: Error) -> HttpResponse {
    match error {
        Error::NotFound { .. } => stale(),
        Error::ProviderUnavailable { message, .. } => {
            tracing::warn!(message, "a consent could not begin");
            show(plain(StatusCode::BAD_GATEWAY), "Not connected", "<p>This cloud is not available just now.</p>")
        }
        error => {
            tracing::error!(%error, "a consent could not begin");
            show(plain(StatusCode::INTERNAL_SERVER_ERROR), "Not connected", "<p>Something went wrong. Begin again.</p>")
        }
    }
}

fn stale() -> HttpResponse {
    let words = "<p>This link was used already, or is older than ten minutes. Begin again from the application.</p>";
    show(plain(StatusCode::BAD_REQUEST), "Not connected", words)
}

fn incomplete() -> HttpResponse {
    let words = "<p>The cloud's answer is not complete. Begin again from the application.</p>";
    show(plain(StatusCode::BAD_REQUEST), "Not connected", words)
}

fn ask(email: &str, ticket: &str) -> HttpResponse {
    let words = format!(
        "<p>The cloud account you choose next will be connected to the account of <strong>{}</strong> here. \
         Go on only if that is you and you have just begun this.</p>\
         <form method=\"post\"><input type=\"hidden\" name=\"ticket\" value=\"{}\">\
         <button type=\"submit\">Go on</button></form>",
        escape(email),
        escape(ticket)
    );
    show(plain(StatusCode::OK), "Connect an account", &words)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// What every answer of these doors has in common.
fn plain(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        ));
    response
}

fn show(mut response: HttpResponseBuilder, title: &str, body: &str) -> HttpResponse {
    response.content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} – Hawser</title></head>\
         <body><h1>{title}</h1>{body}</body></html>"
    ))
}
