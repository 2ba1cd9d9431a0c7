//! The kill loop at any length: `bench chaos [--cycles N] [--jobs M] [--seed S] [--away SECONDS]`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use hawser_tests::chaos::{self, Plan};

pub async fn run(mut words: impl Iterator<Item = String>) -> Result<()> {
    let mut plan = Plan { cycles: 1000, jobs: 100_000, away: Duration::from_secs(60), seed: 1 };
    while let Some(word) = words.next() {
        let number: u64 =
            words.next().and_then(|it| it.parse().ok()).with_context(|| format!("{word} wants a number"))?;
        match word.as_str() {
            "--cycles" => plan.cycles = usize::try_from(number)?,
            "--jobs" => plan.jobs = usize::try_from(number)?,
            "--seed" => plan.seed = number,
            "--away" => plan.away = Duration::from_secs(number),
            _ => bail!("{word} is no option; there are --cycles, --jobs, --seed and --away"),
        }
    }
    println!("{}", chaos::run(&plan).await);
    Ok(())
}
