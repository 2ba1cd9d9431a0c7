//! Marks faults of validation as such, which the executor itself does not tell, and helps with names those who may see
//! them all.

use std::sync::Arc;

use async_graphql::{
    ErrorExtensionValues, ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};
use hawser_domain::App;

use super::{caller::Caller, error::Code, operation::limits};

pub struct Stages;

impl ExtensionFactory for Stages {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Stages)
    }
}

#[async_trait::async_trait]
impl Extension for Stages {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx).await.map_err(|errors| told(errors, is_helped(ctx)))
    }
}

/// Who may read the schema may be told names out of it.
fn is_helped(ctx: &ExtensionContext<'_>) -> bool {
    match (ctx.data::<Arc<App>>(), ctx.data::<Caller>()) {
        (Ok(app), Ok(caller)) => limits::is_allowed(app.config.graphql_introspection, caller),
        _ => false,
    }
}

fn told(mut errors: Vec<ServerError>, is_helped: bool) -> Vec<ServerError> {
    errors.truncate(limits::FAULTS);
    for (number, error) in errors.iter_mut().enumerate() {
        limits::hush(error);
        if is_helped && number < limits::SUGGESTED {
            limits::suggest(error);
        }
        let values = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        values.set("code", Code::GraphqlValidationFailed.as_str());
    }
    errors
}
