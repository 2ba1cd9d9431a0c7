//! Reads of one request gathered into one query each, so that a list of a hundred costs as many queries as a list of one.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context, Result,
    dataloader::{DataLoader, Loader},
};
use hawser_domain::{App, Error, Principal, entity::user, user as users};
use uuid::Uuid;

use super::caller::{app, viewer};

/// The loaders of one request. One line per noun.
pub struct Loaders {
    pub users: DataLoader<Users>,
}

impl Loaders {
    pub fn new(app: &Arc<App>, who: &Principal) -> Self {
        Self { users: DataLoader::new(Users { app: app.clone(), who: who.clone() }, tokio::spawn) }
    }
}

/// The loaders of this request, for those who have signed in.
pub fn loaders<'a>(ctx: &Context<'a>) -> Result<&'a Loaders> {
    viewer(ctx)?;
    app(ctx)?;
    ctx.data()
}

pub struct Users {
    app: Arc<App>,
    who: Principal,
}

impl Loader<Uuid> for Users {
    type Value = user::Model;
    type Error = Arc<Error>;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, user::Model>, Arc<Error>> {
        let found = users::find_many(&self.app, &self.who, ids).await.map_err(Arc::new)?;
        Ok(found.into_iter().map(|user| (user.id, user)).collect())
    }
}
