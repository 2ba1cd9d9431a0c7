//! The control API from the answering side: JSON in, JSON out, nothing of the vendor's manners.

mod files;
mod machine;
mod people;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    call::{Call, Reply},
    shared::Shared,
};

/// Why not: status and words.
pub struct No(u16, String);

type Done = Result<Value, No>;

fn no(status: u16, words: impl Into<String>) -> No {
    No(status, words.into())
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, No> {
    let body = call.json().ok_or_else(|| no(400, "the body is not JSON"))?;
    serde_json::from_value(body).map_err(|error| no(400, error.to_string()))
}

fn show(value: impl Serialize) -> Done {
    serde_json::to_value(value).map_err(|error| no(500, error.to_string()))
}

pub fn answer(shared: &Shared, call: &Call) -> Reply {
    let parts: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let done = match parts.as_slice() {
        ["users" | "clients" | "drives", ..] => people::answer(shared, call, &parts),
        ["files", rest @ ..] => files::answer(&mut shared.world(), call, rest),
        _ => machine::answer(shared, call, &parts),
    };
    match done {
        Ok(value) => Reply::compact(200, &value),
        Err(No(status, words)) => Reply::new(status, "text/plain; charset=utf-8", words + "\n"),
    }
}
