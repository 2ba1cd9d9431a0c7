//! Connections to cloud accounts: the consent that makes one, the tokens that keep it alive, who may use it, its end.

mod begin;
mod call;
mod fault;
mod finish;
mod flow;
mod look;
mod problem;
mod refresh;
mod revoke;
mod share;
mod token;

pub use begin::{Begun, Started, begin, start, whose};
pub(crate) use call::{alive, row};
pub use call::{call, usable};
pub use fault::cloud_error;
pub use finish::{Answer, Callback, Ending, finish};
pub use flow::{FlowState, Problem, flow, purge_consents};
pub use look::{Filter, count, find, find_many, list, may_manage, may_use, scopes, shared_with};
pub(crate) use problem::mended;
pub use refresh::Refreshes;
pub use revoke::revoke;
pub(crate) use revoke::{revoke_at_clouds, wipe};
pub(crate) use share::announce_group;
pub use share::{share, unshare};
