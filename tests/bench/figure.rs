//! One figure is one line: its name, its value, and the goal where there is one. With `--json`, a line for programs follows.

use serde_json::json;

pub struct Figures {
    json: bool,
}

/// What a figure is held against.
#[derive(Clone, Copy)]
pub enum Goal {
    None,
    AtLeast(f64),
    AtMost(f64),
}

impl Figures {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a figure. `name` is `bench.what`.
    pub fn put(&self, name: &str, value: f64, unit: &str, goal: Goal) {
        let (text, limit, met) = match goal {
            Goal::None => (String::new(), None, None),
            Goal::AtLeast(least) => (format!("goal >= {least}"), Some(least), Some(value >= least)),
            Goal::AtMost(most) => (format!("goal <= {most}"), Some(most), Some(value <= most)),
        };
        let verdict = match met {
            None => "",
            Some(true) => ": met",
            Some(false) => ": MISSED",
        };
        println!("  {name:<38} {:>12} {unit:<8} {text}{verdict}", written(value));
        if self.json {
            println!("{}", json!({ "figure": name, "value": value, "unit": unit, "goal": limit, "met": met }));
        }
    }

    /// Prints the middle, the 99th of a hundred, and the worst.
    pub fn spread(&self, name: &str, mut values: Vec<f64>, unit: &str) {
        values.sort_by(f64::total_cmp);
        for (what, per_mille) in [("p50", 500), ("p99", 990), ("max", 1000)] {
            if let Some(value) = quantile(&values, per_mille) {
                self.put(&format!("{name}.{what}"), value, unit, Goal::None);
            }
        }
    }

    /// Also the 95th of a hundred, which must not be above `most`. Returns whether it is.
    pub fn spread_within(&self, name: &str, mut values: Vec<f64>, unit: &str, most: f64) -> bool {
        values.sort_by(f64::total_cmp);
        for (what, per_mille, goal) in [
            ("p50", 500, Goal::None),
            ("p95", 950, Goal::AtMost(most)),
            ("p99", 990, Goal::None),
            ("max", 1000, Goal::None),
        ] {
            if let Some(value) = quantile(&values, per_mille) {
                self.put(&format!("{name}.{what}"), value, unit, goal);
            }
        }
        quantile(&values, 950).is_none_or(|value| value > most)
    }
}

/// Of sorted values.
fn quantile(values: &[f64], per_mille: usize) -> Option<f64> {
    let at = (values.len() * per_mille).div_ceil(1000).max(1) - 1;
    values.get(at).copied()
}

fn written(value: f64) -> String {
    if value.fract() == 0.0 || value.abs() >= 1000.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}
