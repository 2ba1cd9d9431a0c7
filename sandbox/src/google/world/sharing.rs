//! Verbs on grants: give a role, take it back, open a link, require a resource key.

use super::{
    World,
    channel::FileNews,
    file::{Grant, Role, Who},
};

impl World {
    /// Gives or changes a role; `by` is who shares. Returns the grant's id.
    pub fn share(&mut self, file: usize, who: Who, role: Role, by: usize) -> String {
        let id = self.grant_id(&who);
        let known = id.clone();
        self.alter(file, FileNews::Permissions, move |world| {
            let now = world.now;
            if let Who::User(user) = who {
                world.granted.entry(user).or_default().insert(file);
                let times = &mut world.files[file].shared_with_me;
                times.entry(user).or_insert((now, by));
            }
            let grants = &mut world.files[file].grants;
            grants.retain(|grant| grant.id != id);
            grants.push(Grant { id, who, role, discoverable: false, expires: None });
        });
        known
    }

    /// False when there was no such grant.
    pub fn unshare(&mut self, file: usize, grant: &str) -> bool {
        let grants = &self.files[file].grants;
        let Some(at) = grants.iter().position(|known| known.id == grant) else {
            return false;
        };
        self.alter(file, FileNews::Permissions, |world| {
            let grant = world.files[file].grants.remove(at);
            world.forget_grant(file, &grant.who);
        });
        true
    }

    pub(super) fn forget_grant(&mut self, file: usize, who: &Who) {
        if let Who::User(user) = who {
            self.granted.entry(*user).or_default().remove(&file);
            self.files[file].shared_with_me.remove(user);
        }
    }

    /// Link access needs a key from now on; returns it.
    pub fn require_key(&mut self, file: usize) -> String {
        let key = match &self.files[file].resource_key {
            Some(key) => key.clone(),
            None => self.ids.resource_key(),
        };
        self.files[file].resource_key = Some(key.clone());
        self.files[file].key_required = true;
        key
    }

    pub fn grant_id(&self, who: &Who) -> String {
        match who {
            Who::User(user) => self.users[*user].permission_id.clone(),
            Who::Anyone => "anyoneWithLink".to_owned(),
            Who::Domain(name) | Who::Group(name) => {
                // Stable per name, so that sharing twice changes one grant.
                let sum = name.bytes().fold(7u64, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
                format!("{:020}k", sum)
            }
        }
    }
}
