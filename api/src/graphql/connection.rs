//! Connections: people's links to their cloud accounts.

use async_graphql::{Context, Description, Enum, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{
    connection::{self, FlowState},
    entity::connection::{ConnectionState as DomainState, Model},
};
use uuid::Uuid;

use super::{
    caller::{app, viewer},
    error::{self, UserError},
    feed::Feed,
    loaders::loaders,
    node::{Id, PrincipalId, of},
    page::{self, Asked},
    principal::{Principal, principal},
    provider::Provider,
    scalar::{Cursor, Url},
    user::User,
};

/// Whether a connection can be used.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub enum ConnectionState {
    /// It works.
    Active,
    /// The cloud no longer accepts it: work waits until the owner connects again.
    NeedsReauth,
    /// It was ended; it is kept because documents point at it.
    Revoked,
}

/// What the one who asks may do with a connection.
#[derive(SimpleObject)]
struct ConnectionViewerCan {
    /// Link and read files through it.
    #[graphql(name = "use")]
    use_it: bool,
    /// Connect the same account again.
    reconnect: bool,
    /// Let others use it.
    share: bool,
    /// End it.
    revoke: bool,
}

/// Somebody's link to an account at a cloud. Its tokens never leave the server.
#[derive(Description, Clone)]
pub struct Connection(pub Model);

#[Object(use_type_description)]
impl Connection {
    /// The id of this connection.
    pub async fn id(&self) -> Id<of::Connection> {
        self.0.id.into()
    }

    /// The cloud; null when the provider was deleted.
    async fn provider(&self, ctx: &Context<'_>) -> Result<Option<Provider>> {
        Ok(loaders(ctx)?.providers.load_one(self.0.provider_id).await?.map(Provider))
    }

    /// Whose it is.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        Ok(loaders(ctx)?.users.load_one(self.0.owner_id).await?.map(User))
    }

    /// Whether it can be used.
    async fn state(&self) -> ConnectionState {
        self.0.state.into()
    }

    /// What is wrong with it, as a sentence for people; null when nothing is.
    async fn problem(&self) -> Option<&str> {
        self.0.problem.as_deref()
    }

    /// The cloud's own id of the account.
    async fn account_id(&self) -> &str {
        &self.0.remote_account_id
    }

    /// The account's e-mail address, where the cloud tells it.
    async fn account_email(&self) -> Option<&str> {
        self.0.account_email.as_deref()
    }

    /// The account's name, where the cloud tells it.
    async fn account_name(&self) -> Option<&str> {
        self.0.account_name.as_deref()
    }

    /// What the cloud has granted.
    async fn scopes(&self) -> Vec<String> {
        connection::scopes(&self.0)
    }

    /// The people and groups who may use it besides its owner; null for those it is shared with.
    async fn shared_with(&self, ctx: &Context<'_>) -> Result<Option<Vec<Principal>>> {
        if !connection::may_manage(viewer(ctx)?, &self.0) {
            return Ok(None);
        }
        let with = loaders(ctx)?.shares.load_one(self.0.id).await?.unwrap_or_default();
        let with = futures::future::try_join_all(with.into_iter().map(|id| principal(ctx, id))).await?;
        Ok(Some(with.into_iter().flatten().collect()))
    }

    /// How Hawser hears of what changes in the account's drives; null for those it is shared with.
    async fn feeds(&self, ctx: &Context<'_>) -> Result<Option<Vec<Feed>>> {
        if !connection::may_manage(viewer(ctx)?, &self.0) {
            return Ok(None);
        }
        Ok(Some(hawser_domain::feed::list(app(ctx)?, self.0.id).await?.into_iter().map(Feed).collect()))
    }

    /// When the account was connected first.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When it was last connected again, changed or ended.
    async fn modified_at(&self) -> DateTime<Utc> {
        self.0.modified_at
    }

    /// When it was last used, to within some minutes; null when never.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }

    /// What you may do with it.
    async fn viewer_can(&self, ctx: &Context<'_>) -> Result<ConnectionViewerCan> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let manage = connection::may_manage(who, &self.0);
        Ok(ConnectionViewerCan {
            use_it: self.0.state == DomainState::Active && connection::may_use(app, who, &self.0).await?,
            reconnect: self.0.owner_id == who.user_id && who.is_session,
            share: manage,
            revoke: manage && self.0.state != DomainState::Revoked,
        })
    }
}

