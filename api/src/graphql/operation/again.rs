//! A mutation whose transaction the database gave up for another's sake is run again: nothing of it was kept. One that
//! asks for several things is not, since those before the one that failed are done.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{
    Request, Response, ServerError,
    parser::types::{OperationDefinition, OperationType, Selection},
};
use futures::FutureExt;
use hawser_domain::{App, Error, disturbance};

use super::{Schema, panicked};

/// Makes the request as it was, as often as need be.
pub(super) type Maker = Box<dyn Fn() -> Request + Send + Sync>;

pub(super) fn with(maker: Maker, data: impl Any + Clone + Send + Sync) -> Maker {
    Box::new(move || maker().data(data.clone()))
}

/// Whether it changes one thing only.
pub(super) fn may_run_twice(operation: &OperationDefinition) -> bool {
    let fields = &operation.selection_set.node.items;
    operation.ty == OperationType::Mutation
        && matches!(fields.as_slice(), [only] if matches!(only.node, Selection::Field(_)))
}

/// Runs it until it was not disturbed, or too often.
pub(super) async fn run(app: &App, schema: &Schema, first: Request, again: Option<Maker>) -> Response {
    let (mut request, mut tries) = (first, 1);
    loop {
        let response = AssertUnwindSafe(Box::pin(schema.execute(request))).catch_unwind().await;
        let response = response.unwrap_or_else(|_| Response::from_errors(vec![panicked()]));
        match &again {
            Some(maker) if tries < disturbance::TRIES && response.errors.iter().any(was_disturbed) => {
                tracing::debug!(tries, "a mutation was disturbed and is tried again");
                disturbance::pause(app, tries).await;
                tries += 1;
                request = maker();
            }
            _ => return response,
        }
    }
}

fn was_disturbed(error: &ServerError) -> bool {
    let ours = error.source::<Error>().or_else(|| error.source::<Arc<Error>>().map(Arc::as_ref));
    ours.is_some_and(Error::was_disturbed)
}
