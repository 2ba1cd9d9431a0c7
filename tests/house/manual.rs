//! The commands about settings, and what docker/ asks of the program: every setting it names is one, and is taken; every
//! command it runs is one.

use std::{collections::BTreeMap, process::Output};

use hawser_tests::program;
use tempfile::TempDir;
use tokio::process::Command;

const COMPOSE: &str = include_str!("../../docker/compose.yaml");
const DOCKERFILE: &str = include_str!("../../docker/Dockerfile");
const EXAMPLE: &str = include_str!("../../docker/env.example");

async fn run(folder: &TempDir, words: &[&str], settings: &BTreeMap<String, String>) -> Output {
    let mut command = Command::new(program());
    command.args(words).current_dir(folder.path()).env_clear().envs(settings);
    command.output().await.unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[tokio::test]
async fn the_manual_that_is_printed_is_a_file_of_settings_that_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let manual = run(&folder, &["config"], &BTreeMap::new()).await;
    assert!(manual.status.success());
    std::fs::write(folder.path().join("hawser.toml"), &manual.stdout).unwrap();
    let checked = run(&folder, &["config", "check"], &BTreeMap::new()).await;
    assert!(checked.status.success(), "{}", said(&checked));
    assert!(said(&checked).contains("SQLite"), "{}", said(&checked));
    assert!(!folder.path().join(".hawser").exists(), "nothing is made");
}

#[tokio::test]
async fn a_check_names_all_faults_of_file_and_environment_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hawser.toml"), "poll_seconds = 1\nlog_format = \"xml\"\n").unwrap();
    let settings = BTreeMap::from([
        ("HAWSER_OPERATIONS_BIND".to_owned(), "nowhere".to_owned()),
        ("HAWSER_OTLP_URL".to_owned(), "ftp://someone:hidden-word@x".to_owned()),
        ("HAWSER_BLOB_URL".to_owned(), "s3://bucket?regon=x".to_owned()),
    ]);
    let checked = run(&folder, &["config", "check"], &settings).await;
    assert_eq!(checked.status.code(), Some(1));
    let said = said(&checked);
    for word in ["poll_seconds", "log_format", "operations_bind", "otlp_url", "blob_url", "blob_access_key"] {
        assert!(said.contains(word), "{word} is not in {said}");
    }
    assert!(!said.contains("hidden-word"), "{said}");
}

/// What somebody fills in.
fn filled() -> BTreeMap<String, String> {
    let names = EXAMPLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    let fill = |(name, value): (&str, &str)| {
        assert_eq!(value, "", "{name} has a value in a file that everybody reads");
        let value = match name {
            "HAWSER_KEYS" => "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "HAWSER_PUBLIC_URL" => "https://hawser.example.org",
            "HAWSER_ADMIN_EMAIL" => "admin@example.org",
            _ => "long-enough-to-be-taken",
        };
        (name.to_owned(), value.to_owned())
    };
    names.map(fill).collect()
}

/// `${NAME:?…}` becomes what was filled in; a name that nobody can fill in is a fault.
fn substituted(text: &str, filled: &BTreeMap<String, String>) -> String {
    let mut rest = text;
    let mut whole = String::new();
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, after) = after.split_once('}').expect("an end");
        let (name, _) = inside.split_once(":?").expect("every variable is required");
        whole.push_str(before);
        whole.push_str(filled.get(name).unwrap_or_else(|| panic!("{name} is not in env.example")));
        rest = after;
    }
    whole + rest
}

#[tokio::test]
async fn every_setting_in_docker_is_a_setting_and_is_taken() {
    let filled = filled();
    let compose = COMPOSE.lines().filter_map(|line| line.trim().strip_prefix("HAWSER_")?.split_once(": "));
    let mut settings: BTreeMap<_, _> = compose
        .map(|(name, value)| (format!("HAWSER_{name}"), substituted(value.trim_matches('"'), &filled)))
        .collect();
    assert!(settings.len() > 10, "{settings:?}");
    let words = DOCKERFILE.split_whitespace().filter_map(|word| word.strip_prefix("HAWSER_")?.split_once('='));
    for (name, value) in words {
        settings.insert(format!("HAWSER_{name}"), value.to_owned());
    }
    let folder = tempfile::tempdir().unwrap();
    let checked = run(&folder, &["config", "check"], &settings).await;
    let said = said(&checked);
    assert!(checked.status.success(), "{said}");
    for part in ["PostgreSQL", "Redis", "Elasticsearch", "a bucket", "configured"] {
        assert!(said.contains(part), "{said}");
    }
    for line in COMPOSE.lines().filter(|line| line.contains("PASSWORD") || line.contains("KEY")) {
        assert!(line.contains("${") || line.contains("$$") || line.trim().starts_with('#'), "a secret in git: {line}");
    }
}

#[tokio::test]
async fn every_command_in_docker_is_a_command() {
    let lists = |text: &'static str, word: &'static str| {
        let lines = text.lines().filter_map(move |line| line.trim().split_once(word)).map(|(_, rest)| rest);
        lines.filter_map(|rest| serde_json::from_str::<Vec<String>>(rest.trim()).ok())
    };
    let own = ["migrate", "api", "worker"];
    let compose: Vec<_> = lists(COMPOSE, "command: ").collect();
    let mut asked: Vec<Vec<String>> = compose.into_iter().filter(|it| own.contains(&it[0].as_str())).collect();
    assert_eq!(asked.len(), 4, "migrate, api and two workers: {asked:?}");
    let checks = lists(COMPOSE, "test: ").chain(lists(DOCKERFILE, "CMD "));
    asked.extend(checks.filter_map(|it| match it.iter().position(|word| word == "hawser") {
        Some(at) => Some(it[at + 1..].to_vec()),
        None => (it == ["serve"]).then_some(it),
    }));
    assert_eq!(asked.len(), 7, "and two checks of health, and what runs by itself: {asked:?}");
    let folder = tempfile::tempdir().unwrap();
    for words in asked {
        let mut words: Vec<_> = words.iter().map(String::as_str).collect();
        words.push("--help");
        let helped = run(&folder, &words, &BTreeMap::new()).await;
        assert!(helped.status.success(), "{words:?}: {}", said(&helped));
    }
}
