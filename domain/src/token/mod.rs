//! What callers sign in with: sessions from a password, personal tokens made by hand.

mod authenticate;
mod ending;
mod issue;
mod look;
mod revoke;
pub(crate) mod secret;
mod session;
mod tries;

pub(crate) use authenticate::of_token;
pub use authenticate::{authenticate, authenticate_again};
pub use ending::{Endings, standing};
pub use issue::{Issued, New, create};
pub use look::{count, find, list};
pub(crate) use revoke::revoke_all;
pub use revoke::{purge, revoke};
pub use session::{open_session, sign_in, sign_out};
pub use tries::Tries;
