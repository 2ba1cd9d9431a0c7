//! Why a socket is closed. What well-known clients do with a code decides which one it is: 44xx of the client's own making
//! are final for them, while 4403, 4408, 1001 and 1013 make them come again.

use actix_ws::{CloseCode, CloseReason};

use crate::presence::Ended;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Close {
    /// The client went away, or said that it will.
    Gone,
    /// What the client said is not of the protocol.
    Invalid(String),
    /// It began an operation before it was acknowledged.
    Early,
    /// It may not be here, or not any more.
    Forbidden,
    /// It does not speak the protocol.
    Subprotocol,
    /// It did not say who it is.
    Late,
    /// It began an operation under an id in use.
    Taken(String),
    /// It said who it is more than once.
    Repeated,
    /// It shows no sign of life.
    Silent,
    /// The server is about to stop.
    Leaving,
    /// There is no room, or the house is in trouble, for the moment.
    Busy(&'static str),
}

impl Close {
    /// What the client is told; `None` for clients that are not there to hear it.
    pub fn reason(&self) -> Option<CloseReason> {
        let (code, word) = match self {
            Close::Gone => return None,
            Close::Invalid(word) => (4400, format!("Invalid message: {word}")),
            Close::Early => (4401, "Unauthorized".to_owned()),
            Close::Forbidden => (4403, "Forbidden".to_owned()),
            Close::Subprotocol => (4406, "Subprotocol not acceptable".to_owned()),
            Close::Late => (4408, "Connection initialisation timeout".to_owned()),
            Close::Taken(id) => (4409, format!("Subscriber for {id} already exists")),
            Close::Repeated => (4429, "Too many initialisation requests".to_owned()),
            Close::Silent => (1001, "No sign of life".to_owned()),
            Close::Leaving => (1001, "The server is going away; come again".to_owned()),
            Close::Busy(word) => (1013, (*word).to_owned()),
        };
        Some(CloseReason { code: CloseCode::from(code), description: Some(word) })
    }
}

impl From<Ended> for Close {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::SignIn => Close::Forbidden,
            Ended::Unknown => Close::Busy("Try again later"),
        }
    }
}
