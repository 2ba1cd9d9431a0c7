//! Groups of people.

use async_graphql::{Context, Description, Enum, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{Error, entity::group::Model, group as groups, principal::Scope};

use super::{
    caller::{app, viewer},
    error::{self, UserError},
    node::{Id, of},
    page::{self, Asked},
    scalar::Cursor,
    user::User,
};

/// What can be done with a group.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupAction {
    /// To rename it.
    Update,
    /// To delete it.
    Delete,
    /// To add people and to remove them.
    ManageMembers,
    /// To see who is in it.
    ReadMembers,
}

/// People named together, so that a permission can be given to all of them.
#[derive(Description)]
pub struct Group(pub Model);

#[Object(use_type_description)]
impl Group {
    /// The id of this group.
    pub async fn id(&self) -> Id<of::Group> {
        self.0.id.into()
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it is the group of everyone, which is always there and cannot be changed.
    async fn is_built_in(&self) -> bool {
        self.0.built_in
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// The people in it, in the order they were added to the house; null unless you are one of them or an administrator.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 20 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<Option<page::Connection<User>>> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let span = Asked { first: page::nested(first, last), after, last, before }.keys::<User, _>(ctx)?;
        let rows = match groups::members(app, who, self.0.id, &span).await {
            Err(Error::NotAllowed { .. }) => return Ok(None),
            rows => rows?,
        };
        let total = page::total(ctx, groups::members_count(app, who, self.0.id)).await?;
        page::page(rows, total, |row| row.id, User).map(Some)
    }

    /// What you may do with it.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<Vec<GroupAction>> {
        let who = viewer(ctx)?;
        let mut can = Vec::new();
        if who.require_admin().is_ok() && who.require(Scope::Write).is_ok() && !self.0.built_in {
            can.extend([GroupAction::Update, GroupAction::Delete, GroupAction::ManageMembers]);
        }
        if who.is_admin() || who.groups.contains(&self.0.id) {
            can.push(GroupAction::ReadMembers);
        }
        Ok(can)
    }
}

#[derive(Default)]
pub struct GroupQuery;

#[Object]
impl GroupQuery {
    /// One group; null when there is none with this id.
    async fn group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the group.")] id: Id<of::Group>,
    ) -> Result<Option<Group>> {
        Ok(error::maybe(groups::find(app(ctx)?, viewer(ctx)?, id.0).await)?.map(Group))
    }

    /// All groups, in the order they were made.
    async fn groups(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those with this text in the name, whatever the case.")] search: Option<String>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
    ) -> Result<page::Connection<Group>> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let span = Asked { first, after, last, before }.keys::<Group, _>(ctx)?;
        let filter = groups::Filter { search };
        let rows = groups::list(app, who, &filter, &span).await?;
        let total = page::total(ctx, groups::count(app, who, &filter)).await?;
        page::page(rows, total, |row| row.id, Group)
    }
}

/// A group to be made.
#[derive(InputObject)]
struct GroupCreateInput {
    /// What it is to be called; no two groups have the same name.
    name: String,
    /// A text of your own, so that a repeated request makes no second group.
    idempotency_key: Option<String>,
}

/// A group to be renamed.
#[derive(InputObject)]
struct GroupUpdateInput {
    /// The group.
    id: Id<of::Group>,
    /// What it is to be called.
    name: String,
}

/// A group to be deleted.
#[derive(InputObject)]
struct GroupDeleteInput {
    /// The group.
    id: Id<of::Group>,
}

/// A person in a group.
#[derive(InputObject)]
struct GroupMemberInput {
    /// The group.
    group_id: Id<of::Group>,
    /// The person.
    user_id: Id<of::User>,
}

/// The outcome of a change of a group.
#[derive(SimpleObject)]
struct GroupPayload {
    /// The group as of now; null where nothing was changed.
    group: Option<Group>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// The outcome of `groupDelete`.
#[derive(SimpleObject)]
struct GroupDeletePayload {
    /// The id of the group that is gone; null where none is.
    deleted_id: Option<ID>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct GroupMutation;

#[Object]
impl GroupMutation {
    /// Makes a group. For administrators.
    async fn group_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group to be made.")] input: GroupCreateInput,
    ) -> Result<GroupPayload> {
        let key = input.idempotency_key.as_deref();
        payload("name", groups::create(app(ctx)?, viewer(ctx)?, &input.name, key).await)
    }

    /// Renames a group. For administrators.
    async fn group_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group and its new name.")] input: GroupUpdateInput,
    ) -> Result<GroupPayload> {
        payload("id", groups::rename(app(ctx)?, viewer(ctx)?, input.id.0, &input.name).await)
    }

    /// Deletes a group. Its members stay; permissions given to the group are worth nothing any more. For administrators.
    async fn group_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group to be deleted.")] input: GroupDeleteInput,
    ) -> Result<GroupDeletePayload> {
        let (done, user_errors) = error::split(groups::delete(app(ctx)?, viewer(ctx)?, input.id.0).await)?;
        Ok(GroupDeletePayload { deleted_id: done.map(|()| input.id.into()), user_errors })
    }

    /// Adds a person to a group; a person who is in it already stays in it. For administrators.
    async fn group_member_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group and the person.")] input: GroupMemberInput,
    ) -> Result<GroupPayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        payload("groupId", groups::add_member(app, who, input.group_id.0, input.user_id.0).await)
    }

    /// Removes a person from a group, if they are in it. For administrators.
    async fn group_member_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group and the person.")] input: GroupMemberInput,
    ) -> Result<GroupPayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        payload("groupId", groups::remove_member(app, who, input.group_id.0, input.user_id.0).await)
    }
}

fn payload(subject: &str, outcome: hawser_domain::Result<Model>) -> Result<GroupPayload> {
    let (group, user_errors) = error::about(&["input", subject], outcome)?;
    Ok(GroupPayload { group: group.map(Group), user_errors })
}