/// Where a consent stands.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionFlowState {
    /// The person has not come back from the cloud yet.
    Waiting,
    /// The account is connected.
    Connected,
    /// Nothing was connected; `problem` says why.
    Failed,
}

/// Why a consent led to nothing.
#[derive(SimpleObject)]
struct ConnectionFlowProblem {
    /// A word for programs, such as `DENIED`, `MISSING_SCOPES` or `OTHER_ACCOUNT`. New ones may be added.
    code: &'static str,
    /// What happened and what to do, for people.
    message: &'static str,
}

/// A consent under way, or how it ended.
#[derive(Description)]
pub struct ConnectionFlow {
    id: Uuid,
    state: FlowState,
}

#[Object(use_type_description)]
impl ConnectionFlow {
    /// The id of this consent.
    async fn id(&self) -> Id<of::ConnectionFlow> {
        self.id.into()
    }

    /// Where it stands.
    async fn state(&self) -> ConnectionFlowState {
        match self.state {
            FlowState::Waiting => ConnectionFlowState::Waiting,
            FlowState::Connected { .. } => ConnectionFlowState::Connected,
            FlowState::Failed(_) => ConnectionFlowState::Failed,
        }
    }

    /// The connection it led to.
    async fn connection(&self, ctx: &Context<'_>) -> Result<Option<Connection>> {
        let FlowState::Connected { connection_id } = self.state else { return Ok(None) };
        Ok(error::maybe(connection::find(app(ctx)?, viewer(ctx)?, connection_id).await)?.map(Connection))
    }

    /// Why it led to nothing.
    async fn problem(&self) -> Option<ConnectionFlowProblem> {
        let FlowState::Failed(problem) = self.state else { return None };
        Some(ConnectionFlowProblem { code: problem.word(), message: problem.message() })
    }
}

/// Which connections to list; all that is given must hold.
#[derive(InputObject, Default)]
struct ConnectionFilter {
    /// Only those at this provider.
    provider_id: Option<Id<of::Provider>>,
    /// Only those of this person.
    owner_id: Option<Id<of::User>>,
    /// Only those in this state.
    state: Option<ConnectionState>,
}

#[derive(Default)]
pub struct ConnectionQuery;

#[Object]
impl ConnectionQuery {
    /// One connection; null when there is none with this id that you may see.
    async fn connection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the connection.")] id: Id<of::Connection>,
    ) -> Result<Option<Connection>> {
        Ok(error::maybe(connection::find(app(ctx)?, viewer(ctx)?, id.0).await)?.map(Connection))
    }

    /// Your connections and those shared with you, oldest first; for administrators all there are.
    async fn connections(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning, 100 at most; 50 unless told.")] first: Option<i32>,
        #[graphql(desc = "Only what comes behind this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "How many from the end, 100 at most, in the order of the list all the same.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<Cursor>,
        #[graphql(desc = "Which ones.")] filter: Option<ConnectionFilter>,
    ) -> Result<page::Connection<Connection>> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        let span = Asked { first, after, last, before }.keys::<Connection, Uuid>(ctx)?;
        let filter = filter.unwrap_or_default();
        let filter = connection::Filter {
            provider_id: filter.provider_id.map(|id| id.0),
            owner_id: filter.owner_id.map(|id| id.0),
            state: filter.state.map(Into::into),
        };
        let rows = connection::list(app, who, filter, &span).await?;
        let total = page::total(ctx, connection::count(app, who, filter)).await?;
        page::page(rows, total, |row| row.id, Connection)
    }

    /// How a consent you began stands; null when there is none with this id. Consents are forgotten after a day.
    async fn connection_flow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the consent.")] id: Id<of::ConnectionFlow>,
    ) -> Result<Option<ConnectionFlow>> {
        let state = error::maybe(connection::flow(app(ctx)?, viewer(ctx)?, id.0).await)?;
        Ok(state.map(|state| ConnectionFlow { id: id.0, state }))
    }
}

/// Which account to connect.
#[derive(InputObject)]
struct ConnectionBeginInput {
    /// At which provider.
    provider_id: Id<of::Provider>,
    /// The connection to renew; absent for a new one.
    connection_id: Option<Id<of::Connection>>,
}

