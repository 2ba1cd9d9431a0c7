//! The registry: one line per kind of work.

mod drill;
mod extract_text;
mod fetch_thumbnail;
mod make_thumbnail;
mod poll_feed;
mod probe;
mod rebuild_index;
mod refresh_document;
mod renew_channel;

use hawser_domain::{
    App, Error, Write,
    job::{Claimed, Work},
};

/// What a handler leaves: nothing more to write, or effects to be committed together with the job's end.
pub enum Ending<'a> {
    Plain,
    With(Box<Write<'a>>),
}

impl<'a> From<Write<'a>> for Ending<'a> {
    fn from(w: Write<'a>) -> Self {
        Self::With(Box::new(w))
    }
}

pub async fn dispatch<'a>(app: &'a App, job: &Claimed) -> Result<Ending<'a>, Error> {
    match job.work {
        Work::PollFeed { feed_id } => poll_feed::run(app, job, feed_id).await,
        Work::RefreshDocument { document_id } => refresh_document::run(app, document_id).await,
        Work::FetchThumbnail { document_id } => fetch_thumbnail::run(app, document_id).await,
        Work::ExtractText { document_id } => extract_text::run(app, document_id).await,
        Work::MakeThumbnail { document_id } => make_thumbnail::run(app, document_id).await,
        Work::RenewChannel { feed_id } => renew_channel::run(app, feed_id).await,
        Work::RebuildIndex {} => rebuild_index::run(app).await,
        Work::Probe { note } => probe::run(app, job, note).await,
        Work::Drill { millis } => drill::run(app, job, millis).await,
    }
}
