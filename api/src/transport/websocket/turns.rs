//! The running operations of one socket, taken in turn: whoever has something to say waits in a line, says one thing, and
//! goes to its end. A wake-up costs as much as there are operations woken, not as there are operations; and an operation
//! taken out is dropped at once.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures::{StreamExt, stream::BoxStream, task::AtomicWaker};

pub struct Turns<T> {
    running: HashMap<Arc<str>, Running<T>>,
    line: Arc<Line>,
    /// Tells operations apart that had the same id one after the other.
    last: u64,
}

struct Running<T> {
    number: u64,
    stream: BoxStream<'static, T>,
    waker: Waker,
}

/// Who has been woken, in order.
#[derive(Default)]
struct Line {
    woken: Mutex<VecDeque<Arc<Place>>>,
    owner: AtomicWaker,
}

/// Wakes one operation.
struct Place {
    id: Arc<str>,
    number: u64,
    line: Arc<Line>,
    stands: AtomicBool,
}

impl Line {
    fn woken(&self) -> MutexGuard<'_, VecDeque<Arc<Place>>> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Goes to the end of the line, unless it stands there already.
    fn queue(self: &Arc<Self>) {
        if !self.stands.swap(true, Ordering::AcqRel) {
            self.line.woken().push_back(self.clone());
        }
    }
}

impl Wake for Place {
    fn wake(self: Arc<Self>) {
        self.queue();
        self.line.owner.wake();
    }
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Self { running: HashMap::new(), line: Arc::default(), last: 0 }
    }
}

impl<T> Turns<T> {
    pub fn len(&self) -> usize {
        self.running.len()
    }

    pub fn contains(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    /// Begins an operation, at the end of the line.
    pub fn begin(&mut self, id: &str, stream: BoxStream<'static, T>) {
        self.last += 1;
        let id = Arc::<str>::from(id);
        let place =
            Arc::new(Place { id: id.clone(), number: self.last, line: self.line.clone(), stands: Default::default() });
        place.queue();
        self.running.insert(id, Running { number: self.last, stream, waker: place.into() });
        self.line.owner.wake();
    }

    /// Drops an operation with all it holds. Unknown ids are no error.
    pub fn end(&mut self, id: &str) {
        self.running.remove(id);
    }

    /// What the next in line says; `None` from an operation that has ended. Resolves never while there are none.
    pub async fn next(&mut self) -> (Arc<str>, Option<T>) {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(Arc<str>, Option<T>)> {
        self.line.owner.register(cx.waker());
        // Those that are woken meanwhile come in the next round, so that this one has an end.
        let round = self.line.woken().len();
        for _ in 0..round {
            let Some(place) = self.line.woken().pop_front() else { break };
            place.stands.store(false, Ordering::Release);
            let Some(running) = self.running.get_mut(&place.id).filter(|it| it.number == place.number) else {
                continue;
            };
            let item = running.stream.poll_next_unpin(&mut Context::from_waker(&running.waker));
            match item {
                Poll::Pending => {}
                Poll::Ready(Some(item)) => {
                    place.queue();
                    return Poll::Ready((place.id.clone(), Some(item)));
                }
                Poll::Ready(None) => {
                    self.running.remove(&place.id);
                    return Poll::Ready((place.id.clone(), None));
                }
            }
        }
        if !self.line.woken().is_empty() {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use futures::{FutureExt, channel::mpsc, stream};

    use super::*;

    fn said<T>(turns: &mut Turns<T>) -> Option<(Arc<str>, Option<T>)> {
        turns.next().now_or_never()
    }

    #[test]
    fn one_that_never_stops_lets_every_other_speak_after_one_message() {
        let mut turns = Turns::default();
        turns.begin("hot", stream::repeat(0).boxed());
        let mut quiet = Vec::new();
        for number in 0..10 {
            let (sender, receiver) = mpsc::unbounded();
            turns.begin(&format!("quiet {number}"), receiver.boxed());
            quiet.push(sender);
        }
        for _ in 0..1_000 {
            assert_eq!(&*said(&mut turns).unwrap().0, "hot");
        }
        for round in 1..=5 {
            for sender in &quiet {
                sender.unbounded_send(round).unwrap();
            }
            let mut heard: Vec<_> = (0..12).map(|_| said(&mut turns).unwrap()).collect();
            heard.retain(|(id, _)| &**id != "hot");
            assert!(heard.len() >= 10, "round {round}: only {} of 10 quiet ones among 12", heard.len());
            assert!(heard.iter().all(|(_, item)| *item == Some(round)));
        }
    }

    #[test]
    fn only_those_woken_are_polled() {
        let mut turns = Turns::default();
        let polls = Arc::new(AtomicUsize::new(0));
        let mut senders = Vec::new();
        for number in 0..1_000 {
            let (sender, mut receiver) = mpsc::unbounded();
            let polls = polls.clone();
            let counted = stream::poll_fn(move |cx| {
                polls.fetch_add(1, Ordering::Relaxed);
                receiver.poll_next_unpin(cx)
            });
            turns.begin(&number.to_string(), counted.boxed());
            senders.push(sender);
        }
        assert!(said(&mut turns).is_none());
        assert_eq!(polls.swap(0, Ordering::Relaxed), 1_000, "each once at its beginning");
        senders[7].unbounded_send(7).unwrap();
        assert_eq!(said(&mut turns), Some(("7".into(), Some(7))));
        assert!(said(&mut turns).is_none());
        assert_eq!(polls.load(Ordering::Relaxed), 2, "the one that was woken, and once more to see that it is empty");
    }

    #[test]
    fn one_taken_out_is_dropped_at_once_and_its_late_wakeup_does_no_harm() {
        let mut turns = Turns::default();
        let (sender, receiver) = mpsc::unbounded::<u8>();
        turns.begin("a", receiver.boxed());
        assert!(said(&mut turns).is_none());
        sender.unbounded_send(1).unwrap();
        turns.end("a");
        assert!(sender.is_closed(), "its stream lives on");
        let (other, receiver) = mpsc::unbounded();
        turns.begin("a", receiver.boxed());
        assert!(said(&mut turns).is_none());
        other.unbounded_send(2).unwrap();
        assert_eq!(said(&mut turns), Some(("a".into(), Some(2))));
        drop(other);
        assert_eq!(said(&mut turns), Some(("a".into(), None)));
        assert_eq!(turns.len(), 0);
    }
}
