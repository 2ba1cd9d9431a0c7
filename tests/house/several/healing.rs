//! A Redis that is killed, forgets everything, or freezes: nothing is lost, and it is in use again by itself.

use std::sync::{Arc, Mutex};

use hawser_domain::change;
use hawser_tests::{Server, lasting};
use secrecy::SecretString;

use super::{Follower, hears, house_on, soon};

#[tokio::test]
async fn a_redis_that_is_killed_frozen_or_flushed_is_in_use_again_by_itself() {
    let mut redis = Server::redis();
    let house = house_on(&redis).await;
    let other = house.another(1).await;
    let _followers = [Follower::of(&house.app), Follower::of(&other)];
    let is_up = |up: bool| {
        let redis = other.redis.clone().unwrap();
        async move {
            while redis.is_up() != up {
                lasting(20).await
            }
        }
    };
    for round in 0..2 {
        for fault in ["killed", "frozen", "flushed"] {
            soon("hearing", async {
                hears(&house.app, true).await;
                hears(&other, true).await
            })
            .await;
            match fault {
                "killed" => redis.kill(),
                "frozen" => redis.freeze(),
                _ => redis.flush().await,
            }
            if fault != "flushed" {
                soon("noticing", is_up(false)).await;
            }
            house.member(&format!("{fault}{round}")).await;
            let head = change::head(&house.app).await.unwrap().seq;
            soon("hearing of a change", other.news.subscribe().wait_for(|seen| *seen >= head)).await.unwrap();
            match fault {
                "killed" => redis.restart(),
                "frozen" => redis.thaw(),
                _ => {}
            }
            soon("using it again", is_up(true)).await;
        }
    }
}

/// What is logged on this thread while it is kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn times(&self, words: &str) -> usize {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().matches(words).count()
    }
}

async fn asked(redis: &hawser_domain::redis::Redis, answers: bool) -> Option<String> {
    let ask = async {
        loop {
            match redis.ask::<redis::Value>(&redis::cmd("PING")).await {
                Ok(_) if answers => return None,
                Err(gone) if !answers => return Some(gone.to_string()),
                _ => lasting(20).await,
            }
        }
    };
    soon(if answers { "an answer" } else { "no answer" }, ask).await
}

#[tokio::test]
async fn going_and_coming_back_is_said_once_each_in_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut server = Server::redis();
    let redis = hawser_domain::redis::Redis::new(&SecretString::from(server.url()), "log").unwrap();
    for times in 1..=2 {
        asked(&redis, true).await;
        server.kill();
        for _ in 0..3 {
            asked(&redis, false).await;
        }
        assert_eq!(log.times("Redis does not answer"), times);
        server.restart();
        for _ in 0..3 {
            asked(&redis, true).await;
        }
        assert_eq!(log.times("Redis answers again"), times);
    }
}

#[tokio::test]
async fn a_wrong_address_or_password_is_told_of_without_the_password() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Server::redis();
    let open = |url: &str| hawser_domain::redis::Redis::new(&SecretString::from(url), "told");
    let refused = open("redis://:secret-of-ours@:what").unwrap_err();
    assert!(refused.to_string().contains("redis_url") && !refused.to_string().contains("secret-of-ours"), "{refused}");
    server.ask_for_password("another").await;
    let authority = server.url().replace("redis://", "");
    // The second speaks TLS to a server that does not.
    for scheme in ["redis", "rediss"] {
        let redis = open(&format!("{scheme}://:secret-of-ours@{authority}")).unwrap();
        let gone = asked(&redis, false).await.unwrap();
        assert!(!gone.contains("secret-of-ours"), "{gone}");
        assert!(!redis.is_up());
        assert!(!format!("{redis:?}").contains("secret-of-ours"));
    }
    assert_eq!((log.times("Redis does not answer"), log.times("secret-of-ours")), (2, 0));
    let redis = open(&format!("redis://:another@{authority}")).unwrap();
    asked(&redis, true).await;
}
