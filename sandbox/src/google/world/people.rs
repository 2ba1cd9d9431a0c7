//! Users and shared drives: who there is, what root they own, who is a member.
//! A membership won or lost is one entry for the drive in that user's feed, none for the files in it.

use super::{
    FOLDER, World,
    feed::{FeedOf, Subject, see},
    file::{File, Role},
};

#[derive(Debug, Clone)]
pub struct User {
    pub email: String,
    pub display_name: String,
    pub permission_id: String,
    pub root: usize,
}

impl User {
    pub fn domain(&self) -> &str {
        self.email.rsplit('@').next().unwrap_or_default()
    }
}

#[derive(Debug, Clone)]
pub struct SharedDrive {
    pub id: String,
    pub name: String,
    pub created: i64,
    pub root: usize,
    pub members: Vec<(usize, Role)>,
    pub deleted: bool,
    pub hidden_by: Vec<usize>,
}

impl World {
    /// Adds a user with an empty My Drive; the one already known when the address is taken.
    pub fn add_user(&mut self, email: &str, display_name: &str) -> usize {
        if let Some(known) = self.user(email) {
            return known;
        }
        let user = self.users.len();
        let id = self.ids.root();
        let root = self.plant(File {
            id,
            name: "My Drive".to_owned(),
            mime: FOLDER.to_owned(),
            owner: Some(user),
            created: self.now,
            modified: self.now,
            modified_by: user,
            version: 1,
            ..File::default()
        });
        let permission_id = self.ids.person();
        self.users.push(User { email: email.to_owned(), display_name: display_name.to_owned(), permission_id, root });
        self.by_email.insert(email.to_lowercase(), user);
        user
    }

    pub fn add_drive(&mut self, name: &str, organizer: usize) -> usize {
        let drive = self.drives.len();
        let id = self.ids.root();
        let root = self.plant(File {
            id: id.clone(),
            name: name.to_owned(),
            mime: FOLDER.to_owned(),
            drive: Some(drive),
            created: self.now,
            modified: self.now,
            modified_by: organizer,
            version: 1,
            ..File::default()
        });
        self.drive_ids.insert(id.clone(), drive);
        self.drives.push(SharedDrive {
            id,
            name: name.to_owned(),
            created: self.now,
            root,
            members: vec![(organizer, Role::Organizer)],
            deleted: false,
            hidden_by: Vec::new(),
        });
        self.announce_drive(drive, &[organizer]);
        drive
    }

    pub fn member_role(&self, drive: usize, user: usize) -> Option<Role> {
        let drive = &self.drives[drive];
        let member = drive.members.iter().find(|(known, _)| *known == user);
        member.filter(|_| !drive.deleted).map(|(_, role)| *role)
    }

    pub fn set_member(&mut self, drive: usize, user: usize, role: Role) {
        let members = &mut self.drives[drive].members;
        members.retain(|(known, _)| *known != user);
        members.push((user, role));
        self.announce_drive(drive, &[user]);
    }

    /// False when the user was no member.
    pub fn drop_member(&mut self, drive: usize, user: usize) -> bool {
        let members = &mut self.drives[drive].members;
        let before = members.len();
        members.retain(|(known, _)| *known != user);
        let gone = members.len() < before;
        if gone {
            self.announce_drive(drive, &[user]);
        }
        gone
    }

    pub fn rename_drive(&mut self, drive: usize, name: &str) {
        self.drives[drive].name = name.to_owned();
        let root = self.drives[drive].root;
        self.files[root].name = name.to_owned();
        let members = self.members(drive);
        self.announce_drive(drive, &members);
    }

    /// Deletes a drive with everything in it.
    pub fn delete_drive(&mut self, drive: usize) {
        let members = self.members(drive);
        let root = self.drives[drive].root;
        for file in self.subtree(root) {
            self.files[file].deleted = true;
        }
        self.drives[drive].deleted = true;
        self.announce_drive(drive, &members);
    }

    pub fn members(&self, drive: usize) -> Vec<usize> {
        let members = self.drives[drive].members.iter();
        members.map(|(user, _)| *user).collect()
    }

    fn announce_drive(&mut self, drive: usize, users: &[usize]) {
        let mut feeds: Vec<FeedOf> = users.iter().copied().map(FeedOf::User).collect();
        feeds.push(FeedOf::Drive(drive));
        let now = self.now;
        self.feeds.put(&feeds, Subject::Drive(drive), see::DRIVE, now);
        self.notify_feeds(&feeds);
    }
}