/// The outcome of `connectionBegin`.
#[derive(SimpleObject)]
struct ConnectionBeginPayload {
    /// The consent: read it again with `connectionFlow`, or wait for `connectionChanged`.
    flow: Option<ConnectionFlow>,
    /// Where to send the browser, in a window of its own or in this one. Good once, and only for one browser.
    authorization_url: Option<Url>,
    /// Until when the person has to be back.
    expires_at: Option<DateTime<Utc>>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Which connection to end.
#[derive(InputObject)]
struct ConnectionRevokeInput {
    /// The connection.
    id: Id<of::Connection>,
}

/// The outcome of `connectionRevoke`.
#[derive(SimpleObject)]
struct ConnectionRevokePayload {
    /// The connection as of now; null where nothing was changed.
    connection: Option<Connection>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Whom to let use a connection.
#[derive(InputObject)]
struct ConnectionShareInput {
    /// The connection.
    id: Id<of::Connection>,
    /// People and groups.
    with: Vec<PrincipalId>,
}

/// The outcome of `connectionShare`.
#[derive(SimpleObject)]
struct ConnectionSharePayload {
    /// The connection as of now; null where nothing was changed.
    connection: Option<Connection>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

/// Whom to let use a connection no longer.
#[derive(InputObject)]
struct ConnectionUnshareInput {
    /// The connection.
    id: Id<of::Connection>,
    /// People and groups.
    with: Vec<PrincipalId>,
}

/// The outcome of `connectionUnshare`.
#[derive(SimpleObject)]
struct ConnectionUnsharePayload {
    /// The connection as of now; null where nothing was changed.
    connection: Option<Connection>,
    /// What has to be mended first.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub struct ConnectionMutation;

#[Object]
impl ConnectionMutation {
    /// Begins to connect a cloud account, or to connect one again. Needs a session: personal tokens cannot consent.
    async fn connection_begin(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account.")] input: ConnectionBeginInput,
    ) -> Result<ConnectionBeginPayload> {
        let reconnect = input.connection_id.map(|id| id.0);
        let outcome = connection::begin(app(ctx)?, viewer(ctx)?, input.provider_id.0, reconnect).await;
        let (begun, user_errors) = error::about(&["input", "providerId"], outcome)?;
        Ok(ConnectionBeginPayload {
            flow: begun.as_ref().map(|begun| ConnectionFlow { id: begun.flow_id, state: FlowState::Waiting }),
            expires_at: begun.as_ref().map(|begun| begun.expires_at),
            authorization_url: begun.map(|begun| Url(begun.authorization_url)),
            user_errors,
        })
    }

    /// Ends a connection, here and at the cloud. Its documents stay, its waiting jobs are given up.
    async fn connection_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ConnectionRevokeInput,
    ) -> Result<ConnectionRevokePayload> {
        let (connection, user_errors) = error::split(connection::revoke(app(ctx)?, viewer(ctx)?, input.id.0).await)?;
        Ok(ConnectionRevokePayload { connection: connection.map(Connection), user_errors })
    }

    /// Lets people and groups link and read files through a connection.
    async fn connection_share(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which connection, with whom.")] input: ConnectionShareInput,
    ) -> Result<ConnectionSharePayload> {
        let with: Vec<Uuid> = input.with.iter().map(|principal| principal.0).collect();
        let outcome = connection::share(app(ctx)?, viewer(ctx)?, input.id.0, &with).await;
        let (connection, user_errors) = error::split(outcome)?;
        Ok(ConnectionSharePayload { connection: connection.map(Connection), user_errors })
    }

    /// Lets people and groups use a connection no longer. What they have linked stays linked.
    async fn connection_unshare(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which connection, with whom.")] input: ConnectionUnshareInput,
    ) -> Result<ConnectionUnsharePayload> {
        let with: Vec<Uuid> = input.with.iter().map(|principal| principal.0).collect();
        let outcome = connection::unshare(app(ctx)?, viewer(ctx)?, input.id.0, &with).await;
        let (connection, user_errors) = error::split(outcome)?;
        Ok(ConnectionUnsharePayload { connection: connection.map(Connection), user_errors })
    }
}
