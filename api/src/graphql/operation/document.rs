//! A document: its text, read once.

use async_graphql::{
    ServerError,
    parser::{
        parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationType},
    },
};

use crate::graphql::error::{Code, fault};

/// A document as the executor takes it.
pub struct Document {
    pub text: String,
    pub parsed: ExecutableDocument,
}

impl Document {
    /// # Errors
    /// `GRAPHQL_PARSE_FAILED` with the place.
    pub fn read(text: String) -> Result<Self, ServerError> {
        let parsed = parse_query(&text).map_err(|error| mark(error.into()))?;
        Ok(Self { text, parsed })
    }

    /// What the operation of this name does, or the only one when none is named.
    ///
    /// # Errors
    /// `OPERATION_RESOLUTION_FAILURE` when there is none, or when it cannot be told which.
    pub fn kind(&self, name: Option<&str>) -> Result<OperationType, ServerError> {
        let found = match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Some(operation),
            (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
            (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
            _ => None,
        };
        let message = || match name {
            Some(name) => format!("the document has no operation named `{name}`"),
            None => "the document has several operations: say which with `operationName`".to_owned(),
        };
        found.map(|operation| operation.node.ty).ok_or_else(|| fault(Code::OperationResolutionFailure, message()))
    }
}

fn mark(error: ServerError) -> ServerError {
    ServerError { extensions: fault(Code::GraphqlParseFailed, "").extensions, ..error }
}
