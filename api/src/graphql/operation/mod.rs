//! An operation on its way: what a client sent becomes a document, is held against the limits, and runs. Every door and
//! every transport goes this way; what differs between them is how the answer travels.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{Request, Response, ServerError, Variables, parser::types::OperationType};
use futures::{FutureExt, Stream, StreamExt};
use hawser_domain::{App, Error};
use uuid::Uuid;

use super::{
    Schema,
    caller::Caller,
    error::{self, Code},
    fresh, loaders,
};
use crate::transport::Presence;

mod answer;
mod cache;
mod check;
mod cohort;
mod document;
mod lexer;
mod newer;
mod parameters;
mod persisted;

pub use answer::Answer;
pub use cache::Remembered;
pub use check::check;
pub use cohort::Audience;
pub use parameters::Parameters;

/// The schema with the house behind it, and what operations share. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    app: Arc<App>,
    schema: Schema,
    cache: Arc<cache::Cache>,
    names: Arc<persisted::Names>,
    presence: Presence,
    cohorts: cohort::Cohorts,
}

impl Engine {
    pub fn new(app: Arc<App>) -> Self {
        let (cache, names) = (Arc::new(cache::Cache::new()), Arc::new(persisted::Names::new()));
        Self { schema: super::schema(app.clone()), app, cache, names, presence: Presence::default(), cohorts: cohort::Cohorts::default() }
    }

    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Whoever has a connection open that lasts.
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// Those who listen to the same at this moment, and how often it is computed for them.
    pub fn audience(&self) -> Audience {
        self.cohorts.audience()
    }
}

/// An operation that may run.
pub struct Operation {
    /// Whether it reads, writes or listens.
    pub kind: OperationType,
    request: Request,
    request_id: Uuid,
    /// How others who ask for the same are found, where there may be some.
    shared: Option<cohort::Shared>,
}

impl Operation {
    /// With something more that resolvers can look up in their context.
    #[must_use]
    pub fn with(self, data: impl Any + Send + Sync) -> Self {
        Self { request: self.request.data(data), ..self }
    }
}

/// Finds the document and the operation in it, and holds it against the limits.
///
/// # Errors
/// The answer to give instead. Nothing ran.
pub async fn prepare(engine: &Engine, sent: Parameters, caller: Caller) -> Result<Operation, Response> {
    let request_id = caller.request_id;
    admit(engine, sent, caller).await.map_err(|error| error::finish(Response::from_errors(vec![error]), request_id))
}

async fn admit(engine: &Engine, sent: Parameters, caller: Caller) -> Result<Operation, ServerError> {
    let persisted::Found { document, register_for } = persisted::find(engine, &sent, &caller).await?;
    let name = sent.operation_name.as_deref();
    let kind = document.kind(name)?;
    let shared = match kind {
        OperationType::Subscription => cohort::Shared::of(&document, name, sent.variables.as_ref(), &caller),
        _ => None,
    };
    let variables = Variables::from_json(sent.variables.unwrap_or_default().into());
    let call = document.call(name, &variables);
    let request_id = caller.request_id;
    let checked = cache::Checked { cache: engine.cache.clone(), document, call, register_for };
    let request = request(engine, checked, sent.operation_name, variables, caller);
    Ok(Operation { kind, request, request_id, shared })
}

/// What the executor is given.
fn request(
    engine: &Engine,
    checked: cache::Checked,
    name: Option<String>,
    variables: Variables,
    caller: Caller,
) -> Request {
    // The text itself is asked for by nobody once it is read.
    let mut request = Request::new("").variables(variables);
    request.set_parsed_query(checked.document.parsed.clone());
    let mut request = request.data(checked);
    if let Some(name) = name {
        request = request.operation_name(name);
    }
    if let Some(who) = &caller.principal {
        request = request.data(loaders::Loaders::new(&engine.app, who));
    }
    request.data(caller)
}

/// Runs a query or a mutation.
pub async fn execute(engine: &Engine, operation: Operation) -> Response {
    let run = AssertUnwindSafe(engine.schema.execute(operation.request)).catch_unwind();
    let response = run.await.unwrap_or_else(|_| Response::from_errors(vec![panicked()]));
    error::finish(response, operation.request_id)
}

/// Runs any operation; queries and mutations answer once, subscriptions until they are dropped.
pub fn stream(engine: &Engine, operation: Operation) -> impl Stream<Item = Answer> + Send + use<> {
    let Operation { request, request_id, shared, .. } = operation;
    match shared {
        Some(shared) => cohort::listen(engine, request, shared, request_id).left_stream(),
        None => answers(engine, request.data(fresh::Lasting), request_id).right_stream(),
    }
}

fn answers(engine: &Engine, request: Request, request_id: Uuid) -> impl Stream<Item = Answer> + Send + use<> {
    let responses = engine.schema.execute_stream(request);
    AssertUnwindSafe(responses).catch_unwind().map(move |response| {
        let response = response.unwrap_or_else(|_| Response::from_errors(vec![panicked()]));
        Answer::from(error::finish(response, request_id))
    })
}

/// From what was sent to the answer, for callers in process.
pub async fn run(engine: &Engine, sent: Parameters, caller: Caller) -> Response {
    match prepare(engine, sent, caller).await {
        Ok(operation) => execute(engine, operation).await,
        Err(response) => response,
    }
}

/// From what was sent to all answers, of whatever kind the operation is.
pub fn listen(engine: &Engine, sent: Parameters, caller: Caller) -> impl Stream<Item = Answer> + Send + use<> {
    let engine = engine.clone();
    let answers = async move {
        match prepare(&engine, sent, caller).await {
            Ok(operation) => stream(&engine, operation).left_stream(),
            Err(response) => futures::stream::iter([Answer::from(response)]).right_stream(),
        }
    };
    answers.flatten_stream()
}

/// Whether the operation got as far as its resolvers; if not, there is no `data`, not even null.
pub fn ran(response: &Response) -> bool {
    response.is_ok()
        || response.data != async_graphql::Value::Null
        || response.errors.iter().any(|error| !error.path.is_empty())
}

/// Whether the operation was called by a hash or an id that nothing is known under: clients then send its text.
pub fn is_unknown(response: &Response) -> bool {
    let code = |error: &ServerError| error.extensions.as_ref()?.get("code").cloned();
    response.errors.iter().filter_map(code).any(|code| code == Code::PersistedQueryNotFound.as_str().into())
}

fn panicked() -> ServerError {
    async_graphql::Error::new_with_source(Error::Internal("a resolver panicked".into()))
        .into_server_error(Default::default())
}
