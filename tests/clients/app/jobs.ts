// The board of jobs.

import { graphql } from "./generated/gql.js";

export const JobCard = graphql(`
  fragment JobCard on Job { id kind class state attempt maxAttempts error runAt finishedAt document { id name } }
`);

export const JobBoard = graphql(`
  query JobBoard($states: [JobState!], $after: Cursor) {
    jobCounts { state count }
    jobs(first: 20, after: $after, filter: { states: $states }) {
      nodes { ...JobCard }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const JobUpdated = graphql(`
  subscription JobUpdated { jobUpdated { ...JobCard } }
`);
