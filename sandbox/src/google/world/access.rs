//! Who may do what with a file: ownership, grants on it and on its ancestors, membership of its shared drive, links.
//! Roles are found by walking up the parents; nothing is copied down, so sharing a folder costs one grant.

use std::collections::HashMap;

use super::{
    World,
    feed::{Sight, see},
    file::{Role, Who},
};

/// Keys of link-shared files by file id, as the client sent them.
pub type ResourceKeys = HashMap<String, String>;

impl World {
    /// The file, its parent, and so on up to the root.
    pub fn chain(&self, file: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(file), |at| self.files[*at].parent)
    }

    pub fn is_trashed(&self, file: usize) -> bool {
        self.chain(file).any(|at| self.files[at].trashed)
    }

    pub fn root_of(&self, file: usize) -> usize {
        self.chain(file).last().unwrap_or(file)
    }

    /// What a user may do by name; links do not count.
    pub fn role(&self, user: usize, file: usize) -> Option<Role> {
        let it = &self.files[file];
        if it.deleted {
            return None;
        }
        if it.owner == Some(user) {
            return Some(Role::Owner);
        }
        let membership = it.drive.and_then(|drive| self.member_role(drive, user));
        let inherited = self.chain(file).filter_map(|at| {
            let at = &self.files[at];
            // The owner of a folder may write what others put into it.
            let owned = (at.owner == Some(user)).then_some(Role::Writer);
            let granted = at
                .grants
                .iter()
                .filter(|grant| grant.who == Who::User(user) && grant.expires.is_none_or(|end| end > self.now));
            owned.max(granted.map(|grant| grant.role).max())
        });
        membership.max(inherited.max())
    }

    /// What a link gives: to anybody, or to the members of a domain.
    pub fn link_role(&self, user: Option<usize>, file: usize) -> Option<Role> {
        if self.files[file].deleted {
            return None;
        }
        let domain = user.map(|user| self.users[user].domain());
        let grants = self.chain(file).flat_map(|at| &self.files[at].grants);
        grants
            .filter(|grant| match &grant.who {
                Who::Anyone => true,
                Who::Domain(name) => domain == Some(name),
                Who::User(_) | Who::Group(_) => false,
            })
            .map(|grant| grant.role)
            .max()
    }

    /// By name, or by link with its resource key where one is required.
    pub fn reach(&self, user: usize, file: usize, keys: &ResourceKeys) -> Option<Role> {
        let by_name = self.role(user, file);
        if by_name.is_some() {
            return by_name.max(self.link_role(Some(user), file));
        }
        let it = &self.files[file];
        let unlocked =
            !it.key_required || it.viewed.contains_key(&user) || keys.get(&it.id) == it.resource_key.as_ref();
        self.link_role(Some(user), file).filter(|_| unlocked)
    }

    /// Users who have the file by name.
    pub fn viewers(&self, file: usize) -> Vec<usize> {
        if self.files[file].deleted {
            return Vec::new();
        }
        let mut users: Vec<usize> = Vec::new();
        for at in self.chain(file) {
            let at = &self.files[at];
            users.extend(at.owner);
            users.extend(at.grants.iter().filter_map(|grant| match grant.who {
                Who::User(user) => Some(user),
                _ => None,
            }));
        }
        if let Some(drive) = self.files[file].drive {
            users.extend(self.members(drive));
        }
        users.sort_unstable();
        users.dedup();
        users.retain(|user| self.role(*user, file).is_some());
        users
    }

    /// The part of a user's world a file lies in: nothing when it is out of sight.
    pub fn category(&self, user: usize, file: usize) -> u8 {
        if self.role(user, file).is_none() {
            0
        } else if self.files[file].drive.is_some() {
            see::DRIVE
        } else if self.root_of(file) == self.users[user].root {
            see::MINE
        } else {
            see::SHARED
        }
    }

    pub fn sight(&self, file: usize) -> Sight {
        let viewers = self.viewers(file);
        let seen = viewers.into_iter().map(|user| (user, self.category(user, file)));
        Sight { users: seen.collect(), drive: self.files[file].drive }
    }

    /// True when the grant list alone makes the file more than its owner's.
    pub fn is_shared(&self, file: usize) -> bool {
        self.files[file].drive.is_none() && self.chain(file).any(|at| !self.files[at].grants.is_empty())
    }
}
