// A search box with facets.

import { graphql } from "./generated/gql.js";

export const Search = graphql(`
  query Search($query: String!, $filter: SearchFilter, $facets: [SearchFacetField!]!) {
    search(query: $query, filter: $filter, facets: $facets, first: 10) {
      totalCount
      suggestion
      warnings { code message }
      facets { field buckets { value label count } }
      nodes {
        document { ...DocumentRow }
        highlights {
          name { html }
          content { html marks { from to } }
        }
      }
    }
  }
`);
