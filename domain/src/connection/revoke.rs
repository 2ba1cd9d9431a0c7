//! The end of a connection: our tokens go first, then the cloud is told. Documents stay.

use hawser_entity::{
    change::ChangeKind,
    connection::{self, ConnectionState},
    provider,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    sea_query::Expr,
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{share, token};
use crate::{App, Error, Principal, Result, Write, feed, job, principal::Actor, provider as providers};

/// A grant that is still to be ended at the cloud.
pub(crate) struct Grant {
    connection_id: Uuid,
    token: SecretString,
}

/// Ends a connection: tokens are wiped, waiting jobs given up, feeds closed, the cloud told. What the cloud answers is
/// recorded and changes nothing. A connection that has ended is returned as it is.
///
/// # Errors
/// `NotFound`; `NotAllowed` for those it is merely shared with.
pub async fn revoke(app: &App, who: &Principal, id: Uuid) -> Result<connection::Model> {
    let row = share::manageable(app, who, id).await?;
    if row.state == ConnectionState::Revoked {
        return Ok(row);
    }
    feed::stop_pushes(app, &row).await;
    let mut w = app.write(who).await?;
    let row = connection::Entity::find_by_id(id).one(w.db()).await?.ok_or(Error::not_found("connection"))?;
    let provider = provider::Entity::find_by_id(row.provider_id).one(w.db()).await?;
    let grant = wipe(&mut w, row).await?;
    w.commit().await?;
    if let (Some(provider), Some(grant)) = (provider, grant) {
        revoke_at_clouds(app, &provider, vec![grant]).await;
    }
    super::call::row(app, id).await
}

/// The part within the transaction. Returns what the cloud has to be told; nothing where another connection lives on the
/// same account's grant, because clouds end a grant as a whole.
pub(crate) async fn wipe(w: &mut Write<'_>, row: connection::Model) -> Result<Option<Grant>> {
    let token = token::open_refresh(w.app, &row).ok().flatten().or(token::open_access(w.app, &row).ok().flatten());
    let others = connection::Entity::find()
        .filter(connection::Column::ProviderId.eq(row.provider_id))
        .filter(connection::Column::RemoteAccountId.eq(&row.remote_account_id))
        .filter(connection::Column::State.ne(ConnectionState::Revoked))
        .filter(connection::Column::Id.ne(row.id))
        .count(w.db())
        .await?;
    let id = row.id;
    let version = row.token_version;
    let mut active = row.clone().into_active_model();
    active.state = Set(ConnectionState::Revoked);
    active.access_token = Set(None);
    active.refresh_token = Set(None);
    active.expires_at = Set(None);
    active.token_version = Set(version + 1);
    active.refresh_lease = Set(None);
    active.refresh_lease_until = Set(None);
    active.problem = Set(None);
    active.modified_at = Set(w.now);
    active.update(w.db()).await?;
    let cancelled = job::cancel_connection(w, id).await?;
    feed::close_all(w, id).await?;
    let detail = json!({ "jobs": cancelled, "others_on_the_account": others });
    w.audit("connection.revoke", "connection", Some(id), detail).await?;
    share::announce(w, &row, ChangeKind::Updated, Vec::new()).await?;
    Ok(token.filter(|_| others == 0).map(|token| Grant { connection_id: id, token }))
}

/// Tells the cloud, one grant after the other, in a task that outlives its caller.
pub(crate) async fn revoke_at_clouds(app: &App, provider: &provider::Model, grants: Vec<Grant>) {
    let cloud = match providers::build(app, provider) {
        Ok(cloud) => cloud,
        Err(error) => return tracing::error!(provider = %provider.id, %error, "a grant was not ended at the cloud"),
    };
    let own = app.clone();
    let task = tokio::spawn(async move {
        for grant in grants {
            let answer = cloud.revoke(&grant.token).await;
            if let Err(error) = record(&own, grant.connection_id, answer.err()).await {
                tracing::error!(connection = %grant.connection_id, %error, "the end of a grant was not recorded");
            }
        }
    });
    if let Err(error) = task.await {
        tracing::error!(%error, "ending grants at the cloud ended early");
    }
}

async fn record(app: &App, id: Uuid, failure: Option<hawser_providers::Error>) -> Result<()> {
    let mut w = app.write(Actor::System).await?;
    let detail = json!({ "told": failure.is_none(), "answer": failure.as_ref().map(ToString::to_string) });
    w.audit("connection.revoke_at_cloud", "connection", Some(id), detail).await?;
    if let Some(error) = failure {
        let problem = format!(
            "the cloud could not be told ({}): take Hawser's access away in the cloud's own account settings, too",
            error.message
        );
        connection::Entity::update_many()
            .col_expr(connection::Column::Problem, Expr::value(problem))
            .filter(connection::Column::Id.eq(id))
            .filter(connection::Column::State.eq(ConnectionState::Revoked))
            .exec(w.db())
            .await?;
        if let Some(row) = connection::Entity::find_by_id(id).one(w.db()).await? {
            share::announce(&mut w, &row, ChangeKind::Updated, Vec::new()).await?;
        }
    }
    w.commit().await?;
    Ok(())
}
