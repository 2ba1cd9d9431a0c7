//! Work done in process, one job after the other, until none is due.

use crate::House;

impl House {
    /// Runs due jobs, and what they make due, until none is. Returns how many runs there were. Jobs for later stay.
    pub async fn drain(&self) -> usize {
        hawser_workers::drain(&self.app).await.expect("due jobs run")
    }
}
