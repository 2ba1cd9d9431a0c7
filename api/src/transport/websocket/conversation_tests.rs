//! The conversation with a client and a house made to measure: nothing here waits for time to pass, and what the client
//! does not read stays unread.

use std::{
    cell::RefCell,
    collections::VecDeque,
    pin::pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake},
};

use actix_web::{
    FromRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    test::TestRequest,
    web,
};
use async_graphql::{Response, ServerError};
use bytes::Bytes;
use futures::{
    channel::{mpsc, oneshot},
    stream::{self, BoxStream},
};
use serde_json::{Map, Value, json};

use super::*;
use crate::transport::websocket::outbox::{Flow, Metered};

const HOUR: Duration = Duration::from_secs(3600);
const NEVER: Times = Times { init: HOUR, ping: HOUR };

/// A house whose operations do what their text says.
#[derive(Default)]
struct Made {
    /// Answers of all operations so far.
    answers: Arc<AtomicUsize>,
    /// Operations that are not dropped yet.
    alive: Arc<AtomicUsize>,
    quiet: RefCell<VecDeque<mpsc::UnboundedReceiver<Answer>>>,
    /// Held back until told; at once when absent.
    admission: Option<oneshot::Receiver<()>>,
    ended: Option<oneshot::Receiver<()>>,
    left: RefCell<Option<oneshot::Receiver<()>>>,
}

struct Alive(Arc<AtomicUsize>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn response(value: impl Into<String>) -> Answer {
    Answer::Next(Response::new(async_graphql::Value::String(value.into())).into())
}

impl Door for Rc<RefCell<Made>> {
    fn admit(&mut self, _: Option<Map<String, Value>>) -> LocalBoxFuture<'static, Result<Admitted, Close>> {
        let (held, ended) = {
            let mut made = self.borrow_mut();
            (made.admission.take(), made.ended.take())
        };
        let admit = async move {
            if let Some(held) = held {
                let _ = held.await;
            }
            let ended = match ended {
                Some(ended) => ended.map(|_| Close::Forbidden).boxed_local(),
                None => future::pending().boxed_local(),
            };
            Ok(Admitted { who: None, greeting: json!({ "version": "0" }), ended })
        };
        admit.boxed_local()
    }

    fn answers(&self, _: Option<Principal>, sent: Parameters) -> BoxStream<'static, Answer> {
        let made = self.borrow();
        let answers = match sent.query.as_deref() {
            Some("hot") => stream::repeat_with(|| response("hot")).boxed(),
            Some("large") => stream::repeat_with(|| response("x".repeat(100_000))).take(10_000).boxed(),
            Some("once") => stream::iter([response("once")]).boxed(),
            Some("quiet") => made.quiet.borrow_mut().pop_front().expect("a quiet one").boxed(),
            _ => stream::pending().boxed(),
        };
        made.alive.fetch_add(1, Ordering::Relaxed);
        let (alive, count) = (Alive(made.alive.clone()), made.answers.clone());
        answers
            .inspect(move |_| {
                let _ = &alive;
                count.fetch_add(1, Ordering::Relaxed);
            })
            .boxed()
    }

    fn too_many(&self, message: &str) -> ServerError {
        ServerError::new(message, None)
    }

    fn left(&self) -> LocalBoxFuture<'static, ()> {
        match self.borrow().left.borrow_mut().take() {
            Some(left) => left.map(|_| ()).boxed_local(),
            None => future::pending().boxed_local(),
        }
    }
}

type Messages = mpsc::UnboundedReceiver<Result<AggregatedMessage, ProtocolError>>;

/// The client's end: what it says arrives at once, and what it hears is what it asks the body for.
struct Client {
    says: mpsc::UnboundedSender<Result<AggregatedMessage, ProtocolError>>,
    body: BoxBody,
    bytes: Vec<u8>,
}

/// What a client hears.
#[derive(Debug, PartialEq)]
enum Frame {
    Said(Value),
    Ping,
    Pong,
    Closed(u16),
}

async fn connected(
    made: &Rc<RefCell<Made>>,
    times: Times,
    pace: Pace,
) -> (Client, Conversation<Rc<RefCell<Made>>, Messages>) {
    let request = TestRequest::get()
        .insert_header(("upgrade", "websocket"))
        .insert_header(("connection", "upgrade"))
        .insert_header(("sec-websocket-version", "13"))
        .insert_header(("sec-websocket-key", "x3JJHMbDL1EzLkh9GBhXDw=="));
    let (request, mut payload) = request.to_http_parts();
    let payload = web::Payload::from_request(&request, &mut payload).await.expect("a payload");
    let (response, session, _) = actix_ws::handle(&request, payload).expect("a handshake");
    let flow = Rc::new(Flow::default());
    let outbox = Outbox::new(session, flow.clone());
    let response: HttpResponse = response.map_body(|_, body| Metered { body, flow }.boxed());
    let (says, messages) = mpsc::unbounded();
    let client = Client { says, body: response.into_body(), bytes: Vec::new() };
    (client, Conversation::new(made.clone(), messages, outbox, pace, times))
}

