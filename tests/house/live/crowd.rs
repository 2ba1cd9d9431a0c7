//! The crowd: hundreds of sockets that break and come back, rights that come and go. The same with 20,000 events is
//! `cargo xtask bench live`.

use hawser_tests::crowd::{Scale, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_subscribers_who_come_and_go_hear_all_they_may_in_order_and_nothing_else() {
    let report = run(Scale { seed: 5, subscribers: 300, people: 30, events: 2_000, patience: 8 }).await;
    assert!(report.reconnects > 300 && report.changes_of_rights > 10 && report.gone > 0, "{report:?}");
}
