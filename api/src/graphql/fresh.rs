//! What lasts is authorised anew: before each event of a subscription is rendered, who asks is read again, so that every
//! field of it, however deep, is shown to the person as they are now.

use std::sync::Arc;

use async_graphql::{
    Data, Response, ServerError,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
};
use hawser_domain::{App, Result, token};

use super::{caller::Caller, loaders::Loaders};

/// In the data of requests that may stay open.
#[derive(Clone, Copy)]
pub struct Lasting;

pub struct Freshness;

impl ExtensionFactory for Freshness {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Freshness)
    }
}

#[async_trait::async_trait]
impl Extension for Freshness {
    async fn execute(&self, ctx: &ExtensionContext<'_>, name: Option<&str>, next: NextExecute<'_>) -> Response {
        let (Ok(app), Ok(caller), Ok(Lasting)) = (ctx.data::<Arc<App>>(), ctx.data::<Caller>(), ctx.data::<Lasting>())
        else {
            return next.run(ctx, name).await;
        };
        match again(app, caller).await {
            Ok(data) => next.run_with_data(ctx, name, data).await,
            Err(error) => {
                let error = async_graphql::Error::new_with_source(error);
                Response::from_errors(vec![ServerError {
                    locations: Vec::new(),
                    ..error.into_server_error(Default::default())
                }])
            }
        }
    }
}

/// The caller as of now, and loaders that act for them.
async fn again(app: &Arc<App>, caller: &Caller) -> Result<Data> {
    let mut data = Data::default();
    let Some(who) = &caller.principal else { return Ok(data) };
    let who = token::authenticate_again(app, who).await?;
    data.insert(Loaders::new(app, &who));
    data.insert(Caller { principal: Some(who), ..caller.clone() });
    Ok(data)
}
