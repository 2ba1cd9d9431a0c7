//! The program itself, told nonsense at its start: it says everything that is wrong, at once, and leaves nothing behind.

use std::{
    collections::BTreeSet,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use hawser_tests::{Ground, program};

use super::dump::Dumper;

const KEY: &str = "k1:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
const OTHER_KEY: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZkdISUpLTE1OT1BRUlNUVVY=";

struct Ended {
    output: Output,
    /// What lies in the folder afterwards.
    files: BTreeSet<String>,
}

impl Ended {
    fn said(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

fn files(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        found.insert(entry.path().display().to_string());
        found.extend(files(&entry.path()));
    }
    found
}

/// Starts the program in an empty folder, with these settings, and waits for its end.
fn start(folder: &Path, command: &[&str], settings: &[(&str, &str)]) -> Ended {
    let mut child = Command::new(program());
    child.args(command).current_dir(folder).env_clear().stdin(Stdio::null());
    child.stdout(Stdio::piped()).stderr(Stdio::piped());
    child.env("HAWSER_DATA", folder.join("data")).env("HAWSER_BIND", "127.0.0.1:0");
    for (name, value) in settings {
        child.env(format!("HAWSER_{name}"), value);
    }
    let mut child = child.spawn().expect("the program starts");
    let begun = Instant::now();
    while child.try_wait().expect("the program is watched").is_none() {
        if begun.elapsed() > Duration::from_secs(20) {
            child.kill().expect("killed");
            let output = child.wait_with_output().expect("an output");
            panic!("it started in spite of {settings:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        std::thread::yield_now();
    }
    Ended { output: child.wait_with_output().expect("an output"), files: files(folder) }
}

/// Starts with bad settings: refused with all of `words`, and nothing was made.
fn refused(command: &[&str], settings: &[(&str, &str)], words: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = start(folder.path(), command, settings);
    let said = ended.said();
    assert_eq!(ended.output.status.code(), Some(1), "{settings:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{settings:?}: {word:?} is not in {said:?}");
    }
    for bad in ["panicked", "RUST_BACKTRACE", "Err(", "Some("] {
        assert!(!said.contains(bad), "{settings:?}: {said}");
    }
    assert_eq!(ended.files, BTreeSet::new(), "{settings:?} left something behind; said {said}");
}

#[test]
fn every_bad_setting_is_refused_by_name_and_nothing_is_made() {
    for (setting, words) in [
        (("DATABSE_URL", "sqlite://x"), vec!["databse_url"]),
        (("DATABASE_URL", "mysql://x"), vec!["database_url", "sqlite://"]),
        (("DATABASE_URL", "not a url"), vec!["database_url", "sqlite://"]),
        (("PUBLIC_URL", "hawser.example"), vec!["public_url"]),
        (("PUBLIC_URL", "http://hawser.example"), vec!["public_url", "https://"]),
        (("PUBLIC_URL", "https://hawser.example/"), vec!["public_url", "slash"]),
        (("BIND", "nowhere"), vec!["bind", "127.0.0.1:8420"]),
        (("BIND", "127.0.0.1:99999"), vec!["bind"]),
        (("POLL_SECONDS", "5"), vec!["poll_seconds", "30"]),
        (("POLL_SECONDS", "often"), vec!["poll_seconds"]),
        (("POLL_SECONDS", "-1"), vec!["poll_seconds"]),
        (("WORKER_SLOTS", "0"), vec!["worker_slots"]),
        (("SESSION_SECONDS", "1"), vec!["session_seconds"]),
        (("LEASE_SECONDS", "99999999"), vec!["lease_seconds"]),
        (("ADMIN_EMAIL", "nobody"), vec!["admin_email"]),
        (("ADMIN_PASSWORD", "short"), vec!["admin_password"]),
        (("ALLOW_LOOPBACK_CLOUDS", "perhaps"), vec!["allow_loopback_clouds"]),
        (("KEYS", "nonsense"), vec!["keys", "id:base64"]),
        (("KEYS", "k1:AAAA"), vec!["keys"]),
        (("KEYS", ""), vec!["keys"]),
    ] {
        refused(&["serve"], &[setting], &words);
    }
}

#[test]
fn all_faults_are_named_at_once() {
    let settings = [
        ("DATABSE_URL", "x"),
        ("PUBLIC_URL", "nowhere"),
        ("BIND", "nowhere"),
        ("POLL_SECONDS", "often"),
        ("WORKER_SLOTS", "0"),
        ("ADMIN_EMAIL", "nobody"),
        ("KEYS", "nonsense"),
    ];
    let words = ["databse_url", "public_url", "bind", "poll_seconds", "worker_slots", "admin_email", "keys"];
    for command in ["serve", "api", "worker", "migrate"] {
        refused(&[command], &settings, &words);
    }
}

#[test]
fn a_secret_that_is_no_good_is_not_repeated() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("KEYS", "k1:c2VjcmV0c2VjcmV0"), ("ADMIN_PASSWORD", "hush")];
    let said = start(folder.path(), &["serve"], &settings).said();
    assert!(said.contains("keys") && !said.contains("c2VjcmV0c2VjcmV0") && !said.contains("hush"), "{said}");
}

#[test]
fn a_bad_file_of_settings_is_refused_with_its_place() {
    for (text, word) in
        [("bind = ", "hawser.toml"), ("colour = \"blue\"\n", "colour"), ("worker_slots = \"many\"\n", "worker_slots")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("hawser.toml"), text).expect("written");
        let ended = start(folder.path(), &["serve"], &[]);
        assert_eq!(ended.output.status.code(), Some(1), "{}", ended.said());
        assert!(ended.said().contains(word), "{text:?}: {}", ended.said());
        assert_eq!(ended.files.len(), 1, "{:?}", ended.files);
    }
    refused(&["serve", "--config", "absent.toml"], &[], &["absent.toml"]);
}

