//! What figment cannot know: values that parse but make no sense.

use secrecy::ExposeSecret;
use url::Url;

use super::Config;
use crate::{Error, blob, secret::Keyring, user};

pub(super) fn faults(config: &Config) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(url) = &config.database_url
        && !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme))
    {
        faults.push("database_url: must begin with sqlite:// or postgres://".to_owned());
    }
    if let Some(url) = &config.redis_url {
        faults.extend(scheme_fault("redis_url", url.expose_secret(), &["redis", "rediss"]));
    }
    if let Some(url) = &config.elasticsearch_url {
        faults.extend(scheme_fault("elasticsearch_url", url.expose_secret(), &["http", "https"]));
    }
    if let Some(url) = &config.blob_url {
        faults.extend(blob::Bucket::parse(url).err().map(|fault| format!("blob_url: {fault}")));
        if config.blob_access_key.is_none() || config.blob_secret_key.is_none() {
            faults.push("blob_access_key, blob_secret_key: both are needed for blob_url".to_owned());
        }
    }
    faults.extend(prefix_fault("redis_prefix", &config.redis_prefix));
    faults.extend(prefix_fault("elasticsearch_prefix", &config.elasticsearch_prefix));
    if config.operations_bind == Some(config.bind) && config.bind.port() != 0 {
        faults.push("operations_bind: is the same as bind; what it shows is not for everybody".to_owned());
    }
    if let Some(url) = &config.otlp_url {
        faults.extend(scheme_fault("otlp_url", url.expose_secret(), &["http", "https"]));
    }
    if let Some(url) = &config.public_url {
        faults.extend(public_url_fault(url));
    }
    faults.extend(config.allowed_origins.iter().filter_map(|text| origin_fault(text)));
    if !config.admin_email.contains('@') {
        faults.push("admin_email: is not an e-mail address".to_owned());
    }
    for (name, value, least, most) in [
        ("session_seconds", config.session_seconds, 60, 90 * 86_400),
        ("poll_seconds", config.poll_seconds, 30, 86_400),
        ("lease_seconds", config.lease_seconds, 3, 3600),
        ("job_done_days", config.job_done_days, 1, 3650),
        ("job_dead_days", config.job_dead_days, 1, 3650),
        ("graphql_points", config.graphql_points, 1_000, 1_000_000_000),
        ("graphql_points_per_second", config.graphql_points_per_second, 1, 1_000_000_000),
        ("graphql_stranger_points", config.graphql_stranger_points, 100, 1_000_000_000),
        ("graphql_stranger_points_per_second", config.graphql_stranger_points_per_second, 1, 1_000_000_000),
        ("operation_seconds", config.operation_seconds, 1, 3600),
        ("live_lag", config.live_lag, 10, 1_000_000),
        ("database_connections", config.database_connections.into(), 2, 1000),
        ("worker_slots", config.worker_slots as u64, 1, 256),
        ("sockets", config.sockets as u64, 1, 1_000_000),
        ("sockets_per_user", config.sockets_per_user as u64, 1, 100_000),
        ("socket_init_seconds", config.socket_init_seconds, 1, 60),
        ("socket_ping_seconds", config.socket_ping_seconds, 5, 300),
    ] {
        if !(least..=most).contains(&value) {
            faults.push(format!("{name}: must lie between {least} and {most}, not {value}"));
        }
    }
    if let Some(keys) = &config.keys
        && let Err(error) = Keyring::parse(keys.expose_secret())
    {
        match error {
            Error::Config(wrong) => faults.extend(wrong),
            error => faults.push(format!("keys: {error}")),
        }
    }
    if let Some(password) = &config.admin_password
        && let Err(error) = user::password::check(password)
    {
        faults.push(format!("admin_password: {error}"));
    }
    faults
}

fn public_url_fault(text: &str) -> Option<String> {
    let Ok(url) = Url::parse(text) else {
        return Some("public_url: is not a URL".to_owned());
    };
    let loopback = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => return Some("public_url: has no host".to_owned()),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Some("public_url: must begin with https:// (http:// only for this machine)".to_owned());
    }
    if text.ends_with('/') || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Some("public_url: give scheme, host, port and path only, without a trailing slash".to_owned());
    }
    None
}

/// A URL that may hold a password is not repeated.
fn scheme_fault(name: &str, text: &str, schemes: &[&str]) -> Option<String> {
    let beginnings: Vec<_> = schemes.iter().map(|scheme| format!("{scheme}://")).collect();
    match Url::parse(text) {
        Ok(url) if schemes.contains(&url.scheme()) && url.has_host() => None,
        _ => Some(format!("{name}: must begin with {} and name a host", beginnings.join(" or "))),
    }
}

/// What Redis and Elasticsearch take as the beginning of a name.
fn prefix_fault(name: &str, text: &str) -> Option<String> {
    let good = text.len() <= 60
        && text.starts_with(|it: char| it.is_ascii_lowercase())
        && text.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_' || it == '-');
    (!good).then(|| format!("{name}: small letters, digits, _ and - only, beginning with a letter"))
}

/// An origin is compared as browsers send it.
fn origin_fault(text: &str) -> Option<String> {
    let origin = Url::parse(text).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    let written = origin.map(|origin| origin.ascii_serialization());
    let expected = match written {
        Some(written) if written == text => return None,
        Some(written) => format!("write it as {written}"),
        None => "write it as https://app.example.org".to_owned(),
    };
    Some(format!("allowed_origins: {text} is not an origin as browsers send it; {expected}"))
}

#[cfg(test)]
mod tests {
    use figment::{Figment, providers::Serialized};

    use crate::{
        Error,
        config::{Config, DEFAULTS},
    };

    #[test]
    fn every_fault_of_a_configuration_is_named_at_once() {
        let figment = Figment::from(Serialized::defaults(DEFAULTS))
            .merge(Serialized::default("poll_seconds", 5))
            .merge(Serialized::default("public_url", "http://hawser.example/"))
            .merge(Serialized::default("database_url", "mysql://x"))
            .merge(Serialized::default("admin_email", "nobody"));
        let Err(Error::Config(faults)) = Config::checked(figment) else { panic!("a bad configuration was taken") };
        assert_eq!(faults.len(), 4, "{faults:?}");
    }

    #[test]
    fn origins_are_read_from_a_list_and_from_a_text_and_taken_only_as_browsers_send_them() {
        let with = |value: serde_json::Value| {
            let figment = Figment::from(Serialized::defaults(DEFAULTS));
            Config::checked(figment.merge(Serialized::default("allowed_origins", value)))
        };
        let both = ["https://app.example.org", "http://localhost:3000"];
        for value in [serde_json::json!(both), serde_json::json!(both.join(" , "))] {
            assert_eq!(with(value).unwrap().allowed_origins, both);
        }
        assert!(with("".into()).unwrap().allowed_origins.is_empty());
        for wrong in
            ["*", "app.example.org", "https://app.example.org/", "https://App.example.org", "null", "file:///x"]
        {
            let Err(Error::Config(faults)) = with(wrong.into()) else { panic!("{wrong} was taken") };
            assert!(faults[0].starts_with("allowed_origins: "), "{faults:?}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let figment = Figment::from(Serialized::defaults(DEFAULTS)).merge(Serialized::default("databse_url", "x"));
        let Err(Error::Config(faults)) = Config::checked(figment) else { panic!("a misspelled setting was taken") };
        assert!(faults[0].contains("databse_url"), "{faults:?}");
    }
}
