//! Marks faults of validation as such, which the executor itself does not tell.

use std::sync::Arc;

use async_graphql::{
    ErrorExtensionValues, ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};

use super::error::Code;

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
        next.run(ctx).await.map_err(|errors| errors.into_iter().map(of_validation).collect())
    }
}

fn of_validation(error: ServerError) -> ServerError {
    let limits = ["Query is nested too deep.", "Query is too complex."];
    let code =
        if limits.contains(&error.message.as_str()) { Code::ComplexityExceeded } else { Code::GraphqlValidationFailed };
    mark(error, code)
}

fn mark(mut error: ServerError, code: Code) -> ServerError {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
    error
}
