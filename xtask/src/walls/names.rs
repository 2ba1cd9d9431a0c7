//! Walls around names: the environment, the queue library and the clock each have one room that may name them.

use super::{
    Breach,
    house::{House, Source},
    paths::{self, Named},
};

/// One thing that only some rooms may name.
struct Wall {
    is_it: fn(&Named) -> bool,
    rooms: fn(&str) -> bool,
    what: &'static str,
}

const WALLS: &[Wall] = &[
    Wall {
        is_it: |it| {
            let is_of_every_machine = |word| ["consts", "join_paths", "split_paths"].contains(&word);
            (it.is_below("std::env") && !it.words().any(is_of_every_machine)) || it.is_below("figment")
        },
        // The reader takes what its parent hands it, in an environment that holds nothing else.
        rooms: |path| {
            ["src/", "xtask/", "tests/", "domain/src/config/", "extract/src/child/", "api/build.rs"]
                .iter()
                .any(|room| path.starts_with(room))
                || path == "domain/src/config.rs"
        },
        what: "reads the environment; only domain/src/config does",
    },
    Wall {
        is_it: |it| it.words().any(|word| word == "apalis" || word.starts_with("apalis_")),
        rooms: |path| {
            path.starts_with("workers/src/runner/")
                || ["workers/src/runner.rs", "domain/src/job/bell.rs"].contains(&path)
        },
        what: "names apalis; only workers/src/runner.rs and domain/src/job/bell.rs do",
    },
    Wall {
        is_it: |it| ["SystemTime::now", "Utc::now", "Local::now"].iter().any(|now| it.ends_with(now)),
        rooms: |path| path.ends_with("/clock.rs"),
        what: "asks the machine for the time; take it from the injected clock (only a file clock.rs asks)",
    },
    Wall {
        is_it: |it| it.words().any(|word| word.starts_with("sea_orm") || word == "sqlx"),
        rooms: |path| !path.starts_with("api/"),
        what: "names the database; the api goes through the domain",
    },
    Wall {
        is_it: |it| ["time::sleep", "time::sleep_until", "thread::sleep"].iter().any(|sleep| it.ends_with(sleep)),
        rooms: |path| !path.starts_with("tests/") || path.starts_with("tests/bench/"),
        what: "waits for luck; wait for what must happen, or move the clock",
    },
];

pub fn breaches(house: &House) -> Vec<Breach> {
    house.sources.iter().flat_map(of_source).collect()
}

fn of_source(source: &Source) -> Vec<Breach> {
    let named = match paths::named(&source.text) {
        Ok(named) => named,
        Err(error) => {
            let what = format!("cannot be read as Rust, so its walls cannot be checked: {error}");
            return vec![Breach { place: source.path.clone(), what }];
        }
    };
    let mut found = Vec::new();
    for wall in WALLS.iter().filter(|wall| !(wall.rooms)(&source.path)) {
        for it in named.iter().filter(|it| (wall.is_it)(it)) {
            found.push(Breach {
                place: format!("{}:{}", source.path, it.line),
                what: format!("`{}` {}", it.path, wall.what),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let source = Source { path: path.into(), text: text.into() };
        of_source(&source).into_iter().map(|breach| format!("{} {}", breach.place, breach.what)).collect()
    }

    #[test]
    fn only_the_configuration_reads_the_environment() {
        let reads = "fn a() {\n    let b = std::env::var(\"B\");\n}";
        assert!(
            found("domain/src/document/link.rs", reads)[0].starts_with("domain/src/document/link.rs:2 `std::env::var`")
        );
        assert_eq!(found("providers/src/http.rs", "use std::{env, fs};").len(), 1);
        assert_eq!(found("domain/src/app.rs", "use figment::Figment;").len(), 1);
        for room in ["domain/src/config/mod.rs", "src/main.rs", "xtask/src/run.rs", "tests/house/main.rs"] {
            assert!(found(room, reads).is_empty(), "{room}");
        }
        assert!(found("domain/src/app.rs", "//! std::env is not read here\nuse crate::env::Thing;").is_empty());
    }

    #[test]
    fn only_the_runner_and_the_bell_name_the_queue_library() {
        assert_eq!(found("workers/src/jobs/poll_feed.rs", "use apalis::prelude::*;").len(), 1);
        assert_eq!(found("domain/src/job/add.rs", "fn a(b: apalis_core::Task) {}").len(), 1);
        assert_eq!(found("api/src/lib.rs", "use hawser_domain::apalis;").len(), 1);
        for room in ["workers/src/runner.rs", "workers/src/runner/stream.rs", "domain/src/job/bell.rs"] {
            assert!(found(room, "use apalis::prelude::*;").is_empty(), "{room}");
        }
    }

    #[test]
    fn only_a_clock_asks_for_the_time() {
        assert_eq!(found("workers/src/schedule.rs", "let a = chrono::Utc::now();").len(), 1);
        assert_eq!(found("sandbox/src/world.rs", "let a = SystemTime::now();").len(), 1);
        assert_eq!(found("tests/house/main.rs", "clock(Utc::now)").len(), 1);
        assert!(found("domain/src/clock.rs", "chrono::Utc::now()").is_empty());
        assert!(found("domain/src/job/claim.rs", "app.clock.now()").is_empty());
    }

    #[test]
    fn the_api_does_not_reach_the_database_through_another_crate() {
        assert_eq!(found("api/src/graphql/node.rs", "use hawser_domain::sea_orm::EntityTrait;").len(), 1);
        assert!(found("domain/src/app.rs", "use sea_orm::EntityTrait;").is_empty());
    }

    #[test]
    fn a_test_of_the_house_does_not_sleep() {
        assert_eq!(found("tests/house/job.rs", "tokio::time::sleep(a).await").len(), 1);
        assert_eq!(found("tests/harness/lib.rs", "use std::thread::{self, sleep};").len(), 1);
        assert!(found("tests/house/job.rs", "tokio::time::timeout(a, b).await").is_empty());
        assert!(found("tests/bench/main.rs", "tokio::time::sleep(a).await").is_empty());
    }

    #[test]
    fn a_source_that_cannot_be_read_is_told_rather_than_passed() {
        assert_eq!(found("api/src/lib.rs", "fn a( {").len(), 1);
    }
}
