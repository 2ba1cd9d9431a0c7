// Choosing files of a cloud, and linking them.

import { graphql } from "./generated/gql.js";

export const Mistake = graphql(`
  fragment Mistake on UserError {
    __typename
    code
    message
    path
    ... on NameTaken { existingId }
    ... on NeedsReauth { connectionId }
    ... on ProviderUnavailable { retryAt }
  }
`);

export const Create = graphql(`
  mutation Create($input: DocumentCreateInput!) {
    documentCreate(input: $input) {
      document { ...DocumentRow }
      userErrors { ...Mistake }
    }
  }
`);

export const Link = graphql(`
  mutation Link($input: DocumentLinkInput!) {
    documentLink(input: $input) {
      results {
        document { ...DocumentRow }
        userErrors { ...Mistake }
      }
      userErrors { ...Mistake }
    }
  }
`);

export const Reorder = graphql(`
  mutation Reorder($input: DocumentReorderInput!) {
    documentReorder(input: $input) { document { id position } userErrors { ...Mistake } }
  }
`);
