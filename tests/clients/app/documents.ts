// What a file browser shows: a folder's documents page by page, each as one row.

import { graphql } from "./generated/gql.js";

export const DocumentRow = graphql(`
  fragment DocumentRow on Document {
    id
    kind
    name
    nameToken
    modifiedAt
    viewerCan
    thumbnail(size: SMALL) { url expiresAt }
    content { mimeType size state }
  }
`);

export const DocumentList = graphql(`
  query DocumentList($below: ID!, $first: Int!, $after: Cursor, $orderBy: DocumentOrder) {
    document(id: $below) {
      name
      ancestors { id name }
      children(first: $first, after: $after, orderBy: $orderBy) {
        totalCount
        nodes { ...DocumentRow }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);
