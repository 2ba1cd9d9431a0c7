//! One authorised request: who asks, with which scopes, and the questions every method asks about a file.
//! "Forbidden" and "missing" look alike here as they do at the vendor.

use serde_json::Value;

use super::{
    mask::{self, Mask},
    refusal::Refusal,
    scopes,
    world::{World, access::ResourceKeys, file::Role},
};
use crate::call::{Call, Reply};

pub type Answer = Result<Reply, Refusal>;

#[derive(Debug, Clone)]
pub struct Caller {
    pub user: usize,
    pub client: String,
    pub scopes: u16,
}

pub struct Visit<'a> {
    pub world: &'a mut World,
    pub call: &'a Call,
    pub caller: Caller,
}

impl Visit<'_> {
    /// The mask of this call for a response of type `schema`, `default` when none was sent.
    pub fn mask(&self, schema: &str, default: &str) -> Result<Mask, Refusal> {
        let wanted = self.call.param("fields").unwrap_or(default);
        mask::parse(wanted, schema).map_err(|bad| Refusal::bad_field(&bad))
    }

    pub fn body(&self) -> Result<Value, Refusal> {
        self.call.json().ok_or_else(Refusal::not_json)
    }

    pub fn all_drives(&self) -> bool {
        self.call.flag("supportsAllDrives", false) || self.call.flag("supportsTeamDrives", false)
    }

    /// `pageSize`, brought into bounds instead of refused.
    pub fn page_size(&self, default: usize, max: usize) -> Result<usize, Refusal> {
        let Some(text) = self.call.param("pageSize") else {
            return Ok(default);
        };
        let size: i64 = text.parse().map_err(|_| Refusal::invalid("pageSize"))?;
        Ok(size.clamp(1, max as i64) as usize)
    }

    fn keys(&self) -> ResourceKeys {
        let header = self.call.header("x-goog-drive-resource-keys").unwrap_or_default();
        let pairs = header.split(',').filter_map(|pair| pair.trim().split_once('/'));
        pairs.map(|(id, key)| (id.to_owned(), key.to_owned())).collect()
    }

    /// The caller's id for a file; `root` is an alias.
    pub fn resolve(&self, id: &str) -> Option<usize> {
        if id == "root" {
            return Some(self.world.users[self.caller.user].root);
        }
        self.world.file(id)
    }

    pub fn app_sees(&self, file: usize) -> bool {
        scopes::sees_everything(self.caller.scopes) || {
            let it = &self.world.files[file];
            it.apps.contains(&self.caller.client) || it.parent.is_none()
        }
    }

    /// The file and the caller's role on it. Missing, out of sight, or in a shared drive that the call
    /// did not say it can handle: all are the same 404.
    pub fn find(&self, id: &str, needs_drive_support: bool) -> Result<(usize, Role), Refusal> {
        let missing = || Refusal::no_file(id);
        let file = self.resolve(id).ok_or_else(missing)?;
        let role = self.world.reach(self.caller.user, file, &self.keys()).ok_or_else(missing)?;
        if needs_drive_support && self.world.files[file].drive.is_some() && !self.all_drives() {
            return Err(missing());
        }
        if !self.app_sees(file) {
            let verb = if self.call.method == "GET" { "read" } else { "write" };
            return Err(Refusal::app_not_authorized(&self.caller.client, verb, id));
        }
        Ok((file, role))
    }

    /// As `find`, and the caller may at least do what `least` may.
    pub fn find_as(&self, id: &str, least: Role) -> Result<usize, Refusal> {
        let (file, role) = self.find(id, true)?;
        if role < least {
            return Err(Refusal::forbidden(&self.world.files[file].id));
        }
        Ok(file)
    }

    pub fn drive(&self, id: &str) -> Result<usize, Refusal> {
        let drive = self.world.drive(id);
        let member = |drive: &usize| self.world.member_role(*drive, self.caller.user).is_some();
        drive.filter(member).ok_or_else(|| Refusal::no_drive(id))
    }
}
