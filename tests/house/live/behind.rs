//! Readers who are too far behind are told so, once, and go on from where they are put.

use std::time::Duration;

use hawser_domain::change;
use hawser_tests::House;
use serde_json::json;

use super::listener::{CHANGES, Listener, said, say, since};

const LAG: u64 = 20;
const MANY: u64 = 150;

#[tokio::test]
async fn a_member_too_slow_for_the_log_is_told_once_to_read_anew_and_goes_on() {
    let house = House::with(|config| config.live_lag = LAG).await;
    let ann = house.member("ann").await;
    let mut quick = Listener::seated(&house, &ann, CHANGES, json!({}), (1, 1)).await;
    let mut slow = Listener::seated(&house, &ann, CHANGES, json!({}), (2, 1)).await;
    let mut head = json!(null);
    for n in 0..MANY {
        say(&house, [n]).await;
        head = quick.next().await["cursor"].clone();
    }
    let batch = slow.next().await;
    assert_eq!((&batch["resync"], said(&batch), &batch["cursor"]), (&json!(true), vec![], &head));
    slow.sit(&house, (2, 1)).await;
    say(&house, [MANY]).await;
    for listener in [&mut quick, &mut slow] {
        let batch = listener.next().await;
        assert_eq!((&batch["resync"], said(&batch)), (&json!(false), vec![MANY]));
    }
}

#[tokio::test]
async fn a_cursor_too_far_behind_is_told_so_and_one_just_near_enough_misses_nothing() {
    let house = House::with(|config| config.live_lag = LAG).await;
    let ann = house.member("ann").await;
    let ask = async || house.data(&ann, "{ changeCursor }", json!({})).await["changeCursor"].clone();
    let far = ask().await;
    say(&house, [0]).await;
    let near = ask().await;
    say(&house, 1..=LAG).await;
    let mut listener = Listener::new(&house, &ann, CHANGES, since(&near));
    assert_eq!(listener.next().await["hasMore"], true);
    let mut heard = Vec::new();
    while heard.len() < 20 {
        let batch = listener.next().await;
        assert_eq!(batch["resync"], false);
        heard.extend(said(&batch));
    }
    assert_eq!(heard, Vec::from_iter(1..=LAG));
    let mut listener = Listener::new(&house, &ann, CHANGES, since(&far));
    listener.next().await;
    let batch = listener.next().await;
    assert_eq!((&batch["resync"], said(&batch), &batch["cursor"]), (&json!(true), vec![], &ask().await));
    // A list to page through knows no such bound: whoever pages is at work on it.
    let list = "query($since: String!) { changes(since: $since, first: 500) { resync changes { subjectId } } }";
    let data = house.data(&ann, list, since(&far)).await;
    assert_eq!((&data["changes"]["resync"], said(&data["changes"]).len()), (&json!(false), 21));
}

#[tokio::test]
async fn a_cursor_older_than_what_is_kept_is_told_so_once_and_goes_on() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let old = house.data(&ann, "{ changeCursor }", json!({})).await["changeCursor"].clone();
    say(&house, 0..30).await;
    house.clock.advance(Duration::from_secs(3600));
    say(&house, [30]).await;
    change::purge(&house.app, Duration::from_secs(60)).await.unwrap();
    let mut listener = Listener::new(&house, &ann, CHANGES, since(&old));
    assert_eq!(listener.next().await["cursor"], old);
    let batch = listener.next().await;
    assert_eq!((&batch["resync"], said(&batch)), (&json!(true), vec![]));
    listener.sit(&house, (1, 1)).await;
    say(&house, [31]).await;
    let batch = listener.next().await;
    assert_eq!((&batch["resync"], said(&batch)), (&json!(false), vec![31]));
}

#[tokio::test]
async fn a_filter_that_lets_nothing_through_does_not_leave_its_cursor_behind() {
    let house = House::with(|config| config.live_lag = LAG).await;
    let ann = house.member("ann").await;
    let quiet = "subscription($since: String) { changes(since: $since, filter: { nouns: [JOB] }) { cursor resync changes { kind } } }";
    let mut listener = Listener::seated(&house, &ann, quiet, json!({}), (1, 1)).await;
    let mut cursor = json!(null);
    for n in 0..3 * LAG {
        say(&house, [n]).await;
        if n % 2 == 1 {
            let batch = listener.next().await;
            assert_eq!((&batch["changes"], &batch["resync"]), (&json!([]), &json!(false)), "at line {n}");
            cursor = batch["cursor"].clone();
        }
    }
    drop(listener);
    let mut listener = Listener::new(&house, &ann, quiet, since(&cursor));
    assert_eq!(listener.next().await["cursor"], cursor);
    listener.sit(&house, (1, 1)).await;
}
