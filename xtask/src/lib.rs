//! What the tests share with `cargo xtask`: how programs are started, and servers of our own.

pub mod run;
pub mod services;
