// @urql/core with its own Accept header: HTTP, subscriptions over graphql-ws, and subscriptions over fetch.

import assert from "node:assert/strict";
import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { ask, authorization, create, heardOf, httpUrl, inbox, judge, rename, run, scene, socketUrl, test } from "./scene.mjs";

const WORKSPACES = gql`
  query Workspaces($first: Int!) {
    workspaces(first: $first) { nodes { id name } }
  }
`;
const RENAME = gql`
  mutation Rename($input: DocumentRenameInput!) {
    documentRename(input: $input) { document { id name } userErrors { code path } }
  }
`;
const CHANGED = gql`
  subscription Changed($id: ID) {
    documentChanged(id: $id) { kind documentId document { id name } }
  }
`;
const CHANGES = gql`
  subscription Changes($since: Cursor) {
    changes(since: $since) { cursor resync changes { kind subjectId } }
  }
`;

/** Remembers what each request asked for and what it was answered with. */
function recorder() {
  const requests = [];
  return {
    requests,
    fetch: async (address, options) => {
      const answer = await fetch(address, options);
      requests.push({ method: options.method, accept: options.headers.accept, type: answer.headers.get("content-type") });
      return answer;
    },
  };
}

function client(options = {}) {
  const { exchanges = [cacheExchange, fetchExchange], headers = {}, ...rest } = options;
  // What this client does by GET has to be said to be no simple request of a page.
  return new Client({
    url: httpUrl,
    exchanges,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization, ...headers } },
    ...rest,
  });
}

test("a query with urql's own Accept header is answered as one JSON document", async () => {
  const { requests, fetch } = recorder();
  const { data, error } = await client({ fetch }).query(WORKSPACES, { first: 100 });
  assert.equal(error, undefined);
  assert.ok(data.workspaces.nodes.some((it) => it.id === scene.workspaceId));
  assert.match(requests[0].accept, /text\/event-stream/, "this client is only of interest as long as it asks for streams");
  assert.match(requests[0].type, /^application\/graphql-response\+json/);
});

test("a query by GET is answered where the header of preflights is sent", async () => {
  const { requests, fetch } = recorder();
  const urql = client({ fetch, preferGetMethod: "force", headers: { "graphql-require-preflight": "1" } });
  const { data, error } = await urql.query(WORKSPACES, { first: 100 });
  assert.equal(error, undefined, String(error));
  assert.ok(data.workspaces.nodes.length > 0);
  assert.equal(requests[0].method, "GET");
});

test("a mutation's user errors are data, and errors have their codes", async () => {
  const workspace = await create(`urql ${run}`);
  const urql = client();
  const input = { id: workspace.id, name: `urql renamed ${run}` };
  const refused = await urql.mutation(RENAME, { input: { ...input, name: "a/b", nameToken: workspace.nameToken } });
  assert.equal(refused.data.documentRename.userErrors[0].code, "INVALID");
  const done = await urql.mutation(RENAME, { input: { ...input, nameToken: workspace.nameToken } });
  assert.equal(done.data.documentRename.document.name, input.name);

  const { error } = await urql.query(gql`query Unknown { noSuchField }`, {});
  assert.equal(error.networkError, undefined, String(error));
  assert.equal(error.graphQLErrors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
});

test("a subscription over graphql-ws hears of a mutation", async () => {
  const socket = createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: { authorization } });
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  });
  const urql = client({ exchanges: [cacheExchange, fetchExchange, subscriptionExchange({ forwardSubscription })] });
  const workspace = await create(`urql live ${run}`);
  const heard = inbox("documentChanged in urql");
  const { unsubscribe } = urql.subscription(CHANGED, { id: workspace.id }).subscribe((result) => heard.put(result));
  const { data, error } = await heardOf(workspace.id, heard);
  assert.equal(error, undefined, String(error));
  assert.equal(data.documentChanged.documentId, workspace.id);
  assert.equal(data.documentChanged.kind, "MOVED");
  unsubscribe();
  await socket.dispose();
});

test("a subscription over fetch is a stream of events, and hears of a mutation", async () => {
  const { requests, fetch } = recorder();
  const urql = client({ fetch, fetchSubscriptions: true });
  const workspace = await create(`urql stream ${run}`);
  const { changeCursor } = await ask("{ changeCursor }");
  await rename(workspace.id, `urql stream renamed ${run}`);
  const heard = inbox("changes in urql");
  const { unsubscribe } = urql.subscription(CHANGES, { since: changeCursor }).subscribe((result) => heard.put(result));
  for (let about = []; !about.includes(workspace.id); ) {
    const { data, error } = await heard.take();
    assert.equal(error, undefined, String(error));
    about = data.changes.changes.map((it) => it.subjectId);
  }
  assert.match(requests[0].type, /^text\/event-stream/);
  unsubscribe();
});

await judge();
