//! An operation on its way: what a client sent becomes a document, is held against the limits, and runs. Every door and
//! every transport goes this way; what differs between them is how the answer travels.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{
    Request, Response, ServerError, Variables,
    parser::types::{OperationDefinition, OperationType},
};
use futures::{FutureExt, Stream, StreamExt};
use hawser_domain::{App, Error};
use tracing::Instrument;
use uuid::Uuid;

use super::{
    Schema,
    caller::Caller,
    error::{self, Code, fault},
    fresh, loaders,
};
use crate::presence::Presence;

mod again;
mod answer;
mod cache;
mod check;
mod cohort;
mod document;
mod lexer;
pub mod limits;
mod newer;
mod nulls;
mod parameters;
mod persisted;

pub use answer::Answer;
pub use cache::Remembered;
pub use check::check;
pub use cohort::Audience;
use limits::{Account, Buckets};
pub use parameters::Parameters;

/// The schema with the house behind it, and what operations share. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    app: Arc<App>,
    schema: Schema,
    /// The same for calls that were found valid before: it checks little and asks no extension, which the other one asks
    /// for every field.
    quick: Schema,
    cache: Arc<cache::Cache>,
    names: Arc<persisted::Names>,
    buckets: Arc<Buckets>,
    presence: Presence,
    cohorts: cohort::Cohorts,
}

impl Engine {
    pub fn new(app: Arc<App>) -> Self {
        let (cache, names) = (Arc::new(cache::Cache::new()), Arc::new(persisted::Names::new()));
        let (buckets, presence, cohorts) = (Arc::default(), Presence::default(), cohort::Cohorts::default());
        let (schema, quick) = (super::schema(app.clone()), super::quick(app.clone()));
        Self { schema, quick, app, cache, names, buckets, presence, cohorts }
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
    /// How the request is made once more, where running it twice may be needed.
    again: Option<again::Maker>,
    asked: Asked,
    account: Account,
    /// How others who ask for the same are found, where there may be some.
    shared: Option<cohort::Shared>,
    /// Whether the same call was found valid before.
    is_known: bool,
}

/// What was asked for, as far as its answers depend on it.
#[derive(Clone)]
struct Asked {
    document: Arc<document::Document>,
    name: Option<String>,
    request_id: Uuid,
}

impl Asked {
    fn finish(&self, mut response: Response, account: Option<&Account>) -> Response {
        nulls::settle(&self.document.parsed, self.name.as_deref(), &mut response);
        answer(response, self.request_id, account)
    }
}

impl Operation {
    /// With something more that resolvers can look up in their context.
    #[must_use]
    pub fn with(self, data: impl Any + Clone + Send + Sync) -> Self {
        let again = self.again.map(|maker| again::with(maker, data.clone()));
        Self { request: self.request.data(data), again, ..self }
    }
}

/// Finds the document and the operation in it, and holds it against the limits.
///
/// # Errors
/// The answer to give instead. Nothing ran.
pub async fn prepare(engine: &Engine, sent: Parameters, caller: Caller) -> Result<Operation, Response> {
    let request_id = caller.request_id;
    let mut account = Account::open(&engine.app, &engine.buckets, &caller);
    let admitted = admit(engine, sent, caller, &mut account).await;
    if admitted.is_err() {
        engine.app.metrics.operation("unknown", "refused", None);
    }
    admitted.map_err(|error| answer(Response::from_errors(vec![error]), request_id, Some(&account)))
}

async fn admit(
    engine: &Engine,
    sent: Parameters,
    caller: Caller,
    account: &mut Account,
) -> Result<Operation, ServerError> {
    // Whatever comes of it, it has to be looked at.
    account.charge(1).await?;
    let persisted::Found { document, register_for, share } = persisted::find(engine, &sent, &caller).await?;
    let name = sent.operation_name.as_deref();
    let operation = document.operation(name)?;
    if document.measures.introspects(name) {
        limits::allow(engine.app.config.graphql_introspection, &caller)?;
    }
    let mut variables = Variables::from_json(sent.variables.clone().unwrap_or_default().into());
    fill(&mut variables, operation);
    let points = limits::cost(&document.parsed, operation, &variables)?;
    account.charge(points.saturating_sub(1) as u64).await?;
    let (kind, may_run_twice) = (operation.ty, again::may_run_twice(operation));
    let shared = match kind {
        OperationType::Subscription => {
            cohort::Shared::of(&document, name, sent.variables.as_ref(), &variables, &caller)
        }
        _ => None,
    };
    let call = document.call(name, &variables);
    let asked = Asked { document: document.clone(), name: sent.operation_name.clone(), request_id: caller.request_id };
    let checked = cache::Checked { cache: engine.cache.clone(), document, call, register_for, share };
    let is_known = checked.pass_again().await;
    let (app, account, name) = (engine.app.clone(), account.clone(), sent.operation_name);
    let (request, again) = match may_run_twice {
        true => {
            let kept = account.clone();
            let maker = move || {
                request(&app, checked.clone(), name.clone(), variables.clone(), caller.clone()).data(kept.clone())
            };
            (maker(), Some(Box::new(maker) as again::Maker))
        }
        false => (request(&app, checked, name, variables, caller).data(account.clone()), None),
    };
    Ok(Operation { kind, request, again, asked, account, shared, is_known })
}

/// What the executor is given.
fn request(
    app: &Arc<App>,
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
        request = request.data(loaders::Loaders::new(app, who));
    }
    request.data(caller)
}

