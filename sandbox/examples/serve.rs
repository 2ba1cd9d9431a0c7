//! A sandbox in the foreground: prints its URL and serves until it is interrupted.
//! `SANDBOX_BIND` and `SANDBOX_SEED` choose address and seed.

use hawser_sandbox::{Options, start};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::default();
    if let Ok(bind) = std::env::var("SANDBOX_BIND") {
        options.bind = bind.parse()?;
    }
    if let Ok(seed) = std::env::var("SANDBOX_SEED") {
        options.seed = seed.parse()?;
    }
    let running = start(options).await?;
    #[allow(clippy::print_stdout)]
    {
        println!("{}", running.url());
    }
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(())
}