#[test]
fn a_port_in_use_is_said_before_anything_is_made() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    refused(&["serve"], &[("BIND", &address)], &["cannot listen on", &address, "bind"]);
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("written");
    for data in [file.clone(), file.join("below"), PathBuf::from("/proc/hawser")] {
        let data = data.display().to_string();
        let ended = start(folder.path(), &["serve"], &[("DATA", &data)]);
        let said = ended.said();
        assert_eq!(ended.output.status.code(), Some(1), "{said}");
        assert!(said.contains(&data) && said.contains("data") && !said.contains("panicked"), "{said}");
        assert_eq!(ended.files, files(folder.path()));
        assert_eq!(ended.files.len(), 1, "{:?}", ended.files);
    }
}

#[tokio::test]
async fn keys_that_do_not_open_the_database_are_refused_and_the_house_stays_as_it_was() {
    let ground = Ground::new();
    let (data, environment) = (ground.folder().join("data"), ground.environment());
    let made = tempfile::tempdir().expect("a folder");
    // Founded by a start that ends after the tables, the keys' proof and the administrator are there.
    let founded = Command::new(program())
        .args(["migrate"])
        .env_clear()
        .envs(environment.iter().cloned())
        .env("HAWSER_KEYS", KEY)
        .current_dir(made.path())
        .output()
        .expect("migrated");
    assert!(founded.status.success(), "{}", String::from_utf8_lossy(&founded.stderr));
    let mut config = ground.config();
    config.keys = Some(KEY.into());
    let app = hawser_domain::App::open(config, Default::default()).await.expect("the house opens");
    let url = app.config.database_url();
    app.database.clone().close().await.expect("closed");
    let before = Dumper::at(&url).await.dump().await;
    let settings = |more: Option<(&'static str, &'static str)>| {
        let given = environment.iter().map(|(name, value)| (name.trim_start_matches("HAWSER_"), value.as_str()));
        given.chain(more).collect::<Vec<_>>()
    };
    let ended = start(ground.folder(), &["serve"], &settings(Some(("KEYS", OTHER_KEY))));
    let said = ended.said();
    assert_eq!(ended.output.status.code(), Some(1), "{said}");
    assert!(said.contains("keys") && said.contains("k1") && !said.contains("panicked"), "{said}");
    assert_eq!(Dumper::at(&url).await.dump().await, before, "the database changed");
    assert!(!data.join("keys").exists(), "a key file was made");
    let ended = start(ground.folder(), &["serve"], &settings(None));
    assert_eq!(ended.output.status.code(), Some(1), "{}", ended.said());
    assert!(ended.said().contains("bring back"), "{}", ended.said());
    assert!(!data.join("keys").exists(), "a key file was made in place of the lost one");
    assert_eq!(Dumper::at(&url).await.dump().await, before, "the database changed");
}

#[test]
fn a_database_that_is_none_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).expect("ours");
    let text = "this is no database, but somebody's notes\n".repeat(100);
    std::fs::write(data.join("hawser.db"), &text).expect("written");
    let ended = start(folder.path(), &["serve"], &[]);
    let said = ended.said();
    assert_eq!(ended.output.status.code(), Some(1), "{said}");
    assert!(said.contains("hawser.db") && !said.contains("panicked"), "{said}");
    assert_eq!(std::fs::read_to_string(data.join("hawser.db")).expect("a file"), text);
}
