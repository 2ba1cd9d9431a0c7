//! The harness itself: a test that leaves work behind does not pass.

use hawser_domain::{
    job::{New, Work},
    principal::Actor,
};
use hawser_tests::House;

async fn house_with_work() -> House {
    let house = House::start().await;
    let mut w = house.app.write(Actor::System).await.unwrap();
    w.queue(New::now(Work::Probe { note: true })).await.unwrap();
    w.commit().await.unwrap();
    house
}

#[tokio::test]
#[should_panic(expected = "work was left behind")]
async fn a_test_that_leaves_work_behind_fails() {
    drop(house_with_work().await);
}

#[tokio::test]
async fn a_test_that_drains_its_work_passes() {
    let house = house_with_work().await;
    assert_eq!(house.drain().await, 1);
    assert_eq!(house.drain().await, 0);
}
