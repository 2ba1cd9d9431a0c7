//! What keeps a connection that works from being followed: noted for its owner, and taken away once it is over.

use hawser_entity::{change::ChangeKind, connection};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::share;
use crate::{App, Result, Write, principal::Actor};

pub(super) async fn note(app: &App, row: connection::Model, problem: String) -> Result<connection::Model> {
    let mut w = app.write(Actor::System).await?;
    let row = set(&mut w, row, Some(problem)).await?;
    w.commit().await?;
    Ok(row)
}

/// Changes are followed from now on.
pub(crate) async fn mended(w: &mut Write<'_>, row: &connection::Model) -> Result<()> {
    if row.problem.is_some() {
        set(w, row.clone(), None).await?;
    }
    Ok(())
}

async fn set(w: &mut Write<'_>, row: connection::Model, problem: Option<String>) -> Result<connection::Model> {
    let mut active = row.into_active_model();
    active.problem = Set(problem);
    let row = active.update(w.db()).await?;
    share::announce(w, &row, ChangeKind::Updated, Vec::new()).await?;
    Ok(row)
}
