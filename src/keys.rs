//! `keys`: makes keys, tells what they are needed for, and moves secrets to the active one.
//!
//! A new key goes behind the old one in `keys` of every process, then in front of it, then `hawser keys rotate` moves what
//! is sealed, and at last the old key goes.

use std::path::Path;

use clap::Subcommand;
use hawser_domain::{
    app::Ambient,
    randomness::Randomness,
    secret::{self, Keyring, Rotated},
};

use crate::{say, setup, telemetry};

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Prints a new key as `id:base64`, to be put behind those in use, and in front of them once every process knows it.
    New {
        #[arg(default_value = "k1")]
        id: String,
    },
    /// Says what each configured key is needed for.
    List,
    /// Seals everything with the first key, while servers run. Can be stopped and begun again at any time.
    Rotate {
        /// Ends the sessions and personal tokens that are known by an older key and were not used since.
        #[arg(long)]
        end_tokens: bool,
    },
}

pub async fn run(config: Option<&Path>, task: Task) -> anyhow::Result<()> {
    let end_tokens = match task {
        Task::New { id } => {
            say(&Keyring::new_key(&id, &Randomness::from_system())?);
            return Ok(());
        }
        Task::List => None,
        Task::Rotate { end_tokens } => Some(end_tokens),
    };
    telemetry::logs("warn");
    let app = setup::open(setup::config(config)?, Ambient::default()).await?;
    if let Some(end_tokens) = end_tokens {
        let tell = |moved| {
            if moved > 0 {
                say(&format!("{moved} secrets moved"));
            }
        };
        told(&app.keys, secret::rotate(&app, end_tokens, &tell).await?);
    }
    for it in secret::uses(&app).await? {
        let state = match (it.is_active, it.is_over()) {
            (true, _) => "seals what is new",
            (_, true) => "can be taken out of the configuration",
            _ => "is still needed",
        };
        say(&format!("{}  {} secrets, {} tokens; {state}", it.kid, it.values, it.tokens));
    }
    Ok(())
}

fn told(keys: &Keyring, done: Rotated) {
    say(&format!("{} secrets are sealed anew with {}", done.resealed, keys.active()));
    for place in done.damaged {
        say(&format!("left as it is, since no key opens it: {place}; see `hawser fsck`"));
    }
    if done.ended_tokens > 0 {
        say(&format!("{} tokens ended", done.ended_tokens));
    }
}
