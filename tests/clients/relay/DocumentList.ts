// A folder's documents, page by page, as Relay wants lists to be.

import { graphql } from "relay-runtime";

export const query = graphql`
  query DocumentListQuery($id: ID!) {
    document(id: $id) {
      name
      ...DocumentList_folder
    }
  }
`;

export const fragment = graphql`
  fragment DocumentList_folder on Document
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "Cursor" })
  @refetchable(queryName: "DocumentListPageQuery") {
    children(first: $count, after: $cursor, orderBy: { field: NAME, direction: DESC })
      @connection(key: "DocumentList_children") {
      totalCount
      edges {
        node {
          id
          ...DocumentList_row
        }
      }
    }
  }
`;

export const row = graphql`
  fragment DocumentList_row on Document {
    name
    kind
    modifiedAt
    thumbnail(size: SMALL) {
      url
    }
    ...DocumentList_refreshed
  }
`;

export const refreshed = graphql`
  fragment DocumentList_refreshed on Document @refetchable(queryName: "DocumentListRefreshedQuery") {
    content {
      size
      state
    }
  }
`;

export const live = graphql`
  subscription DocumentListSubscription($since: Cursor!, $filter: ChangeFilter) {
    changes(since: $since, filter: $filter) {
      cursor
      resync
      changes {
        kind
        subjectId
        document {
          ...DocumentList_row
        }
      }
    }
  }
`;

export const rename = graphql`
  mutation DocumentListRenameMutation($input: DocumentRenameInput!) {
    documentRename(input: $input) {
      document {
        ...DocumentList_row
      }
      userErrors {
        __typename
        code
        message
        path
        ... on NameTaken {
          existingId
        }
      }
    }
  }
`;

export const reorder = graphql`
  mutation DocumentListReorderMutation($id: ID!, $nameToken: String!, $after: ID!) {
    documentReorder(input: { id: $id, nameToken: $nameToken, place: { after: $after } }) {
      document {
        position
      }
      userErrors {
        message
      }
    }
  }
`;

export const remove = graphql`
  mutation DocumentListDeleteMutation($input: DocumentDeleteInput!, $connections: [ID!]!) {
    documentDelete(input: $input) {
      deletedId @deleteEdge(connections: $connections)
      userErrors {
        message
      }
    }
  }
`;
