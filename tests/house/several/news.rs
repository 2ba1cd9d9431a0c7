//! A commit in one process is news in the others: at once where they share a Redis, and by looking where they do not.

use std::{sync::Arc, time::Instant};

use hawser_domain::{App, change, token, user};
use hawser_tests::{Heard, House, Server, lasting};
use serde_json::json;

use super::{Follower, hears, house_on, soon};

/// A house and another process of it, which hears the first over their Redis.
async fn two() -> (Server, House, Arc<App>, Follower) {
    let redis = Server::redis();
    let house = house_on(&redis).await;
    let other = house.another(1).await;
    let follower = Follower::of(&other);
    hears(&other, true).await;
    (redis, house, other, follower)
}

/// Changes something in `writer`, and waits until `reader` has heard of it.
async fn change_is_heard(house: &House, reader: &Arc<App>, name: &str) {
    let mut news = reader.news.subscribe();
    house.member(name).await;
    let head = change::head(&house.app).await.unwrap().seq;
    soon("hearing of a change", news.wait_for(|seen| *seen >= head)).await.unwrap();
}

#[tokio::test]
async fn a_change_in_one_process_is_heard_in_the_others_at_once_where_they_share_a_redis() {
    let (_redis, house, other, _follower) = two().await;
    // Looking by itself, every five seconds, would take this as many times five seconds.
    let begun = Instant::now();
    for number in 0..20 {
        change_is_heard(&house, &other, &format!("ann{number}")).await;
    }
    assert!(begun.elapsed().as_secs() < 50, "it was not told but looked: {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_change_is_heard_by_looking_where_redis_is_gone_or_there_is_none() {
    let (mut redis, house, other, _follower) = two().await;
    redis.kill();
    hears(&other, false).await;
    change_is_heard(&house, &other, "ann").await;

    let house = House::with(|config| config.redis_url = None).await;
    let other = house.another(1).await;
    let _follower = Follower::of(&other);
    change_is_heard(&house, &other, "ann").await;
}

#[tokio::test]
async fn what_was_committed_while_nobody_was_heard_is_known_once_somebody_is() {
    let (mut redis, house, other, _follower) = two().await;
    redis.kill();
    hears(&other, false).await;
    let mut endings = other.endings.subscribe();
    let ann = house.member("ann").await;
    token::sign_out(&house.app, &ann.principal).await.unwrap();
    redis.restart();
    soon("hearing of the end of a sign-in", endings.changed()).await.unwrap();
    hears(&other, true).await;
    let head = change::head(&house.app).await.unwrap().seq;
    soon("knowing the head", other.news.subscribe().wait_for(|seen| *seen >= head)).await.unwrap();
}

#[tokio::test]
async fn a_sign_in_that_ends_in_one_process_ends_the_sockets_of_the_others() {
    let redis = Server::redis();
    let house = house_on(&redis).await;
    let other = house.another(1).await;
    // The house itself serves the socket; the other process ends the sign-in.
    let _follower = Follower::of(&house.app);
    hears(&house.app, true).await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    let mut socket = served.socket().await;
    socket.init(json!({ "authorization": format!("Bearer {}", ann.token) })).await;
    // That of `member` is heard, too: only a later one counts.
    let heard = house.app.endings.count();
    token::sign_out(&other, &ann.principal).await.unwrap();
    let mut endings = house.app.endings.subscribe();
    soon("hearing of the end", endings.wait_for(|count| *count > heard)).await.unwrap();
    loop {
        match soon("the end of the socket", socket.hear()).await {
            Heard::Closed(code) => break assert_eq!(code, 4403),
            Heard::Message(_) => {}
        }
    }
}

#[tokio::test]
async fn who_somebody_is_changes_in_all_processes_at_once() {
    let (_redis, house, other, _follower) = two().await;
    let (ann, admin) = (house.member("ann").await, house.admin().await);
    token::authenticate_again(&other, &ann.principal).await.expect("she is here");
    let before = other.standings.generation();
    user::disable(&house.app, &admin.principal, ann.id).await.unwrap();
    let heard = async {
        while other.standings.generation() == before {
            lasting(20).await
        }
    };
    soon("hearing that somebody changed", heard).await;
    // At most what was told before her end was heard just now.
    let refused = async {
        while token::authenticate_again(&other, &ann.principal).await.is_ok() {
            lasting(20).await
        }
    };
    soon("being refused", refused).await;
}
