//! Who may read the schema itself, and who is helped with its names: the same people.

use async_graphql::ServerError;
use hawser_domain::config::Introspection;
use strsim::damerau_levenshtein;

use super::tariff::Tariff;
use crate::graphql::{
    caller::Caller,
    error::{Code, fault},
};

/// Faults that get a suggestion, of all those told: comparing names is work.
pub const SUGGESTED: usize = 10;
/// Characters of a name that is compared with others; longer ones are no slips of the keyboard.
const LONGEST: usize = 64;
/// Names suggested at once.
const NAMES: usize = 3;

/// Whether the caller may introspect.
pub fn is_allowed(setting: Introspection, caller: &Caller) -> bool {
    match setting {
        Introspection::Everyone => true,
        Introspection::SignedIn => caller.principal.is_some(),
        Introspection::Administrators => caller.principal.as_ref().is_some_and(|who| who.is_admin()),
        Introspection::Nobody => false,
    }
}

/// # Errors
/// `FORBIDDEN`, with who may.
pub fn allow(setting: Introspection, caller: &Caller) -> Result<(), ServerError> {
    if is_allowed(setting, caller) {
        return Ok(());
    }
    let message = match setting {
        Introspection::Administrators => "the schema of this server can be introspected by administrators only",
        Introspection::Nobody => "the schema of this server cannot be introspected",
        _ => {
            "the schema of this server can be introspected by those who signed in: send a token with `Authorization: Bearer …`"
        }
    };
    Err(fault(Code::Forbidden, message))
}

/// Adds to a fault of validation what was probably meant.
pub fn suggest(error: &mut ServerError) {
    let names = field(&error.message).or_else(|| argument(&error.message)).unwrap_or_default();
    if !names.is_empty() {
        let names = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>();
        error.message.push_str(&format!(" Did you mean {}?", names.join(" or ")));
    }
}

/// Takes out what the executor suggests whatever it is told.
pub fn hush(error: &mut ServerError) {
    if let Some(at) = error.message.find(" Did you mean \"") {
        error.message.truncate(at);
    }
}

fn field(message: &str) -> Option<Vec<&'static str>> {
    let rest = message.strip_prefix("Unknown field \"")?;
    let (name, of) = rest.strip_suffix("\".")?.split_once("\" on type \"")?;
    Some(nearest(name, Tariff::of_house().of(of)?.fields.keys()))
}

fn argument(message: &str) -> Option<Vec<&'static str>> {
    let rest = message.strip_prefix("Unknown argument \"")?;
    let (name, rest) = rest.strip_suffix("\".")?.split_once("\" on field \"")?;
    let (field, of) = rest.split_once("\" of type \"")?;
    Some(nearest(name, &Tariff::of_house().of(of)?.fields.get(field)?.arguments))
}

/// Those that are nearest, the nearest first, and of equals those that come first in the alphabet.
fn nearest(name: &str, all: impl IntoIterator<Item = &'static String>) -> Vec<&'static str> {
    if name.len() > LONGEST {
        return Vec::new();
    }
    let mut near: Vec<_> = all
        .into_iter()
        .map(|other| (damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase()), other.as_str()))
        .filter(|(distance, other)| *distance <= name.len().max(other.len()) / 3)
        .collect();
    near.sort_unstable();
    near.into_iter().take(NAMES).map(|(_, other)| other).collect()
}
