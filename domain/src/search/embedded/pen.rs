//! The one hand that writes an index. A turn that was given up may still have writes under way; they must not come after
//! those of the next turn, which look at newer states.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tantivy::IndexWriter;

use crate::search::fault::Fault;

pub(super) struct Pen {
    writer: Arc<Mutex<IndexWriter>>,
    turn: Arc<AtomicU64>,
    mine: u64,
}

impl Pen {
    pub fn new(writer: IndexWriter) -> Self {
        Self { writer: Arc::new(Mutex::new(writer)), turn: Arc::default(), mine: 0 }
    }

    /// Begins another turn: nothing of those before it is written any more.
    pub fn turn(&mut self) {
        self.mine = self.turn.fetch_add(1, Ordering::SeqCst) + 1;
    }

    /// Writes on a thread that may block.
    ///
    /// # Errors
    /// `Index` also when another turn has begun.
    pub async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&mut IndexWriter) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (writer, turn, mine) = (self.writer.clone(), self.turn.clone(), self.mine);
        tokio::task::spawn_blocking(move || {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            if turn.load(Ordering::SeqCst) != mine {
                return Err(Fault::Index("another turn has begun".into()));
            }
            write(&mut writer)
        })
        .await?
    }
}
