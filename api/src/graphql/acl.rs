//! Access rules of documents.

use async_graphql::{Context, Description, Enum, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use hawser_domain::{Error, acl, acl::Permission as DomainPermission, document::Model, entity::acl_entry};

use super::{
    caller::{app, viewer},
    document::{Document, payloads, token},
    error::{self, UserError},
    loaders::loaders,
    node::{Id, PrincipalId, of},
    principal::{Principal, principal},
    user::User,
};

/// What somebody may do with a document; each includes those before it.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "DomainPermission")]
pub enum Permission {
    /// To see it and its content.
    Read,
    /// To change it, and to create documents in it.
    Write,
    /// To say who may do what.
    Admin,
}

/// A permission somebody gave on one document. It holds for everything below, too.
#[derive(Description)]
pub struct AccessEntry(acl_entry::Model);

#[Object(use_type_description)]
impl AccessEntry {
    /// Who has it; null when the person or group is gone.
    async fn principal(&self, ctx: &Context<'_>) -> Result<Option<Principal>> {
        principal(ctx, self.0.principal_id).await
    }

    /// What they may do.
    async fn permission(&self) -> Permission {
        self.0.permission.into()
    }

    /// The document it was given on; null where you may not see that one.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<Document>> {
        Ok(loaders(ctx)?.documents.load_one(self.0.document_id).await?.map(Document))
    }

    /// Who gave it; null when the server did, or when the person is gone.
    async fn granted_by(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        match self.0.granted_by {
            Some(id) => Ok(loaders(ctx)?.users.load_one(id).await?.map(User)),
            None => Ok(None),
        }
    }

    /// When it was given.
    async fn granted_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// What holds for somebody in the end.
#[derive(Description)]
pub struct EffectiveAccess(acl::Entry);

#[Object(use_type_description)]
impl EffectiveAccess {
    /// For whom; null when the person or group is gone.
    async fn principal(&self, ctx: &Context<'_>) -> Result<Option<Principal>> {
        principal(ctx, self.0.principal_id).await
    }

    /// The greatest of what was given here and above.
    async fn permission(&self) -> Permission {
        self.0.permission.into()
    }
}

/// Who may do what with a document. Permissions given above hold below, too, and add up, unless a document between blocks
/// them. Users with the role ADMIN may do everything and are not listed.
#[derive(Description)]
pub struct AccessRules(pub acl::Rules);

#[Object(use_type_description)]
impl AccessRules {
    /// What was given on this very document.
    async fn entries(&self) -> Vec<AccessEntry> {
        self.0.entries.iter().cloned().map(AccessEntry).collect()
    }

    /// What was given above and holds here, nearest first.
    async fn inherited(&self) -> Vec<AccessEntry> {
        self.0.inherited.iter().cloned().map(AccessEntry).collect()
    }

    /// What comes of both.
    async fn effective(&self) -> Vec<EffectiveAccess> {
        self.0.effective.iter().copied().map(EffectiveAccess).collect()
    }

    /// Whether what was given above is cut off here.
    async fn blocks_inheritance(&self) -> bool {
        self.0.blocks_inheritance
    }
}

/// A permission to give.
#[derive(InputObject)]
struct AclGrantInput {
    /// The document to give it on.
    document_id: Id<of::Document>,
    /// The person or group to give it to.
    principal_id: PrincipalId,
    /// What they may do from now on; it replaces what was given to them on this document before.
    permission: Permission,
    /// The document's `nameToken` as you last read it: a document that moved has other rules above it.
    name_token: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

/// A permission to take back.
#[derive(InputObject)]
struct AclRevokeInput {
    /// The document it was given on.
    document_id: Id<of::Document>,
    /// The person or group it was given to.
    principal_id: PrincipalId,
    /// The document's `nameToken` as you last read it.
    name_token: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

/// Whether a document listens to what was given above it.
#[derive(InputObject)]
struct AclBlockInheritanceInput {
    /// The document.
    document_id: Id<of::Document>,
    /// True cuts off what was given above; false lets it in again.
    block: bool,
    /// The document's `nameToken` as you last read it.
    name_token: String,
    /// A key of your own making for this intent: the same request with the same key is answered, not repeated.
    idempotency_key: Option<String>,
}

payloads! {
    /// The outcome of `aclGrant`.
    AclGrantPayload
    /// The outcome of `aclRevoke`.
    AclRevokePayload
    /// The outcome of `aclBlockInheritance`.
    AclBlockInheritancePayload
}

#[derive(Default)]
pub struct AclMutation;

#[Object]
impl AclMutation {
    /// Gives a person or a group a permission on a document and everything below it. Needs ADMIN, and you keep it.
    async fn acl_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to whom.")] input: AclGrantInput,
    ) -> Result<AclGrantPayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        AclGrantPayload::of(
            "documentId",
            async {
                let grant = acl::Grant {
                    document_id: input.document_id.0,
                    principal_id: input.principal_id.0,
                    permission: input.permission.into(),
                    expected_name_token: Some(token(&input.name_token)?),
                };
                acl::grant(app, who, grant, input.idempotency_key.as_deref()).await
            }
            .await,
        )
    }

    /// Takes back what was given to a person or a group on this very document. Needs ADMIN, and you keep it.
    async fn acl_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From whom.")] input: AclRevokeInput,
    ) -> Result<AclRevokePayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        AclRevokePayload::of(
            "documentId",
            async {
                let revoke = acl::Revoke {
                    document_id: input.document_id.0,
                    principal_id: input.principal_id.0,
                    expected_name_token: Some(token(&input.name_token)?),
                };
                acl::revoke(app, who, revoke, input.idempotency_key.as_deref()).await
            }
            .await,
        )
    }

    /// Cuts off what was given above a document, or lets it in again. Needs ADMIN; if yours came from above, you get an
    /// entry of your own.
    async fn acl_block_inheritance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which document, and whether.")] input: AclBlockInheritanceInput,
    ) -> Result<AclBlockInheritancePayload> {
        let (app, who) = (app(ctx)?, viewer(ctx)?);
        AclBlockInheritancePayload::of(
            "documentId",
            async {
                let block = acl::Block {
                    document_id: input.document_id.0,
                    block: input.block,
                    expected_name_token: Some(token(&input.name_token)?),
                };
                acl::block_inheritance(app, who, block, input.idempotency_key.as_deref()).await
            }
            .await,
        )
    }
}
