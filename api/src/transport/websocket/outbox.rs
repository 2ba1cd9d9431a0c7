//! What waits to go to the client. The server's own queue is counted in bytes: while a client does not read, no more
//! answers are made, so that a slow reader costs no memory. Words of the protocol itself go before answers.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_ws::{CloseReason, Message, Session};
use bytes::Bytes;
use futures::SinkExt;
use tokio::sync::Notify;

use super::close::Close;
use crate::presence::Seat;

/// Bytes that may wait for the client before no more answers are made.
const MOST: usize = 64 * 1024;
/// How long a client may take to read what it is told at the end.
const PARTING: Duration = Duration::from_secs(5);

/// What is between the socket's task and the body of its response, which both run on one thread.
#[derive(Debug, Default)]
pub struct Flow {
    /// Bytes the body was not asked for yet.
    queued: Cell<usize>,
    /// Bytes the body was asked for, ever.
    taken: Cell<u64>,
    moved: Notify,
    /// Held until both the task and the connection are gone.
    pub seat: RefCell<Option<Seat>>,
}

impl Flow {
    fn add(&self, bytes: usize) {
        self.queued.set(self.queued.get() + bytes);
    }

    fn take(&self, bytes: usize) {
        self.queued.set(self.queued.get().saturating_sub(bytes));
        self.taken.set(self.taken.get() + bytes as u64);
        self.moved.notify_waiters();
    }
}

/// The body of the response, which counts what is taken from it.
pub struct Metered {
    pub body: BoxBody,
    pub flow: Rc<Flow>,
}

impl MessageBody for Metered {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let polled = Pin::new(&mut self.body).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            self.flow.take(bytes.len());
        }
        polled
    }
}

pub struct Outbox {
    session: Session,
    flow: Rc<Flow>,
    /// What waits, and whether it is a word of the protocol or an answer.
    waiting: VecDeque<(Message, Kind)>,
    /// Bytes of what waits and is no answer: a client can bring them about without reading.
    words: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Answer,
}

impl Outbox {
    pub fn new(session: Session, flow: Rc<Flow>) -> Self {
        Self { session, flow, waiting: VecDeque::new(), words: 0 }
    }

    /// An answer. There is one at a time, since the next is made when this one is on its way.
    pub fn answer(&mut self, text: String) {
        self.waiting.push_back((Message::Text(text.into()), Kind::Answer));
    }

    /// A word of the protocol.
    pub fn say(&mut self, text: String) {
        self.put(Message::Text(text.into()));
    }

    /// A ping of the WebSocket itself, which clients answer without knowing.
    pub fn ping(&mut self) {
        self.put(Message::Ping(Bytes::new()));
    }

    pub fn pong(&mut self, bytes: Bytes) {
        self.put(Message::Pong(bytes));
    }

    fn put(&mut self, message: Message) {
        self.words += length(&message);
        self.waiting.push_back((message, Kind::Word));
    }

    /// Whether another answer may be made.
    pub fn has_room(&self) -> bool {
        self.waiting.is_empty() && self.flow.queued.get() < MOST
    }

    /// Whether so much that the client brought about waits that it should not be listened to until it reads.
    pub fn is_stuffed(&self) -> bool {
        self.words >= MOST
    }

    /// Bytes taken, when there are some that were not: the progress of a slow reader.
    pub fn progress(&self) -> Option<u64> {
        (!self.has_room()).then(|| self.flow.taken.get())
    }

    /// Waits until there is room and uses it. May be dropped and begun again at any time.
    pub async fn flush(&mut self) -> Result<(), Close> {
        while self.flow.queued.get() >= MOST {
            self.flow.moved.notified().await;
        }
        while !self.waiting.is_empty() && self.flow.queued.get() < MOST {
            std::future::poll_fn(|cx| self.session.poll_ready_unpin(cx)).await.map_err(|_| Close::Gone)?;
            if let Some((message, kind)) = self.waiting.pop_front() {
                let bytes = length(&message);
                self.words -= if kind == Kind::Word { bytes } else { 0 };
                self.flow.add(bytes);
                self.session.start_send_unpin(message).map_err(|_| Close::Gone)?;
            }
        }
        Ok(())
    }

    /// Says what waits and closes. A client that does not read is not waited for.
    pub async fn close(mut self, reason: Option<CloseReason>) {
        let parting = async {
            while !self.waiting.is_empty() {
                self.flush().await?;
            }
            self.session.close(reason).await.map_err(|_| Close::Gone)
        };
        // Whether it was heard makes no difference any more.
        let _ = tokio::time::timeout(PARTING, parting).await;
    }
}

/// Bytes of a message on the wire, its head included.
fn length(message: &Message) -> usize {
    let payload = match message {
        Message::Text(text) => text.len(),
        Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        _ => 0,
    };
    payload
        + match payload {
            0..126 => 2,
            126..0x1_0000 => 4,
            _ => 10,
        }
}
