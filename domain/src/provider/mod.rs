//! Providers: the clouds an administrator has configured. The form, its checks, and the adapters built from it.

mod cloud;
mod edit;
mod form;
mod look;
mod test;

pub(crate) use cloud::build;
pub use cloud::{Clouds, cloud};
pub use edit::{create, delete, update};
pub use form::Form;
pub(crate) use look::live;
pub use look::{Availability, availability, count, find, find_many, kind, list, redirect_uri, scopes};
pub use test::{Check, CheckName, Report, Verdict, test};
