//! Whether a browser page may open a socket here. Sockets know no preflight, so that the server has to look itself.

use url::Url;

/// Programs send no origin and pass; pages pass when they come from the server's own address.
pub fn is_allowed(origin: Option<&str>, public_url: &str) -> bool {
    let Some(origin) = origin else { return true };
    match (Url::parse(origin), Url::parse(public_url)) {
        (Ok(origin), Ok(public)) => origin.origin().is_tuple() && origin.origin() == public.origin(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn only_pages_of_the_server_itself_may_open_a_socket() {
        let ours = "https://hawser.example/files";
        assert!(is_allowed(None, ours));
        assert!(is_allowed(Some("https://hawser.example"), ours));
        assert!(!is_allowed(Some("http://hawser.example"), ours));
        assert!(!is_allowed(Some("https://hawser.example.evil.example"), ours));
        assert!(!is_allowed(Some("https://hawser.example:8443"), ours));
        assert!(!is_allowed(Some("null"), ours));
    }
}
