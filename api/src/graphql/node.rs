//! Ids and the `Node` interface. An id says which noun it belongs to (`doc_01j…`), so that the wrong one is refused
//! with the name of the right one, instead of finding nothing.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    Context, ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, Interface, Object, OutputType,
    Positioned, Result, ServerResult, Value, parser::types::Field, registry::Registry,
};
use hawser_domain::{audit, connection, feed, group, job, persisted_operation, token, user};
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

use super::{
    audit::AuditEntry,
    caller::{app, viewer},
    connection::Connection,
    document::Document,
    error::{self, Code},
    feed::Feed,
    group::Group,
    job::Job,
    loaders::loaders,
    persisted_operation::PersistedOperation,
    provider::Provider,
    token::Token,
    user::User,
};

/// A noun that ids can belong to.
pub trait Kind: Send + Sync + 'static {
    /// The word before the underscore.
    const PREFIX: &'static str;
    /// How an error calls it.
    const NAME: &'static str;
}

macro_rules! kinds {
    ($($noun:ident $prefix:literal $name:literal)*) => {$(
        #[doc = concat!("Marks the ids of: ", $name, ".")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $noun {}
        impl Kind for $noun {
            const PREFIX: &'static str = $prefix;
            const NAME: &'static str = $name;
        }
    )*

        /// The words of all nouns, with how they are called.
        pub const ALL: &[(&str, &str)] = &[$(($prefix, $name)),*];
    };
}

/// One line per noun.
pub mod of {
    use super::Kind;
    kinds! {
        AuditEntry "audit" "audit entry"
        Connection "conn" "connection"
        ConnectionFlow "flow" "consent"
        Document "doc" "document"
        Feed "feed" "feed"
        Group "group" "group"
        Job "job" "job"
        PersistedOperation "op" "persisted operation"
        Provider "prov" "provider"
        Token "token" "token"
        User "user" "user"
    }
}

/// An id of one noun. In the schema it is an `ID`.
#[derive(Debug)]
pub struct Id<K>(pub Uuid, PhantomData<fn() -> K>);

impl<K> Id<K> {
    pub fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}

impl<K: Kind> From<Uuid> for Id<K> {
    fn from(uuid: Uuid) -> Self {
        Self::new(uuid)
    }
}

impl<K: Kind> From<Id<K>> for ID {
    fn from(id: Id<K>) -> Self {
        ID(write(K::PREFIX, id.0))
    }
}

/// An id of a user or a group: whoever a permission can be given to.
#[derive(Debug, Clone, Copy)]
pub struct PrincipalId(pub Uuid);

impl From<Uuid> for PrincipalId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

/// The text of an id.
fn write(prefix: &str, uuid: Uuid) -> String {
    // Prefixes are constants of lowercase letters, which is all that a `DynamicType` asks for.
    match DynamicType::new(prefix) {
        Ok(prefix) => TypeSafeId::from_type_and_uuid(prefix, uuid).to_string(),
        Err(_) => format!("{prefix}_{uuid}"),
    }
}

/// The id of a thing of a noun that is called by its name, as in the audit.
pub fn id_of(noun: &str, uuid: Uuid) -> Option<ID> {
    let (prefix, _) = of::ALL.iter().find(|(_, name)| *name == noun.replace('_', " "))?;
    Some(ID(write(prefix, uuid)))
}

/// An id of any noun.
pub fn any(id: &ID) -> Result<Uuid> {
    let known = read(id).filter(|(prefix, _)| of::ALL.iter().any(|(known, _)| known == prefix));
    known.map(|(_, uuid)| uuid).ok_or_else(|| no_id(id))
}

fn no_id(id: &ID) -> async_graphql::Error {
    error::bad_input(format!("{:?} is no id; ids look like `doc_01j…`", id.as_str()))
}

fn read(text: &str) -> Option<(String, Uuid)> {
    let id: TypeSafeId<DynamicType> = text.parse().ok()?;
    Some((id.type_prefix().to_owned(), id.uuid()))
}

