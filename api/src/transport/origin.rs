//! Which browser pages may talk to this server: its own, and those of the origins that are named in the settings.

use hawser_domain::config::Config;
use url::Url;

/// Programs send no origin and pass; pages pass when they come from the server's own address or are named. Sockets know
/// no preflight, so that the server has to look itself.
pub fn is_allowed(origin: Option<&str>, config: &Config) -> bool {
    origin.is_none_or(|origin| is_own(origin, config) || is_named(origin, config))
}

/// Whether the settings name it: browsers let its pages read answers only when those say so.
pub fn is_named(origin: &str, config: &Config) -> bool {
    config.allowed_origins.iter().any(|allowed| allowed == origin)
}

fn is_own(origin: &str, config: &Config) -> bool {
    match (Url::parse(origin), Url::parse(&config.public_url())) {
        (Ok(origin), Ok(public)) => origin.origin().is_tuple() && origin.origin() == public.origin(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn only_pages_of_the_server_itself_and_of_named_origins_may_open_a_socket() {
        let mut config = Config::for_folder(PathBuf::from("nowhere")).unwrap();
        config.public_url = Some("https://hawser.example/files".into());
        config.allowed_origins = vec!["https://app.example".into(), "http://localhost:3000".into()];
        for (origin, expected) in [
            (None, true),
            (Some("https://hawser.example"), true),
            (Some("https://app.example"), true),
            (Some("http://localhost:3000"), true),
            (Some("http://hawser.example"), false),
            (Some("http://app.example"), false),
            (Some("https://app.example.evil.example"), false),
            (Some("https://hawser.example.evil.example"), false),
            (Some("https://hawser.example:8443"), false),
            (Some("http://localhost:3001"), false),
            (Some("null"), false),
            (Some(""), false),
        ] {
            assert_eq!(is_allowed(origin, &config), expected, "{origin:?}");
        }
    }
}
