//! What a client calls itself, for the counts of who uses what. Nothing is allowed or refused by it.

use actix_web::http::header::HeaderMap;

/// The header of GraphQL's own tools, then that of Apollo's.
const HEADERS: [&str; 2] = ["graphql-client-name", "apollographql-client-name"];

pub fn name(headers: &HeaderMap) -> Option<String> {
    let said = HEADERS.iter().filter_map(|name| headers.get(*name)?.to_str().ok());
    said.map(str::trim).find(|name| !name.is_empty()).map(str::to_owned)
}
