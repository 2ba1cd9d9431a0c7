//! Random histories against the feed: whoever follows it page by page, at any pace, knows in the end exactly what he may see.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use serde_json::Value;

use super::{
    answer,
    oauth::AccessToken,
    world::{
        FOLDER, World,
        file::{Role, Who},
        tree::Seedling,
    },
};
use crate::{
    call::{Base, Call},
    ids::Ids,
};

struct Follower {
    token: &'static str,
    cursor: String,
    names: HashMap<String, String>,
}

fn get(world: &mut World, token: &str, target: &str) -> Value {
    let base = Base { scheme: "http".to_owned(), host: "h".to_owned(), prefix: "/google" };
    let headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
    let call = Call::new("GET", base, target, headers, Bytes::new());
    let reply = answer(world, &call).reply;
    assert_eq!(reply.status, 200, "{target}: {:?}", reply.body);
    serde_json::from_slice(&reply.body).unwrap()
}

impl Follower {
    /// Reads one small page; true when it was the last.
    fn read(&mut self, world: &mut World) -> bool {
        let target = format!(
            "/drive/v3/changes?pageSize=3&pageToken={}&fields=nextPageToken,newStartPageToken,changes(removed,fileId,file(name))",
            self.cursor
        );
        let page = get(world, self.token, &target);
        let mut seen = HashSet::new();
        for change in page["changes"].as_array().unwrap() {
            let id = change["fileId"].as_str().unwrap().to_owned();
            assert!(seen.insert(id.clone()), "one entry per file");
            if change["removed"] == true {
                assert!(change.get("file").is_none());
                self.names.remove(&id);
            } else {
                let name = change["file"]["name"].as_str().unwrap().to_owned();
                self.names.insert(id, name);
            }
        }
        let last = page.get("newStartPageToken");
        assert_ne!(last.is_some(), page.get("nextPageToken").is_some());
        let next = last.or(page.get("nextPageToken")).and_then(Value::as_str).unwrap();
        next.clone_into(&mut self.cursor);
        last.is_some()
    }
}

fn step(world: &mut World, dice: &mut Ids, files: &[usize], users: [usize; 2], folder: usize) -> Option<usize> {
    let pick = || files.iter().copied().filter(|file| !world.files[*file].deleted);
    let count = pick().count() as u64;
    if count == 0 || dice.below(8) == 0 {
        let parent = if dice.below(2) == 0 { folder } else { world.users[users[0]].root };
        let name = format!("n{}", dice.below(1000));
        let seed = Seedling { name, mime: "text/plain".to_owned(), parent, by: users[0], ..Seedling::default() };
        return Some(world.create(seed));
    }
    let file = pick().nth(dice.below(count) as usize)?;
    let ben = Who::User(users[1]);
    match dice.below(8) {
        0 => world.write(file, Bytes::from_static(b"x"), None, users[0], false),
        1 | 2 => world.rename(file, &format!("r{}", dice.below(1000))),
        3 | 4 => drop(world.share(file, ben, Role::Reader, users[0])),
        5 => {
            let id = world.grant_id(&ben);
            world.unshare(file, &id);
        }
        6 => {
            let root = world.users[users[0]].root;
            let to = if world.files[file].parent == Some(folder) { root } else { folder };
            world.reparent(file, to);
        }
        _ => world.delete(file),
    }
    None
}

#[test]
fn following_the_feed_at_any_pace_ends_in_what_may_be_seen() {
    for seed in 0..150 {
        let (sender, _receiver) = tokio::sync::mpsc::unbounded_channel();
        let mut world = World::new(seed, 1_000_000, sender);
        let users = [world.add_user("ada@x", "Ada"), world.add_user("ben@x", "Ben")];
        for (user, token) in users.into_iter().zip(["ada", "ben"]) {
            let known = AccessToken {
                user,
                client: "c".to_owned(),
                scopes: vec!["https://www.googleapis.com/auth/drive".to_owned()],
                expires: i64::MAX,
                refresh: None,
            };
            world.oauth.access.insert(token.to_owned(), known);
        }
        let root = world.users[users[0]].root;
        let shelf = Seedling {
            name: "shelf".to_owned(),
            mime: FOLDER.to_owned(),
            parent: root,
            by: users[0],
            ..Seedling::default()
        };
        let folder = world.create(shelf);
        world.share(folder, Who::User(users[1]), Role::Reader, users[0]);
        world.limits.user_units_per_minute = Some(u64::MAX / 2);
        world.limits.project_units_per_minute = Some(u64::MAX / 2);
        let mut followers = ["ada", "ben"].map(|token| Follower {
            token,
            cursor: get(&mut world, token, "/drive/v3/changes/startPageToken")["startPageToken"]
                .as_str()
                .unwrap()
                .to_owned(),
            names: HashMap::new(),
        });
        let mut dice = Ids::seeded(seed + 1);
        let mut files = Vec::new();
        for _ in 0..60 {
            files.extend(step(&mut world, &mut dice, &files, users, folder));
            for follower in &mut followers {
                if dice.below(4) == 0 {
                    follower.read(&mut world);
                }
            }
        }
        for (follower, user) in followers.iter_mut().zip(users) {
            while !follower.read(&mut world) {}
            let visible = files.iter().filter(|file| world.role(user, **file).is_some());
            let truth: HashMap<String, String> =
                visible.map(|file| (world.files[*file].id.clone(), world.files[*file].name.clone())).collect();
            assert_eq!(follower.names, truth, "seed {seed}, {}", follower.token);
        }
    }
}
