// Apollo Client 4: HTTP, persisted queries over GET, and its WebSocket link.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import {
  authorization,
  create,
  heardOf,
  httpUrl,
  inbox,
  judge,
  rename as renameElsewhere,
  run,
  scene,
  socketUrl,
  test,
} from "./scene.mjs";

// Browsers have it, and so has newer Node.
globalThis.WebSocket ??= WebSocket;

const WORKSPACES = gql`
  query Workspaces($first: Int!) {
    workspaces(first: $first) { totalCount nodes { id name } }
  }
`;
const DOCUMENT = gql`
  query Document($id: ID!) {
    document(id: $id) { id name nameToken }
  }
`;
const RENAME = gql`
  mutation Rename($input: DocumentRenameInput!) {
    documentRename(input: $input) {
      document { id name nameToken }
      userErrors { __typename code message path ... on StaleToken { currentToken } }
    }
  }
`;
const CHANGED = gql`
  subscription Changed($id: ID) {
    documentChanged(id: $id) { kind documentId document { id name } }
  }
`;

/** What went over the wire: method, and whether the text of the operation was in it. */
function recorder() {
  const requests = [];
  const recorded = async (address, options) => {
    const text = `${address} ${options.body ?? ""}`;
    const answer = await fetch(address, options);
    requests.push({
      method: options.method ?? "GET",
      hasText: /workspaces\(first/.test(decodeURIComponent(text.replaceAll("+", " "))),
      status: answer.status,
      type: answer.headers.get("content-type"),
    });
    return answer;
  };
  return { requests, fetch: recorded };
}

function client(link) {
  return new ApolloClient({ link, cache: new InMemoryCache(), defaultOptions: { query: { fetchPolicy: "network-only" } } });
}

const http = (options = {}) => new HttpLink({ uri: httpUrl, headers: { authorization }, ...options });

test("a query is answered in the media type that Apollo prefers", async () => {
  const { requests, fetch } = recorder();
  const { data, error } = await client(http({ fetch })).query({ query: WORKSPACES, variables: { first: 100 } });
  assert.equal(error, undefined);
  assert.ok(data.workspaces.nodes.some((it) => it.id === scene.workspaceId));
  assert.equal(requests.length, 1);
  assert.match(requests[0].type, /^application\/graphql-response\+json/);
});

test("a mutation's user errors are data, and the cache holds each document once, by its id", async () => {
  const workspace = await create(`Apollo ${run}`);
  const apollo = client(http());
  const seen = inbox("the document in the cache");
  const watched = apollo.watchQuery({ query: DOCUMENT, variables: { id: workspace.id }, fetchPolicy: "cache-and-network" });
  const subscription = watched.subscribe(({ data }) => data?.document && seen.put(data.document.name));
  assert.equal(await seen.take(), `Apollo ${run}`);

  const rename = (input) => apollo.mutate({ mutation: RENAME, variables: { input: { id: workspace.id, ...input } } });
  await renameElsewhere(workspace.id, `Apollo elsewhere ${run}`);
  const stale = await rename({ name: "Never", nameToken: workspace.nameToken });
  const [fault] = stale.data.documentRename.userErrors;
  assert.equal(fault.__typename, "StaleToken");
  assert.notEqual(fault.currentToken, workspace.nameToken);
  assert.equal(stale.data.documentRename.document, null);

  const done = await rename({ name: `Apollo renamed ${run}`, nameToken: fault.currentToken });
  assert.deepEqual(done.data.documentRename.userErrors, []);
  assert.equal(await seen.take(), `Apollo renamed ${run}`, "the answer of the mutation reaches the query that watches");
  subscription.unsubscribe();
  const kept = Object.keys(apollo.cache.extract()).filter((key) => key.startsWith("Document:"));
  assert.deepEqual(kept, [`Document:${workspace.id}`]);
});

test("errors arrive with their codes and are no failures of the network", async () => {
  const fails = async (link, options) => {
    const failed = await client(link).query(options).then(
      ({ data }) => assert.fail(`no error: ${JSON.stringify(data)}`),
      (error) => error,
    );
    assert.ok(CombinedGraphQLErrors.is(failed), String(failed));
    assert.ok(failed.errors[0].extensions.requestId, JSON.stringify(failed.errors));
    return failed.errors[0].extensions.code;
  };
  const unknown = gql`query Unknown { noSuchField }`;
  assert.equal(await fails(http(), { query: unknown }), "GRAPHQL_VALIDATION_FAILED");
  const anonymous = new HttpLink({ uri: httpUrl });
  assert.equal(await fails(anonymous, { query: WORKSPACES, variables: { first: 100 } }), "UNAUTHENTICATED");
  const wrong = new HttpLink({ uri: httpUrl, headers: { authorization: "Bearer hws_nonsense" } });
  assert.equal(await fails(wrong, { query: WORKSPACES, variables: { first: 100 } }), "UNAUTHENTICATED");
  assert.equal(await fails(http(), { query: WORKSPACES, variables: { first: 101 } }), "BAD_USER_INPUT");
});

test("a persisted query is sent by its hash over GET, with its text once", async () => {
  const { requests, fetch } = recorder();
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  const apollo = client(ApolloLink.from([persisted, http({ fetch, headers: { authorization, "graphql-require-preflight": "1" } })]));
  // A query that nobody has sent before: its name is new.
  const name = `Persisted${run}`;
  const query = gql`query ${name}($first: Int!) { workspaces(first: $first) { nodes { id name } } }`;
  for (const first of [99, 100]) {
    const { data } = await apollo.query({ query, variables: { first } });
    assert.ok(data.workspaces.nodes.some((it) => it.id === scene.workspaceId));
  }
  const seen = requests.map(({ method, hasText }) => `${method} ${hasText ? "text" : "hash"}`);
  assert.deepEqual(seen, ["GET hash", "POST text", "GET hash"], JSON.stringify(requests));
});

test("the WebSocket link carries a subscription, a query and a mutation over one socket", async () => {
  const opened = [];
  const socket = createClient({
    url: socketUrl,
    webSocketImpl: WebSocket,
    lazy: false,
    connectionParams: { authorization },
    on: { connected: () => opened.push("connected") },
  });
  const apollo = client(new GraphQLWsLink(socket));
  const { data } = await apollo.query({ query: WORKSPACES, variables: { first: 100 } });
  assert.ok(data.workspaces.nodes.some((it) => it.id === scene.workspaceId));

  const workspace = await create(`Apollo live ${run}`);
  const heard = inbox("documentChanged in Apollo");
  const subscription = apollo.subscribe({ query: CHANGED, variables: { id: workspace.id } }).subscribe({
    next: ({ data, error }) => heard.put(error ?? data.documentChanged),
    error: (error) => heard.put(error),
  });
  // A query over the same socket, sent after the subscription, is answered after it began.
  const { data: now } = await apollo.query({ query: DOCUMENT, variables: { id: workspace.id } });
  assert.equal(now.document.id, workspace.id);
  const change = await heardOf(workspace.id, heard);
  assert.equal(change.documentId, workspace.id);
  assert.equal(change.kind, "MOVED");
  assert.match(change.document.name, /^Renamed/);
  subscription.unsubscribe();

  const refused = await apollo.query({ query: gql`query Unknown { noSuchField }` }).catch((error) => error);
  assert.ok(CombinedGraphQLErrors.is(refused), String(refused));
  assert.equal(refused.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  assert.deepEqual(opened, ["connected"]);
  await socket.dispose();
});

await judge();
