//! `demo`: everything on this machine. Starts a sandbox cloud with files in it, the server and the workers; connects and
//! links as a front end would, over HTTP; then prints what to try, or with `--once` plays a whole story as a check.

mod browser;
mod client;
mod house;
mod live;
mod moor;
mod story;
mod words;
mod world;

use std::path::PathBuf;

use clap::Args;
use hawser_sandbox::{Running, control::Control};

use self::{client::Client, house::House, moor::Linked, words::Progress};
use crate::{serve, telemetry};

#[derive(Debug, Args)]
pub struct Options {
    /// Keeps the house in this folder and finds it again next time; a temporary folder unless told.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Prints one line of JSON with every address and token once all is ready, and nothing else on stdout.
    #[arg(long, conflicts_with = "once")]
    json: bool,
    /// Plays the whole story as a check, in a temporary folder: ends with an error at the first thing that is not so.
    #[arg(long, conflicts_with = "data")]
    once: bool,
}

/// All that is known once the documents are linked.
pub struct Demo {
    house: House,
    sandbox: Running,
    control: Control,
    session: Client,
    /// The same server, asked with the personal token.
    scripts: Client,
    provider_id: String,
    connection_id: String,
    workspace_id: String,
    documents: Vec<Linked>,
}

pub async fn run(options: Options) -> anyhow::Result<()> {
    telemetry::logs("error");
    let progress = Progress::begin(options.json);
    let demo = tokio::select! {
        demo = begin(&options, &progress) => demo?,
        () = serve::until_told_to_stop() => return Ok(()),
    };
    let told = tokio::select! {
        told = go_on(&options, &progress, &demo) => told,
        () = serve::until_told_to_stop() => Ok(()),
    };
    demo.house.stop().await;
    demo.sandbox.stop().await;
    told
}

async fn begin(options: &Options, progress: &Progress) -> anyhow::Result<Demo> {
    let sandbox = house::sandbox().await?;
    let control = Control::new(sandbox.url());
    let planted = world::plant(&control).await?;
    progress.tell(&format!("a sandbox cloud listens at {} and holds {} files", sandbox.url(), planted.len()));
    let house = House::open(options.data.as_deref()).await?;
    progress.tell(&format!("the server listens at {}, workers are running", house.url));
    let (session, expires_at) = moor::sign_in(&house).await?;
    let provider = moor::provider(&session, sandbox.url()).await?;
    progress.tell("signed in; the sandbox is configured as a provider");
    let renewed = moor::old_connection(&session, &provider).await?;
    if provider.is_old {
        // The house remembers cursors of a cloud that is gone.
        control.invalidate_cursors().await?;
    }
    let connection_id = moor::connect(&session, &provider.id, renewed.as_deref()).await?;
    progress.tell(&format!("{} has agreed on the cloud's consent page and is connected", world::ACCOUNT));
    let workspace_id = moor::workspace(&session).await?;
    let documents = moor::link(&session, &connection_id, &workspace_id, &planted).await?;
    progress.tell(&format!("{} cloud files are linked as documents", documents.len()));
    let scripts = session.with_token(&moor::personal_token(&session, &expires_at).await?);
    Ok(Demo {
        house,
        sandbox,
        control,
        session,
        scripts,
        provider_id: provider.id,
        connection_id,
        workspace_id,
        documents,
    })
}

/// What follows once all is ready: the check, or words and patience.
async fn go_on(options: &Options, progress: &Progress, demo: &Demo) -> anyhow::Result<()> {
    if options.once {
        return story::play(demo, progress).await;
    }
    match options.json {
        true => crate::say(&words::json(demo).to_string()),
        false => {
            // Otherwise the pictures just fetched would be the first changes to scroll by.
            match story::settle(demo).await {
                Ok(_) => progress.tell("the cloud's pictures of the files are fetched: ready"),
                Err(error) => progress.tell(&format!("ready, but {error:#}")),
            }
            crate::say(&words::plain(demo));
            words::changes(demo).await?;
        }
    }
    std::future::pending().await
}
