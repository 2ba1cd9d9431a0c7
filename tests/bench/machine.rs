//! What the figures were taken on. A figure without its machine says nothing.

use std::fs::read_to_string;

pub fn print() {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = field("/proc/cpuinfo", "model name");
    let memory = field("/proc/meminfo", "MemTotal");
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_else(|_| std::env::consts::OS.to_owned());
    println!("machine: {cores} cores, {processor}, {memory} memory, kernel {}", kernel.trim());
    println!("build: {}", if cfg!(debug_assertions) { "DEBUG: the figures mean nothing" } else { "release" });
}

/// Runnable processes over the last 1, 5 and 15 minutes: above the number of cores, others were at work too.
pub fn load() -> String {
    let text = read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn field(file: &str, name: &str) -> String {
    let text = read_to_string(file).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    value.map_or_else(|| "unknown".to_owned(), |value| value.trim().to_owned())
}
