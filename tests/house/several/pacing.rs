//! Four processes that call one cloud together call no faster than one may: counted by the cloud.

use hawser_tests::{Server, lasting};

use super::{
    LONG,
    clock::seconds,
    counter::{AT_A_TIME, CALLERS, Call, Callers, Counter, PER_MINUTE, bucket},
    house_on, soon,
};

const PER_SECOND: f64 = PER_MINUTE as f64 / 60.0;

/// Counted from when anybody first asked, at which time a new bucket is empty: at no moment have there been more calls than
/// `per_second` allows up to then, and `more` at most.
fn never_too_many(calls: &[Call], per_second: f64, more: f64) {
    let start = calls.iter().map(|call| call.began).fold(f64::MAX, f64::min);
    for (before, call) in calls.iter().enumerate() {
        let most = (call.came - start) * per_second + more;
        assert!(before as f64 + 1.0 <= most, "{} calls after {:.2} s", before + 1, call.came - start);
    }
}

/// Calls a second from the first that came to the last.
fn rate(calls: &[Call]) -> f64 {
    calls.len() as f64 / (calls.last().unwrap().came - calls[0].came)
}

#[tokio::test]
async fn four_processes_use_the_whole_of_an_allowance_and_never_more() {
    let (redis, counter) = (Server::redis(), Counter::start().await);
    let house = house_on(&redis).await;
    let callers = Callers::start(&house, &counter);
    soon("the first call", counter.runs_until(0.0)).await;
    let run = counter.runs_until(seconds() + how_long());
    tokio::time::timeout(LONG.mul_f64(1.0 + how_long() / 30.0), run).await.expect("calling goes on");
    drop(callers);
    let calls = counter.calls();
    let spread = 1.0 / bucket().rate(1).period.as_secs_f64();
    never_too_many(&calls, spread, 1.0);
    never_too_many(&calls, PER_SECOND * 1.02, 1.0);
    println!("{} calls, {:.2} of {PER_SECOND} a second", calls.len(), rate(&calls));
    assert!(rate(&calls) >= 0.9 * PER_SECOND, "{:.2} calls a second of {PER_SECOND}", rate(&calls));
}

/// Seconds; more where somebody measures.
fn how_long() -> f64 {
    std::env::var("HAWSER_TEST_PACING_SECONDS").ok().and_then(|it| it.parse().ok()).unwrap_or(8.0)
}

#[tokio::test]
async fn once_one_of_four_was_told_to_come_again_later_none_of_them_comes_before() {
    let (redis, counter) = (Server::redis(), Counter::start().await);
    let house = house_on(&redis).await;
    let _callers = Callers::start(&house, &counter);
    soon("the first call", counter.runs_until(0.0)).await;
    for _ in 0..2 {
        let begun = seconds();
        counter.refuse_next(4);
        let known = async {
            loop {
                match counter.refusal() {
                    Some((refused, known)) if refused >= begun && known >= refused => break (refused, known),
                    _ => lasting(20).await,
                }
            }
        };
        let (refused, known) = soon("a refusal", known).await;
        // One that forgets what it knew is not the only one who did.
        redis.flush().await;
        soon("coming again", counter.runs_until(refused + 4.0)).await;
        let early = counter.calls().into_iter().filter(|call| call.began > known && call.came < refused + 4.0);
        assert_eq!(early.count(), 0, "calls came before their time");
    }
}

#[tokio::test]
async fn a_redis_that_goes_and_comes_back_opens_no_allowance() {
    let (mut redis, counter) = (Server::redis(), Counter::start().await);
    let house = house_on(&redis).await;
    let callers = Callers::start(&house, &counter);
    soon("the first call", counter.runs_until(0.0)).await;
    let start = seconds();
    soon("calling", counter.runs_until(start + 2.0)).await;
    redis.kill();
    let gone = seconds();
    soon("calling on without it", counter.runs_until(gone + 2.0)).await;
    redis.restart();
    let back = seconds();
    soon("calling with it", counter.runs_until(back + 2.0)).await;
    redis.flush().await;
    soon("calling on", counter.runs_until(seconds() + 2.0)).await;
    drop(callers);
    let calls = counter.calls();
    // Those who had paid when it went come beside those who pay elsewhere.
    never_too_many(&calls, PER_SECOND * 1.02, (AT_A_TIME as u32 * CALLERS) as f64);
    let without = calls.iter().filter(|call| call.began > gone && call.came < back).count();
    println!("{} calls, {without} of them while Redis was away for {:.1} s", calls.len(), back - gone);
    assert!(without > 0, "nobody called while Redis was away");
}
