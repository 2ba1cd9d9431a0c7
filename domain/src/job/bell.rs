//! Wakes the workers of a class. It carries no ids: whoever wakes claims what is due from the table,
//! so a lost or doubled ring costs at most one empty look.

use std::{sync::Arc, time::Duration};

use hawser_entity::job::JobClass;
use tokio::sync::Notify;

#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<[Notify; 3]>);

impl Bell {
    /// Wakes one waiting worker, or the next that comes to wait.
    pub fn ring(&self, class: JobClass) {
        self.0[index(class)].notify_one();
    }

    /// Returns when the class was rung, or after `at_most` without a ring.
    pub async fn wait(&self, class: JobClass, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.0[index(class)].notified()).await;
    }
}

fn index(class: JobClass) -> usize {
    match class {
        JobClass::Interactive => 0,
        JobClass::Sync => 1,
        JobClass::Heavy => 2,
    }
}
