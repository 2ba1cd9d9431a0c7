//! The unit meter: a bucket per user and one for the project, filled by the sandbox's own clock.
//! Prices and sizes are the documented ones for projects made since May 2026 unless the control API sets others.

use std::collections::HashMap;

use super::{refusal::Refusal, world::World};

pub const GET: u64 = 5;
pub const LIST: u64 = 100;
pub const DOWNLOAD: u64 = 200;
pub const EDIT: u64 = 50;
pub const OTHER: u64 = 5;

const USER_PER_MINUTE: u64 = 325_000;
const PROJECT_PER_MINUTE: u64 = 1_000_000;

#[derive(Debug, Default)]
pub struct Meters {
    users: HashMap<usize, Meter>,
    project: Meter,
}

/// Units spent, leaking away at the rate of the limit.
#[derive(Debug, Default, Clone, Copy)]
struct Meter {
    spent: f64,
    at: i64,
}

impl Meter {
    fn level(&self, limit: u64, now: i64) -> f64 {
        let elapsed = (now - self.at).max(0) as f64;
        (self.spent - elapsed * limit as f64 / 60_000.0).max(0.0)
    }

    fn take(&mut self, units: u64, limit: u64, now: i64) {
        self.spent = self.level(limit, now) + units as f64;
        self.at = now;
    }
}

impl Meters {
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// Charges a user, or says why not; a refused call costs nothing.
pub fn charge(world: &mut World, user: usize, units: u64) -> Result<(), Refusal> {
    let user_limit = world.limits.user_units_per_minute.unwrap_or(USER_PER_MINUTE);
    let project_limit = world.limits.project_units_per_minute.unwrap_or(PROJECT_PER_MINUTE);
    let now = world.now;
    let meter = world.meters.users.entry(user).or_default();
    let over = |meter: &Meter, limit: u64| meter.level(limit, now) + units as f64 > limit as f64;
    if over(meter, user_limit) || over(&world.meters.project, project_limit) {
        return Err(if world.limits.answer_429 == Some(true) { Refusal::too_many() } else { Refusal::user_rate() });
    }
    meter.take(units, user_limit, now);
    world.meters.project.take(units, project_limit, now);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_fills_with_use_and_empties_with_time() {
        let mut meter = Meter::default();
        meter.take(60, 60, 0);
        assert_eq!(meter.level(60, 0), 60.0);
        assert_eq!(meter.level(60, 30_000), 30.0);
        assert_eq!(meter.level(60, 90_000), 0.0);
    }
}