/// Gives variables that were left out their declared values. The executor does so for arguments, but not for `@skip` and
/// `@include`.
fn fill(variables: &mut Variables, operation: &OperationDefinition) {
    for declared in operation.variable_definitions.iter().map(|it| &it.node) {
        if let (Some(value), false) = (declared.default_value(), variables.contains_key(&declared.name.node)) {
            variables.insert(declared.name.node.clone(), value.clone());
        }
    }
}

/// Runs a query or a mutation, for as long as it may take. What is dropped in the middle of a transaction is rolled back
/// with it.
pub async fn execute(engine: &Engine, operation: Operation) -> Response {
    let Operation { kind, request, again, asked, account, is_known, .. } = operation;
    let seconds = engine.app.config.operation_seconds;
    let schema = if is_known { &engine.quick } else { &engine.schema };
    let kind = word(kind);
    let span = tracing::info_span!("operation", request_id = %asked.request_id, kind);
    let begun = Instant::now();
    let run = again::run(&engine.app, schema, request, again).instrument(span);
    let response = match tokio::time::timeout(Duration::from_secs(seconds), run).await {
        Ok(response) => response,
        Err(_) => Response::from_errors(vec![late(seconds)]),
    };
    let outcome = if response.is_ok() { "ok" } else { "errors" };
    engine.app.metrics.operation(kind, outcome, Some(begun.elapsed()));
    asked.finish(response, Some(&account))
}

fn word(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

/// Runs any operation; queries and mutations answer once, subscriptions until they are dropped.
pub fn stream(engine: &Engine, operation: Operation) -> impl Stream<Item = Answer> + Send + use<> {
    if operation.kind != OperationType::Subscription {
        let engine = engine.clone();
        let operation = Operation { is_known: false, ..operation.with(fresh::Lasting) };
        return futures::stream::once(async move { Answer::from(execute(&engine, operation).await) }).left_stream();
    }
    let Operation { request, asked, account, shared, .. } = operation;
    engine.app.metrics.operation("subscription", "ok", None);
    let open = engine.app.metrics.subscription();
    let answers = match shared {
        Some(shared) => cohort::listen(engine, request, shared, asked, account).left_stream(),
        None => answers(engine, request.data(fresh::Lasting), asked, Some(account)).right_stream(),
    };
    // Open for as long as somebody holds the stream.
    answers.inspect(move |_| _ = &open).right_stream()
}

/// The answers of a subscription; the first tells who pays for it how their account stands.
fn answers(
    engine: &Engine,
    request: Request,
    asked: Asked,
    account: Option<Account>,
) -> impl Stream<Item = Answer> + Send + use<> {
    let responses = engine.schema.execute_stream(request);
    AssertUnwindSafe(responses).catch_unwind().enumerate().map(move |(number, response)| {
        let response = response.unwrap_or_else(|_| Response::from_errors(vec![panicked()]));
        Answer::from(asked.finish(response, account.as_ref().filter(|_| number == 0)))
    })
}

/// The answer as it leaves the house.
fn answer(mut response: Response, request_id: Uuid, account: Option<&Account>) -> Response {
    if let Some(account) = account {
        account.note(&mut response);
    }
    error::finish(response, request_id)
}

fn late(seconds: u64) -> ServerError {
    let message = format!(
        "the operation took longer than {seconds} s and was stopped: nothing of what it had not finished was kept; \
         ask for less at once, or repeat a mutation with its `idempotencyKey`"
    );
    fault(Code::Timeout, message)
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
