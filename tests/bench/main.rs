//! Benchmarks that anybody can run: `cargo xtask bench`.

fn main() {}