impl Client {
    fn say(&self, message: Value) {
        self.send(AggregatedMessage::Text(message.to_string().into()));
    }

    fn send(&self, message: AggregatedMessage) {
        self.says.unbounded_send(Ok(message)).expect("somebody listens");
    }

    fn begin(&self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } }));
    }

    async fn hear(&mut self) -> Frame {
        loop {
            if let Some(frame) = self.frame() {
                return frame;
            }
            let chunk = future::poll_fn(|cx| pin!(&mut self.body).poll_next(cx)).await;
            self.bytes.extend_from_slice(&chunk.expect("a frame before the end").expect("bytes"));
        }
    }

    /// The first frame of what was read, if it is all there.
    fn frame(&mut self) -> Option<Frame> {
        let [head, length, ..] = *self.bytes.first_chunk::<2>()?;
        let (begin, length) = match length {
            126 => (4, usize::from(u16::from_be_bytes(self.bytes.get(2..4)?.try_into().ok()?))),
            127 => (10, usize::try_from(u64::from_be_bytes(self.bytes.get(2..10)?.try_into().ok()?)).ok()?),
            length => (2, length.into()),
        };
        let payload = self.bytes.get(begin..begin + length)?.to_vec();
        self.bytes.drain(..begin + length);
        Some(match head {
            0x81 => Frame::Said(serde_json::from_slice(&payload).expect("JSON")),
            0x88 => Frame::Closed(payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code))),
            0x89 => Frame::Ping,
            0x8a => Frame::Pong,
            other => panic!("a frame of kind {other:x}"),
        })
    }

    async fn welcome(&mut self) {
        self.say(json!({ "type": "connection_init" }));
        assert_eq!(self.hear().await, Frame::Said(json!({ "type": "connection_ack", "payload": { "version": "0" } })));
    }

    /// The code at the end of what is still to be heard.
    async fn closed(&mut self) -> u16 {
        loop {
            if let Frame::Closed(code) = self.hear().await {
                return code;
            }
        }
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Lets it run until nothing is left to do but to wait.
async fn stall(run: impl Future<Output = ()>) {
    let mut run = pin!(tokio::task::unconstrained(run));
    future::poll_fn(|_| {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = woken.clone().into();
        while woken.0.swap(false, Ordering::Relaxed) {
            assert!(run.as_mut().poll(&mut Context::from_waker(&waker)).is_pending(), "it came to an end");
        }
        Poll::Ready(())
    })
    .await;
}

fn usual() -> Pace {
    Pace::new(Instant::now())
}

/// Both sides at once, until the client is done.
async fn talk(run: impl Future<Output = ()>, client: impl Future<Output = ()>) {
    future::select(pin!(async { future::join(run, future::pending::<()>()).await }), pin!(client)).await;
}

#[tokio::test]
async fn a_quiet_subscription_is_heard_beside_one_that_never_stops() {
    let made = Rc::new(RefCell::new(Made::default()));
    let quiet: Vec<_> = (0..10)
        .map(|_| {
            let (sender, receiver) = mpsc::unbounded();
            made.borrow().quiet.borrow_mut().push_back(receiver);
            sender
        })
        .collect();
    let (mut client, conversation) = connected(&made, NEVER, usual()).await;
    talk(conversation.run(), async {
        client.welcome().await;
        client.begin("hot", "hot");
        for number in 0..10 {
            client.begin(&number.to_string(), "quiet");
        }
        client.begin("slow", "slow");
        for _ in 0..500 {
            assert!(matches!(client.hear().await, Frame::Said(it) if it["id"] == "hot"));
        }
        for sender in &quiet {
            sender.unbounded_send(response("quiet")).unwrap();
        }
        let (mut hot, mut heard) = (0, 0);
        while heard < 10 {
            match client.hear().await {
                Frame::Said(message) if message["id"] == "hot" => hot += 1,
                Frame::Said(message) => {
                    assert_eq!(message["payload"]["data"], "quiet");
                    heard += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(hot < 100, "{hot} messages of the hot one before the last of ten quiet ones");
        client.say(json!({ "type": "ping", "payload": { "n": 1 } }));
        client.send(AggregatedMessage::Ping(Bytes::from_static(b"x")));
        let (mut hot, mut pongs) = (0, 0);
        while pongs < 2 {
            match client.hear().await {
                Frame::Said(message) if message["id"] == "hot" => hot += 1,
                Frame::Said(message) => {
                    assert_eq!(message, json!({ "type": "pong", "payload": { "n": 1 } }));
                    pongs += 1;
                }
                Frame::Pong => pongs += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(hot < 100, "{hot} messages of the hot one before the pongs");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_does_not_read_costs_no_memory() {
    let made = Rc::new(RefCell::new(Made::default()));
    let answers = made.borrow().answers.clone();
    let (client, conversation) = connected(&made, NEVER, usual()).await;
    client.say(json!({ "type": "connection_init" }));
    let mut run = pin!(conversation.run());
    stall(run.as_mut()).await;
    for number in 0..20 {
        client.begin(&number.to_string(), "large");
    }
    stall(run.as_mut()).await;
    assert_eq!(answers.load(Ordering::Relaxed), 1, "one of 100,000 bytes fills the queue; 200,000 answers were there");
    let mut client = client;
    for taken in 0..50 {
        while !matches!(client.hear().await, Frame::Said(message) if message["type"] == "next") {}
        stall(run.as_mut()).await;
        assert!(answers.load(Ordering::Relaxed) <= taken + 2, "what is read makes room for as much again");
    }
}

#[tokio::test]
async fn questions_of_a_client_that_does_not_read_are_left_on_the_wire() {
    let made = Rc::new(RefCell::new(Made::default()));
    let (client, conversation) = connected(&made, NEVER, usual()).await;
    let heard = Arc::new(AtomicUsize::new(0));
    let Conversation { door, outbox, pace, messages, .. } = conversation;
    let count = heard.clone();
    let messages = messages.inspect(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let run = Conversation::new(door, messages, outbox, pace, NEVER).run();
    for _ in 0..500 {
        client.say(json!({ "type": "ping", "payload": { "x": "x".repeat(10_000) } }));
    }
    stall(run).await;
    let heard = heard.load(Ordering::Relaxed);
    assert!((8..20).contains(&heard), "{heard} of 500 pings of 10,000 bytes were read");
}

#[tokio::test]
async fn what_comes_faster_than_it_may_waits_on_the_wire() {
    let made = Rc::new(RefCell::new(Made::default()));
    let (mut client, conversation) = connected(&made, NEVER, Pace::of(Instant::now(), 3, HOUR)).await;
    for _ in 0..10 {
        client.say(json!({ "type": "ping" }));
    }
    let mut run = pin!(conversation.run());
    stall(run.as_mut()).await;
    for _ in 0..3 {
        assert_eq!(client.hear().await, Frame::Said(json!({ "type": "pong" })));
    }
    stall(run.as_mut()).await;
    assert!(client.hear().now_or_never().is_none(), "a fourth ping was answered");
}

#[tokio::test]
async fn an_operation_is_dropped_when_the_client_completes_it_and_all_are_when_it_leaves() {
    let made = Rc::new(RefCell::new(Made::default()));
    let alive = made.borrow().alive.clone();
    let (mut client, conversation) = connected(&made, NEVER, usual()).await;
    let mut run = pin!(conversation.run());
    talk(run.as_mut(), client.welcome()).await;
    for id in ["a", "b", "c"] {
        client.begin(id, if id == "c" { "large" } else { "slow" });
    }
    stall(run.as_mut()).await;
    assert_eq!(alive.load(Ordering::Relaxed), 3);
    client.say(json!({ "type": "complete", "id": "a" }));
    stall(run.as_mut()).await;
    assert_eq!(alive.load(Ordering::Relaxed), 2, "although the client does not read what the third says");
    client.send(AggregatedMessage::Close(None));
    let mut run = pin!(run);
    let _ = (&mut run).now_or_never();
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_answered_operation_is_gone_and_completing_it_late_is_no_fault() {
    let made = Rc::new(RefCell::new(Made::default()));
    let (mut client, conversation) = connected(&made, NEVER, usual()).await;
    talk(conversation.run(), async {
        client.welcome().await;
        for _ in 0..3 {
            client.begin("1", "once");
            let next = json!({ "type": "next", "id": "1", "payload": { "data": "once" } });
            assert_eq!(client.hear().await, Frame::Said(next));
            assert_eq!(client.hear().await, Frame::Said(json!({ "type": "complete", "id": "1" })));
            client.say(json!({ "type": "complete", "id": "1" }));
        }
        client.say(json!({ "type": "ping" }));
        assert_eq!(client.hear().await, Frame::Said(json!({ "type": "pong" })));
    })
    .await;
}

#[tokio::test]
async fn while_the_first_message_is_checked_a_ping_is_answered_and_nothing_else_is_taken() {
    let operation = json!({ "type": "subscribe", "id": "1", "payload": { "query": "once" } });
    for (said, code) in [(json!({ "type": "connection_init" }), 4429), (operation, 4401)] {
        let (_held, admission) = oneshot::channel();
        let made = Rc::new(RefCell::new(Made { admission: Some(admission), ..Made::default() }));
        let (mut client, conversation) = connected(&made, NEVER, usual()).await;
        talk(conversation.run(), async {
            client.say(json!({ "type": "connection_init" }));
            client.say(json!({ "type": "ping" }));
            assert_eq!(client.hear().await, Frame::Said(json!({ "type": "pong" })));
            client.say(said.clone());
            assert_eq!(client.hear().await, Frame::Closed(code), "{said}");
        })
        .await;
    }
}

#[tokio::test]
async fn the_socket_closes_when_the_server_stops_the_person_must_go_or_nothing_is_said() {
    let (leave, left) = oneshot::channel();
    let made = Rc::new(RefCell::new(Made { left: RefCell::new(Some(left)), ..Made::default() }));
    let (mut client, conversation) = connected(&made, NEVER, usual()).await;
    talk(conversation.run(), async {
        client.welcome().await;
        client.begin("hot", "hot");
        leave.send(()).unwrap();
        assert_eq!(client.closed().await, 1001);
    })
    .await;
    let (end, ended) = oneshot::channel();
    let made = Rc::new(RefCell::new(Made { ended: Some(ended), ..Made::default() }));
    let (mut client, conversation) = connected(&made, NEVER, usual()).await;
    talk(conversation.run(), async {
        client.welcome().await;
        client.begin("hot", "hot");
        end.send(()).unwrap();
        assert_eq!(client.closed().await, 4403);
    })
    .await;
    let made = Rc::new(RefCell::new(Made::default()));
    let times = Times { init: Duration::ZERO, ping: HOUR };
    let (mut client, conversation) = connected(&made, times, usual()).await;
    talk(conversation.run(), async { assert_eq!(client.hear().await, Frame::Closed(4408)) }).await;
}

#[tokio::test]
async fn a_client_without_a_sign_of_life_is_asked_for_one_and_then_left() {
    let made = Rc::new(RefCell::new(Made::default()));
    let times = Times { init: HOUR, ping: Duration::from_millis(1) };
    let (mut client, conversation) = connected(&made, times, usual()).await;
    talk(conversation.run(), async {
        assert_eq!(client.hear().await, Frame::Ping);
        assert_eq!(client.closed().await, 1001);
    })
    .await;

    let (_client, mut conversation) = connected(&made, NEVER, usual()).await;
    for _ in 0..3 {
        conversation.feel().unwrap();
        conversation.obey(Heard::Sign).unwrap();
    }
    conversation.feel().unwrap();
    assert_eq!(conversation.feel(), Err(Close::Silent));

    // A slow reader says nothing either, but gets on.
    let (mut client, mut conversation) = connected(&made, NEVER, usual()).await;
    for _ in 0..5 {
        conversation.outbox.say("\"".to_owned() + &"x".repeat(100_000) + "\"");
    }
    let _ = conversation.outbox.flush().now_or_never();
    conversation.feel().unwrap();
    for _ in 0..3 {
        client.hear().await;
        let _ = conversation.outbox.flush().now_or_never();
        conversation.feel().unwrap();
    }
    assert_eq!(conversation.feel(), Err(Close::Silent));
}

#[tokio::test]
async fn an_operation_too_many_is_refused_and_the_others_go_on() {
    let made = Rc::new(RefCell::new(Made::default()));
    let (mut client, conversation) = connected(&made, NEVER, usual()).await;
    talk(conversation.run(), async {
        client.welcome().await;
        for number in 0..OPERATIONS {
            client.begin(&number.to_string(), "slow");
        }
        client.begin("one more", "once");
        let Frame::Said(refused) = client.hear().await else { panic!("closed") };
        assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("one more")));
        client.say(json!({ "type": "complete", "id": "7" }));
        client.begin("one more", "once");
        let Frame::Said(next) = client.hear().await else { panic!("closed") };
        assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!("one more")));
    })
    .await;
}
