//! Who may read the GraphQL schema from the server.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Introspection {
    /// Strangers too: for demos, and for servers only developers can reach.
    Everyone,
    /// Whoever sends a token: code generators and editors are given one.
    SignedIn,
    Administrators,
    /// Clients have the schema from a file.
    Nobody,
}
