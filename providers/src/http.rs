//! placeholder
#[derive(Debug, Clone)]
pub struct Client;
