//! What callers sign in with: sessions from a password, personal tokens made by hand.

mod authenticate;
mod ending;
mod issue;
mod look;
mod revoke;
pub(crate) mod secret;
mod session;
mod standing;
mod tries;

pub use authenticate::authenticate;
pub(crate) use authenticate::of_token;
pub use ending::{Endings, standing};
pub use issue::{Issued, New, create};
pub use look::{count, find, list};
pub(crate) use revoke::revoke_all;
pub use revoke::{purge, revoke};
pub use session::{open_session, sign_in, sign_out};
pub(crate) use standing::authenticate_since;
pub use standing::{Standings, authenticate_again};
pub use tries::Tries;
pub(crate) use tries::begin as begin_try;
