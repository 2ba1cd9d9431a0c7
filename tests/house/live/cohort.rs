//! Identical subscriptions are computed once, and nobody's pace is another's.

use hawser_domain::token;
use hawser_tests::House;
use serde_json::json;

use super::listener::{CHANGES, Listener, field, said, say, since};

/// More commits than may wait for one member.
const MANY: u64 = 150;

#[tokio::test]
async fn the_same_subscription_of_the_same_person_is_computed_once_and_written_once() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let mut first = Listener::seated(&house, &ann, CHANGES, json!({}), (1, 1)).await;
    let mut second = Listener::seated(&house, &ann, CHANGES, json!({}), (2, 1)).await;
    say(&house, [7]).await;
    let (one, other) = (first.answer().await.unwrap(), second.answer().await.unwrap());
    assert_eq!(said(&field(&one)), [7]);
    assert!(std::ptr::eq(one.json(), other.json()), "the second was given what was written for the first");
}

#[tokio::test]
async fn other_people_other_words_and_other_variables_have_executions_of_their_own() {
    let house = House::start().await;
    let (ann, bo) = (house.member("ann").await, house.member("bo").await);
    let again = house.person(ann.id).await;
    let mut all = vec![Listener::seated(&house, &ann, CHANGES, json!({}), (1, 1)).await];
    let spaced = format!("{CHANGES} ");
    let few = json!({ "most": 2 });
    for (at, (person, query, variables)) in
        [(&bo, CHANGES, json!({})), (&again, CHANGES, json!({})), (&ann, &spaced, json!({})), (&ann, CHANGES, few)]
            .into_iter()
            .enumerate()
    {
        all.push(Listener::seated(&house, person, query, variables, (at + 2, at + 2)).await);
    }
    say(&house, [1, 2, 3]).await;
    for listener in &mut all[..4] {
        assert_eq!(said(&listener.next().await), [1, 2, 3]);
    }
    let batch = all[4].next().await;
    assert_eq!((said(&batch), &batch["hasMore"]), (vec![1, 2], &json!(true)));
    let batch = all[4].next().await;
    assert_eq!((said(&batch), &batch["hasMore"]), (vec![3], &json!(false)));
}

#[tokio::test]
async fn a_slow_member_holds_nobody_up_misses_nothing_and_comes_back() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let mut quick = Listener::seated(&house, &ann, CHANGES, json!({}), (1, 1)).await;
    let mut slow = Listener::seated(&house, &ann, CHANGES, json!({}), (2, 1)).await;
    for n in 0..MANY {
        say(&house, [n]).await;
        assert_eq!(said(&quick.next().await), [n], "nobody waits for the slow one");
    }
    let mut heard = Vec::new();
    while heard.len() < usize::try_from(MANY).unwrap() {
        heard.extend(said(&slow.next().await));
    }
    assert_eq!(heard, Vec::from_iter(0..MANY));
    slow.sit(&house, (2, 1)).await;
    say(&house, [MANY]).await;
    let (one, other) = (quick.answer().await.unwrap(), slow.answer().await.unwrap());
    assert_eq!(said(&field(&one)), [MANY]);
    assert!(std::ptr::eq(one.json(), other.json()), "both hear the same again");
}

#[tokio::test]
async fn whoever_comes_with_a_cursor_is_told_what_was_missed_and_then_shares() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let mut first = Listener::seated(&house, &ann, CHANGES, json!({}), (1, 1)).await;
    let mut cursors = Vec::new();
    for n in 0..5 {
        say(&house, [n]).await;
        cursors.push(first.next().await["cursor"].clone());
    }
    let mut others = Vec::new();
    for (at, cursor) in cursors.iter().enumerate() {
        let mut other = Listener::new(&house, &ann, CHANGES, since(cursor));
        let opening = other.next().await;
        let missed = Vec::from_iter(at as u64 + 1..5);
        assert_eq!((&opening["cursor"], &opening["hasMore"]), (cursor, &json!(!missed.is_empty())));
        if !missed.is_empty() {
            assert_eq!(said(&other.next().await), missed);
        }
        // Whatever the cursor was, it is the same cohort.
        other.sit(&house, (at + 2, 1)).await;
        others.push(other);
    }
    say(&house, [5]).await;
    let shared = first.answer().await.unwrap();
    for other in &mut others {
        let answer = other.answer().await.unwrap();
        assert_eq!(said(&field(&answer)), [5]);
        assert!(std::ptr::eq(shared.json(), answer.json()));
    }
}

#[tokio::test]
async fn what_nobody_listens_to_any_more_is_not_computed_any_more() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let first = Listener::seated(&house, &ann, CHANGES, json!({}), (1, 1)).await;
    let mut second = Listener::seated(&house, &ann, CHANGES, json!({}), (2, 1)).await;
    drop(first);
    second.sit(&house, (1, 1)).await;
    say(&house, [1]).await;
    assert_eq!(said(&second.next().await), [1], "who began it may leave");
    drop(second);
    let audience = house.engine.audience();
    assert_eq!((audience.members, audience.executions), (0, 0));
}

#[tokio::test]
async fn a_revoked_token_ends_the_subscriptions_of_all_who_used_it_and_of_nobody_else() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let again = house.person(ann.id).await;
    let mut ended = Vec::new();
    for at in 1..=3 {
        ended.push(Listener::seated(&house, &ann, CHANGES, json!({}), (at, 1)).await);
    }
    let mut other = Listener::seated(&house, &again, CHANGES, json!({}), (4, 2)).await;
    token::revoke(&house.app, &again.principal, ann.principal.token_id).await.unwrap();
    say(&house, [1]).await;
    for listener in &mut ended {
        let answer = listener.answer().await.unwrap();
        let told = serde_json::to_value(&answer).unwrap();
        assert_eq!(told["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{told:#}");
        assert!(listener.answer().await.is_none(), "that was the last");
    }
    assert_eq!(said(&other.next().await), [1]);
}
