// What keeps all of it live.

import { graphql } from "./generated/gql.js";

export const ChangeCursor = graphql(`
  query ChangeCursor { changeCursor }
`);

export const Changes = graphql(`
  subscription Changes($since: Cursor!, $filter: ChangeFilter) {
    changes(since: $since, filter: $filter) {
      cursor
      resync
      changes { at kind noun subjectId gone document { ...DocumentRow } }
    }
  }
`);