fn expect<T: InputType + From<Uuid>>(value: &Value, allowed: &[(&str, &str)]) -> InputValueResult<T> {
    let text = match value {
        Value::String(text) => text.as_str(),
        _ => "",
    };
    let names = allowed.iter().map(|(_, name)| *name).collect::<Vec<_>>().join(" or a ");
    let prefixes = allowed.iter().map(|(prefix, _)| format!("`{prefix}_…`")).collect::<Vec<_>>().join(" or ");
    let message = match read(text) {
        Some((prefix, uuid)) if allowed.iter().any(|(allowed, _)| *allowed == prefix) => return Ok(uuid.into()),
        Some((prefix, _)) => {
            format!("the id of a {names} is expected here ({prefixes}), and this one begins with `{prefix}_`")
        }
        None => format!("the id of a {names} is expected here ({prefixes}), and this is no id at all"),
    };
    Err(InputValueError::custom(message).with_extension("code", Code::BadUserInput.as_str()))
}

impl<K: Kind> InputType for Id<K> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        expect(&value.unwrap_or_default(), &[(K::PREFIX, K::NAME)])
    }

    fn to_value(&self) -> Value {
        Value::String(write(K::PREFIX, self.0))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<K: Kind> OutputType for Id<K> {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(InputType::to_value(self))
    }
}

impl InputType for PrincipalId {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let allowed = [(of::User::PREFIX, of::User::NAME), (of::Group::PREFIX, of::Group::NAME)];
        expect(&value.unwrap_or_default(), &allowed)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// Anything that has an id of its own and can be read again by it.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id, unique among all nouns and stable for ever."))]
pub enum Node {
    AuditEntry(AuditEntry),
    Connection(Connection),
    Document(Document),
    Feed(Feed),
    Group(Group),
    Job(Job),
    PersistedOperation(PersistedOperation),
    Provider(Provider),
    Token(Token),
    User(User),
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Reads any object by its id; null when there is none, or none that you may see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The id of the object.")] id: ID) -> Result<Option<Node>> {
        load(ctx, &id).await
    }

    /// Reads up to 100 objects by their ids, in the order asked for, with null where there is none that you may see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids of the objects, 100 at most.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>> {
        if ids.len() > 100 {
            return Err(error::bad_input("at most 100 ids can be asked for at once"));
        }
        futures::future::try_join_all(ids.iter().map(|id| load(ctx, id))).await
    }
}

async fn load(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let (app, who) = (app(ctx)?, viewer(ctx)?);
    let (prefix, uuid) = read(id).ok_or_else(|| no_id(id))?;
    Ok(match prefix.as_str() {
        of::AuditEntry::PREFIX => error::maybe(audit::find(app, who, uuid).await)?.map(|it| AuditEntry(it).into()),
        of::Connection::PREFIX => error::maybe(connection::find(app, who, uuid).await)?.map(|it| Connection(it).into()),
        of::Document::PREFIX => loaders(ctx)?.documents.load_one(uuid).await?.map(|it| Document(it).into()),
        of::Feed::PREFIX => error::maybe(feed::find(app, who, uuid).await)?.map(|it| Feed(it).into()),
        of::Group::PREFIX => error::maybe(group::find(app, who, uuid).await)?.map(|it| Group(it).into()),
        of::Job::PREFIX => error::maybe(job::find(app, who, uuid).await)?.map(|it| Job(it).into()),
        of::PersistedOperation::PREFIX => {
            error::maybe(persisted_operation::find(app, who, uuid).await)?.map(|it| PersistedOperation(it).into())
        }
        of::Provider::PREFIX => loaders(ctx)?.providers.load_one(uuid).await?.map(|it| Provider(it).into()),
        of::Token::PREFIX => error::maybe(token::find(app, who, uuid).await)?.map(|it| Token(it).into()),
        of::User::PREFIX => error::maybe(user::find(app, who, uuid).await)?.map(|it| User(it).into()),
        _ => return Err(error::bad_input(format!("no node has ids that begin with `{prefix}_`"))),
    })
}
