//! The schema, put together from one room per noun. This file is the table of contents: a noun adds its structs to the
//! three lists below. How an operation gets to the schema stands in `operation`.

use std::sync::Arc;

use async_graphql::{Json, MergedObject, MergedSubscription, SDLExportOptions, SchemaBuilder, ValidationMode};
use chrono::{DateTime, Utc};
use hawser_domain::App;
use serde_json::Value;

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
mod operation;
mod page;
mod password;
mod persisted_operation;
mod principal;
mod provider;
mod rate_limit;
mod scalar;
mod search;
mod session;
mod stage;
mod token;
mod user;
mod viewer;

pub use caller::Caller;
pub use change::{ResumeFrom, cursor_now};
pub use error::Code;
pub use operation::{
    Answer, Audience, Engine, Operation, Parameters, check, execute, is_unknown, listen, prepare, ran, run, stream,
};
pub use session::CookieSession;

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
    persisted_operation::PersistedOperationQuery,
    principal::PrincipalQuery,
    provider::ProviderQuery,
    rate_limit::RateLimitQuery,
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

/// The schema with the house behind it.
fn schema(app: Arc<App>) -> Schema {
    builder().extension(stage::Stages).extension(fresh::Freshness).extension(operation::Remembered).data(app).finish()
}

/// The same for what was found valid before and is answered once: nothing is asked for each field.
fn quick(app: Arc<App>) -> Schema {
    builder().validation_mode(ValidationMode::Fast).data(app).finish()
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
        // The limits stand in `operation::limits`; suggestions are made there too, for those who may see them.
        .disable_suggestions()
        .override_output_type_description::<DateTime<Utc>>(scalar::DATE_TIME)
        .override_output_type_description::<Json<Value>>(scalar::JSON)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schema_is_written_without_a_house_behind_it() {
        let sdl = super::sdl();
        assert!(sdl.contains("interface Node") && sdl.contains("type Query"), "{sdl}");
    }
}
