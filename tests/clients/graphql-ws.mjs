// The reference client of the WebSocket protocol, in every way it is used.

import assert from "node:assert/strict";
import { createServer, connect } from "node:net";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { ask, authorization, create, heardOf, inbox, judge, rename, run, socketUrl, test, within } from "./scene.mjs";

const CHANGED = "subscription($id: ID) { documentChanged(id: $id) { kind documentId } }";
const CHANGES = "subscription($since: Cursor) { changes(since: $since) { cursor changes { subjectId kind } } }";

function client(options = {}) {
  return createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: { authorization }, ...options });
}

/** All answers of an operation that ends. */
async function all(socket, query, variables) {
  const answers = [];
  for await (const answer of socket.iterate({ query, variables })) answers.push(answer);
  return answers;
}

/** A way to the server that can be cut off while both sides believe in it. */
async function cuttable() {
  const { hostname, port } = new URL(socketUrl);
  const open = new Set();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const end of [near, far]) {
      open.add(end);
      end.on("error", () => {}).on("close", () => open.delete(end));
    }
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `ws://127.0.0.1:${server.address().port}/graphql`,
    cut: () => open.forEach((end) => end.destroy()),
    close: () => server.close(),
  };
}

test("a lazy client opens its socket for the first operation and closes it after the last", async () => {
  const seen = [];
  const closed = inbox("the end of a lazy socket");
  const socket = client({ on: { opened: () => seen.push("opened"), closed: (event) => closed.put(event) } });
  assert.deepEqual(seen, []);
  const [{ data }] = await all(socket, "{ viewer { user { name } } }");
  assert.ok(data.viewer.user.name);
  assert.ok([1000, 1005].includes((await closed.take()).code));
  const [again] = await all(socket, "{ __typename }");
  assert.deepEqual(again.data, { __typename: "Query" });
  assert.deepEqual(seen, ["opened", "opened"]);
});

test("many operations run over one socket, and each gets its own answer", async () => {
  const connected = [];
  const socket = client({ lazy: false, on: { connected: () => connected.push(1) } });
  const workspace = await create(`graphql-ws ${run}`);
  const numbers = Array.from({ length: 40 }, (_, number) => number);
  const answers = await Promise.all(
    numbers.map((number) => all(socket, `query($id: ID!) { is${number}: document(id: $id) { id } }`, { id: workspace.id })),
  );
  numbers.forEach((number) => {
    assert.equal(answers[number].length, 1);
    assert.deepEqual(answers[number][0].data, { [`is${number}`]: { id: workspace.id } });
  });
  assert.equal(connected.length, 1);
  await socket.dispose();
});

test("an operation that cannot run ends with its errors and leaves the socket open", async () => {
  const closed = [];
  const socket = client({ lazy: false, on: { closed: () => closed.push(1) } });
  const errors = await all(socket, "{ noSuchField }").then(() => assert.fail("no error"), (errors) => errors);
  assert.equal(errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  const [{ data }] = await all(socket, "{ __typename }");
  assert.deepEqual(data, { __typename: "Query" });
  assert.deepEqual(closed, []);
  await socket.dispose();
});

test("a subscription hears of a mutation sent over the same socket", async () => {
  const socket = client();
  const workspace = await create(`graphql-ws live ${run}`);
  const heard = inbox("documentChanged in graphql-ws");
  const end = socket.subscribe({ query: CHANGED, variables: { id: workspace.id } }, { next: heard.put, error: heard.put, complete() {} });
  const { data } = await heardOf(workspace.id, heard);
  assert.equal(data.documentChanged.documentId, workspace.id);
  const query = `mutation($input: DocumentRenameInput!) { documentRename(input: $input) { userErrors { code } } }`;
  const input = { id: workspace.id, name: "Never", nameToken: workspace.nameToken };
  const [refused] = await all(socket, query, { input });
  assert.deepEqual(refused.data.documentRename.userErrors, [{ code: "STALE_TOKEN" }]);
  end();
  await socket.dispose();
});

test("after the connection was cut the client comes back by itself, and a cursor misses nothing", async () => {
  const way = await cuttable();
  const connected = inbox("a connection");
  const socket = client({
    url: way.url,
    retryAttempts: 20,
    retryWait: () => new Promise((go) => setTimeout(go, 50)),
    on: { connected: () => connected.put(1) },
  });
  const workspace = await create(`graphql-ws cut ${run}`);
  const { changeCursor: since } = await ask("{ changeCursor }");
  // The client repeats the operation with the variables it was given: from the same cursor on.
  const heard = inbox("changes in graphql-ws");
  const end = socket.subscribe({ query: CHANGES, variables: { since } }, { next: ({ data }) => heard.put(data.changes), error: heard.put, complete() {} });
  const moved = async () => {
    for (;;) {
      const { changes } = await heard.take();
      const count = changes.filter((it) => it.subjectId === workspace.id && it.kind === "MOVED").length;
      if (count > 0) return count;
    }
  };
  await connected.take();
  await rename(workspace.id, `graphql-ws once ${run}`);
  assert.equal(await moved(), 1);
  way.cut();
  await rename(workspace.id, `graphql-ws twice ${run}`);
  await connected.take();
  let count = 0;
  while (count < 2) count += await moved();
  assert.equal(count, 2);
  end();
  await socket.dispose();
  way.close();
});

test("a bad token is refused with 4403, and a client with a better one is let in", async () => {
  const codes = [];
  const tokens = ["Bearer hws_nonsense", authorization];
  const socket = client({
    connectionParams: () => ({ authorization: tokens.shift() }),
    // 4403 is not fatal to this client: it may have another token the next time.
    shouldRetry: (event) => event.code === 4403,
    retryAttempts: 3,
    retryWait: async () => {},
    on: { closed: (event) => codes.push(event.code) },
  });
  const [{ data }] = await all(socket, "{ viewer { user { name } } }");
  assert.ok(data.viewer.user.name);
  assert.equal(codes[0], 4403);
  await socket.dispose();
});

test("pings are answered in time, with and without an operation", async () => {
  const pongs = inbox("a pong");
  const closed = [];
  const socket = client({
    lazy: false,
    keepAlive: 100,
    on: {
      pong: (received) => received && pongs.put(1),
      closed: (event) => closed.push(event.code),
    },
  });
  for (let count = 0; count < 5; count += 1) await pongs.take();
  const end = socket.subscribe({ query: CHANGES }, { next() {}, error() {}, complete() {} });
  for (let count = 0; count < 5; count += 1) await pongs.take();
  assert.deepEqual(closed, []);
  end();
  await within(socket.dispose(), "the end");
});

await judge();
