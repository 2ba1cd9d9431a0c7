//! The cookie that keeps a session in a browser, out of reach of scripts. Only this host gets it back, and no page of
//! another site makes a browser send it along, except by a link that is followed.

use actix_web::HttpRequest;
use hawser_domain::config::Config;

/// A `Set-Cookie` that keeps this token for so many seconds.
pub fn set(config: &Config, token: &str, seconds: u64) -> String {
    let secure = if is_https(config) { "; Secure" } else { "" };
    format!("{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", name(config))
}

/// A `Set-Cookie` that forgets it.
pub fn clear(config: &Config) -> String {
    set(config, "", 0)
}

/// The token of the request's cookie.
pub fn read(config: &Config, request: &HttpRequest) -> Option<String> {
    request.cookie(name(config)).map(|cookie| cookie.value().to_owned()).filter(|token| !token.is_empty())
}

/// With https the browser itself sees to it that no other host has set it (`__Host-`).
fn name(config: &Config) -> &'static str {
    if is_https(config) { "__Host-hawser-session" } else { "hawser-session" }
}

fn is_https(config: &Config) -> bool {
    config.public_url().starts_with("https://")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn with_https_the_cookie_is_bound_to_the_host_and_never_sent_in_the_clear() {
        let mut config = Config::for_folder(PathBuf::from("nowhere")).unwrap();
        assert_eq!(set(&config, "t", 60), "hawser-session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
        config.public_url = Some("https://hawser.example".into());
        assert_eq!(
            set(&config, "t", 60),
            "__Host-hawser-session=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(clear(&config), "__Host-hawser-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    }
}
