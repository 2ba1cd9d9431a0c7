//! The schema, put together from one room per noun, and the two ways to run an operation on it. This file is the table
//! of contents: a noun adds its structs to the three lists below.

use std::{panic::AssertUnwindSafe, sync::Arc};

use async_graphql::{
    MergedObject, MergedSubscription, Request, Response, SDLExportOptions, SchemaBuilder, ServerError,
};
use futures::{FutureExt, Stream, StreamExt};
use hawser_domain::{App, Error};

mod acl;
mod audit;
mod caller;
mod capabilities;
mod change;
mod cloud_file;
mod connection;
mod content;
mod document;
mod error;
mod extraction;
mod feed;
mod fresh;
mod group;
mod job;
mod loaders;
mod node;
mod page;
mod password;
mod principal;
mod provider;
mod scalar;
mod search;
mod session;
mod stage;
mod token;
mod user;
mod viewer;

pub use caller::Caller;
pub use error::Code;

/// Where reading begins.
#[derive(MergedObject, Default)]
pub struct Query(
    audit::AuditQuery,
    capabilities::CapabilitiesQuery,
    change::ChangeQuery,
    cloud_file::CloudFileQuery,
    connection::ConnectionQuery,
    document::DocumentQuery,
    group::GroupQuery,
    job::JobQuery,
    node::NodeQuery,
    principal::PrincipalQuery,
    provider::ProviderQuery,
    search::SearchQuery,
    user::UserQuery,
    viewer::ViewerQuery,
);

/// Everything that changes something. Mutations are named after the noun first, take one `input`, and answer with the
/// thing and `userErrors`.
#[derive(MergedObject, Default)]
pub struct Mutation(
    acl::AclMutation,
    connection::ConnectionMutation,
    content::ContentMutation,
    document::DocumentMutation,
    document::TrashMutation,
    feed::FeedMutation,
    group::GroupMutation,
    job::JobMutation,
    password::PasswordMutation,
    provider::ProviderMutation,
    session::SessionMutation,
    token::TokenMutation,
    user::UserMutation,
);

/// What tells you when something changes.
#[derive(MergedSubscription, Default)]
pub struct Subscription(change::ChangeSubscription);

pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

const DEPTH: usize = 15;
const COMPLEXITY: usize = 50_000;
const RECURSION: usize = 32;
const DIRECTIVES: usize = 20;

/// The schema with the house behind it.
pub fn schema(app: Arc<App>) -> Schema {
    builder().data(app).finish()
}

/// The schema as text, sorted: the contract with front ends. Needs no house.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .prefer_single_line_descriptions()
        .include_specified_by();
    builder().finish().sdl_with_options(options)
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .limit_depth(DEPTH)
        .limit_complexity(COMPLEXITY)
        .limit_recursive_depth(RECURSION)
        .limit_directives(DIRECTIVES)
        .extension(stage::Stages)
        .extension(fresh::Freshness)
}

/// Runs a query or a mutation.
pub async fn execute(app: &Arc<App>, schema: &Schema, request: Request, caller: Caller) -> Response {
    let request_id = caller.request_id;
    let run = AssertUnwindSafe(schema.execute(prepared(app, request, caller))).catch_unwind();
    let response = run.await.unwrap_or_else(|_| Response::from_errors(vec![panicked()]));
    error::finish(response, request_id)
}

/// Runs any operation; queries and mutations answer once, subscriptions until they are dropped.
pub fn stream(
    app: &Arc<App>,
    schema: &Schema,
    request: Request,
    caller: Caller,
) -> impl Stream<Item = Response> + Send + use<> {
    let request_id = caller.request_id;
    let responses =
        AssertUnwindSafe(schema.execute_stream(prepared(app, request, caller).data(fresh::Lasting))).catch_unwind();
    responses.map(move |response| {
        let response = response.unwrap_or_else(|_| Response::from_errors(vec![panicked()]));
        error::finish(response, request_id)
    })
}

fn prepared(app: &Arc<App>, mut request: Request, caller: Caller) -> Request {
    if let Some(who) = &caller.principal {
        request = request.data(loaders::Loaders::new(app, who));
    }
    request.data(caller)
}

fn panicked() -> ServerError {
    async_graphql::Error::new_with_source(Error::Internal("a resolver panicked".into()))
        .into_server_error(Default::default())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_written_without_a_house_behind_it() {
        let sdl = super::sdl();
        assert!(sdl.contains("interface Node") && sdl.contains("type Query"), "{sdl}");
    }
}
