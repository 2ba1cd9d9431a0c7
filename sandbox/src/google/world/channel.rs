//! Push channels: who asked to be told, and the messages that leave for them.
//! A message says only that something happened; its delivery is the business of `google::delivery`.

use super::{World, feed::FeedOf};
use crate::google::delivery::Message;

#[derive(Debug, Clone)]
pub struct Channel {
    pub id: String,
    pub resource_id: String,
    pub resource_uri: String,
    pub address: String,
    pub token: Option<String>,
    pub expires: i64,
    pub user: usize,
    pub client: String,
    pub watches: Watches,
    pub number: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watches {
    Feed(FeedOf),
    File(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileNews {
    Add,
    Remove,
    Trash,
    Untrash,
    Content,
    Properties,
    Parents,
    Permissions,
}

impl FileNews {
    /// `X-Goog-Resource-State` and `X-Goog-Changed`.
    fn headers(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Add => ("add", None),
            Self::Remove => ("remove", None),
            Self::Trash => ("trash", None),
            Self::Untrash => ("untrash", None),
            Self::Content => ("update", Some("content,properties")),
            Self::Properties => ("update", Some("properties")),
            Self::Parents => ("update", Some("parents")),
            Self::Permissions => ("update", Some("permissions")),
        }
    }
}

impl World {
    /// Opens a channel; its first message is `sync`, and may arrive before the answer does.
    pub fn open_channel(&mut self, channel: Channel) {
        let id = channel.id.clone();
        self.channels.insert(id.clone(), channel);
        self.send(&id, "sync", None);
    }

    pub fn notify_feeds(&mut self, feeds: &[FeedOf]) {
        self.notify(|watches| matches!(watches, Watches::Feed(of) if feeds.contains(&of)), "change", None);
    }

    pub fn notify_file(&mut self, file: usize, news: FileNews) {
        let (state, changed) = news.headers();
        self.notify(|watches| watches == Watches::File(file), state, changed);
    }

    fn notify(&mut self, concerns: impl Fn(Watches) -> bool, state: &'static str, changed: Option<&'static str>) {
        if self.channels.is_empty() {
            return;
        }
        let now = self.now;
        self.channels.retain(|_, channel| channel.expires > now);
        let told = self.channels.values().filter(|channel| concerns(channel.watches));
        let told: Vec<String> = told.map(|channel| channel.id.clone()).collect();
        for id in told {
            self.send(&id, state, changed);
        }
    }

    fn send(&mut self, id: &str, state: &'static str, changed: Option<&'static str>) {
        let Some(channel) = self.channels.get_mut(id) else {
            return;
        };
        channel.number += 1;
        // Nobody listens any more only while the sandbox is being stopped.
        let _ = self.pushes.send(Message { channel: channel.clone(), state, changed });
    }
}
