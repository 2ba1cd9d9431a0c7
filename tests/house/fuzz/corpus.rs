//! Good operations, to be broken. None ends a session or changes who may sign in: the token has to last.

use serde_json::{Value, json};

/// A good operation.
pub struct Good {
    pub text: &'static str,
    pub variables: Value,
}

const DOCUMENT: &str =
    "fragment row on Document { id kind name nameToken viewerCan parent { id name } content { size state } }";

/// All of them; `workspace` is an id that means something.
pub fn corpus(workspace: &str) -> Vec<Good> {
    let good = |text, variables| Good { text, variables };
    vec![
        good("{ __typename }", json!({})),
        good("query { viewer { user { id name email role } scopes isSession groups { name } } }", json!({})),
        good(
            "query List($below: ID, $first: Int = 10, $after: Cursor) { documents(below: $below, first: $first, after: $after, \
             filter: { kinds: [FOLDER, FILE] }, orderBy: { field: NAME, direction: DESC }) { totalCount nodes { id name } \
             edges { cursor node { ... on Document { kind } } } pageInfo { hasNextPage endCursor } } }",
            json!({ "below": workspace, "first": 5 }),
        ),
        good(
            "query One($id: ID!, $more: Boolean!) { document(id: $id) { ...row children(first: 3) { nodes { ...row } } \
             acl @include(if: $more) { entries { permission } } audit @skip(if: $more) { nodes { action } } } } \
             fragment row on Document { id kind name viewerCan parent { id name } content { size state } }",
            json!({ "id": workspace, "more": true }),
        ),
        good(
            "query Node($id: ID!, $ids: [ID!]!) { node(id: $id) { __typename id ... on Document { name } } nodes(ids: $ids) { id } }",
            json!({ "id": workspace, "ids": [workspace, "nonsense", workspace] }),
        ),
        good(
            "query Find($query: String!, $facets: [SearchFacetField!]!) { search(query: $query, first: 3, facets: $facets, \
             filter: { size: { from: \"1\", to: \"9007199254740993\" }, kinds: [PDF], modified: { from: \"2026-01-01T00:00:00Z\" } }) \
             { totalCount nodes { document { name } highlights { name { html } } } facets { field buckets { value count } } } }",
            json!({ "query": "name:\"a b\" OR -(har* size:>10mb)", "facets": ["KIND", "MODIFIED"] }),
        ),
        good("query Changes($since: Cursor!) { changes(since: $since) { cursor hasMore } }", json!({ "since": "x" })),
        good(
            "{ a: changeCursor b: changeCursor jobs(first: 2) { nodes { id state } } jobCounts { state count } }",
            json!({}),
        ),
        good("{ providers { nodes { id name kind capabilities { feature capability } } } }", json!({})),
        good(
            "{ __schema { types { name kind fields { name args { name } type { name ofType { name } } } } } }",
            json!({}),
        ),
        good("{ __type(name: \"Document\") { name fields(includeDeprecated: true) { name } } }", json!({})),
        good(
            "{ principals(search: \"adm\", first: 5) { __typename ... on User { name } ... on Group { name } } }",
            json!({}),
        ),
        good(
            "mutation Create($input: DocumentCreateInput!) { documentCreate(input: $input) { document { id name } userErrors \
             { __typename code message path ... on NameTaken { existingId } ... on StaleToken { currentToken } } } }",
            json!({ "input": { "kind": "FOLDER", "name": "fuzz", "parentId": workspace, "idempotencyKey": "one" } }),
        ),
        good(
            "mutation Rename($input: DocumentRenameInput!) { documentRename(input: $input) { document { name } userErrors { code path } } }",
            json!({ "input": { "id": workspace, "name": "Other", "nameToken": "stale" } }),
        ),
        good(
            "mutation Place($input: DocumentReorderInput!) { documentReorder(input: $input) { userErrors { code } } }",
            json!({ "input": { "id": workspace, "nameToken": "x", "place": { "after": workspace } } }),
        ),
        good(
            "mutation Link($input: DocumentLinkInput!) { documentLink(input: $input) { results { document { id } } userErrors { code } } }",
            json!({ "input": { "connectionId": workspace, "parentId": workspace, "items": [{ "cloudFileId": "1" }] } }),
        ),
        good(
            "subscription Hear($since: Cursor, $filter: ChangeFilter) { changes(since: $since, filter: $filter, maxBatch: 10) \
             { cursor resync changes { kind noun subjectId document { name } } } }",
            json!({ "filter": { "nouns": ["DOCUMENT"], "kinds": ["CREATED"], "documentIds": [workspace] } }),
        ),
        good("subscription { documentChanged { kind document { id name } cursor } }", json!({})),
        good("subscription One($id: ID) { documentChanged(id: $id) { kind } }", json!({ "id": workspace })),
        good(DOCUMENT, json!(null)),
    ]
}
