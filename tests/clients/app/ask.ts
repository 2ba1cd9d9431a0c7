// As little of a client as a typed document needs.

import { TypedDocumentString } from "./generated/graphql.js";

const url = process.env["GRAPHQL_URL"] as string;
const token = process.env["GRAPHQL_TOKEN"] as string;

async function post<Data>(body: object): Promise<Data> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/graphql-response+json",
    },
    body: JSON.stringify(body),
  });
  const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Sends the text of a document. */
export const ask = <Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables) =>
  post<Data>({ query: document.toString(), variables });

/** Sends the name of a document that the server knows. */
export function askById<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables) {
  const documentId = document.__meta__?.["hash"] as string;
  return post<Data>({ documentId, variables });
}
