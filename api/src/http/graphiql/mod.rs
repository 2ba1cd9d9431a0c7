//! The IDE: GraphiQL, served by this server alone. Its assets were fetched from their packages before the build and lie in the
//! program; the page's policy lets it load nothing from anywhere else. Off unless the setting `graphiql` says so.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    web::{Data, Path, ServiceConfig},
};
use hawser_domain::App;

/// Name and bytes of each asset; empty where none were fetched before the build.
const ASSETS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/graphiql.rs"));
const PAGE: &str = include_str!("page.html");
const START: &str = include_str!("start.js");

/// The page runs its own files only. Styles are set in place by the editor; fonts and cursors lie in the style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src data:; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn configure(config: &mut ServiceConfig) {
    config.service(page).service(asset);
}

/// Whether the IDE's assets lie in this program.
pub fn is_built_in() -> bool {
    !ASSETS.is_empty()
}

#[get("/graphiql")]
async fn page(app: Data<App>) -> HttpResponse {
    if !app.config.graphiql {
        return missing("there is no IDE here: set `graphiql = true` (HAWSER_GRAPHIQL=true) to have one\n");
    }
    if !is_built_in() {
        return missing("this program was built without the IDE: run `cargo xtask ide`, then build again\n");
    }
    answer("text/html; charset=utf-8").insert_header((CACHE_CONTROL, "no-cache")).body(PAGE)
}

#[get("/graphiql/{name}")]
async fn asset(app: Data<App>, name: Path<String>) -> HttpResponse {
    if !app.config.graphiql {
        return missing("there is no IDE here\n");
    }
    if name.as_str() == "start.js" {
        return answer("text/javascript; charset=utf-8").insert_header((CACHE_CONTROL, "no-cache")).body(START);
    }
    let packed = format!("{name}.gz");
    let Some((_, bytes)) = ASSETS.iter().find(|(known, _)| *known == packed) else {
        return missing("there is no such file\n");
    };
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    // The page names them with their version.
    let mut response = answer(kind);
    response.insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"));
    response.insert_header((CONTENT_ENCODING, "gzip")).body(*bytes)
}

fn answer(kind: &'static str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response
        .content_type(kind)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"));
    response
}

fn missing(message: &'static str) -> HttpResponse {
    HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body(message)
}
