//! The machine behind the world: status, clock, faults, record, limits, push, cursors.

use std::sync::atomic::Ordering;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Done, no, read, show};
use crate::{
    call::Call,
    control::wire::{Fault, Limits, Recorded, Status},
    shared::{Shared, locked},
};

#[derive(Deserialize)]
struct Moved {
    ms: i64,
}

#[derive(Deserialize)]
struct Which {
    id: Option<u64>,
}

#[derive(Deserialize)]
struct Asked {
    path: Option<String>,
    #[serde(default)]
    after: u64,
}

#[derive(Deserialize)]
struct Switch {
    enabled: bool,
}

pub fn answer(shared: &Shared, call: &Call, parts: &[&str]) -> Done {
    match (call.method.as_str(), parts) {
        ("GET", ["status"]) => show(status(shared)),
        ("POST", ["clock", verb @ ("advance" | "set")]) => {
            let ms = read::<Moved>(call)?.ms;
            match *verb {
                "set" => shared.clock.set(ms),
                _ => shared.clock.advance(ms),
            }
            show(shared.clock.now_ms())
        }
        ("GET", ["faults"]) => {
            let faults = locked(&shared.faults);
            let rows = faults.list().map(|(id, fault, used)| json!({"id": id, "fault": fault, "used": used}));
            show(rows.collect::<Vec<Value>>())
        }
        ("POST", ["faults"]) => {
            let fault: Fault = read(call)?;
            if fault.path.is_empty() {
                return Err(no(400, "path must not be empty; use *"));
            }
            show(locked(&shared.faults).add(fault))
        }
        ("POST", ["faults", "clear"]) => {
            locked(&shared.faults).clear(read::<Which>(call)?.id);
            Ok(json!({}))
        }
        ("POST", ["requests"]) => {
            let asked: Asked = read(call)?;
            let recorder = locked(&shared.recorder);
            show(recorder.matching(asked.path.as_deref(), asked.after).collect::<Vec<&Recorded>>())
        }
        ("POST", ["requests", "count"]) => {
            let asked: Asked = read(call)?;
            let recorder = locked(&shared.recorder);
            show(recorder.matching(asked.path.as_deref(), asked.after).count())
        }
        ("POST", ["requests", "reset"]) => {
            locked(&shared.recorder).reset();
            Ok(json!({}))
        }
        ("POST", ["limits"]) => {
            let limits: Limits = read(call)?;
            let mut world = shared.world();
            world.limits = limits;
            world.meters.reset();
            Ok(json!({}))
        }
        ("POST", ["push"]) => {
            shared.push_enabled.store(read::<Switch>(call)?.enabled, Ordering::SeqCst);
            Ok(json!({}))
        }
        ("POST", ["cursors", "invalidate"]) => {
            shared.world().feeds.invalidate();
            Ok(json!({}))
        }
        _ => Err(no(404, "no such control route")),
    }
}

fn status(shared: &Shared) -> Status {
    let world = shared.world();
    Status {
        now_ms: world.now,
        users: world.users.len(),
        drives: world.drives.iter().filter(|drive| !drive.deleted).count(),
        files: world.files.iter().filter(|file| !file.deleted && file.parent.is_some()).count(),
        requests: locked(&shared.recorder).matching(None, 0).count() as u64,
        channels: world.channels.len(),
        pushes_enabled: shared.push_enabled.load(Ordering::SeqCst),
        pushes_delivered: shared.pushes_delivered.load(Ordering::SeqCst),
        pushes_lost: shared.pushes_lost.load(Ordering::SeqCst),
    }
}
