//! What can go wrong when a sandbox is started or asked through its control API.
//! The refusals a vendor would send are answers, not errors: they live in `google::refusal`.

/// Why a sandbox did not start, or a control call did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address could not be bound; choose another or use port 0.
    #[error("cannot listen: {0}")]
    Bind(#[source] std::io::Error),
    /// The server's own thread could not be started or died before it was ready.
    #[error("the sandbox did not start: {0}")]
    Start(String),
    /// The control API could not be reached or did not answer in time.
    #[error("the sandbox cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// The control API understood the question and said no; nothing was changed.
    #[error("the sandbox refused ({status}): {message}")]
    Refused { status: u16, message: String },
    /// A consent page did not end in a redirect.
    #[error("the consent page did not redirect: {0}")]
    Consent(String),
}
