// What the suites share: the server they talk to, a place of their own in it, and the way they are counted.
//
// `cargo xtask test` starts the server and tells of it in the environment. By hand: `hawser demo --json`, then
// GRAPHQL_URL and GRAPHQL_TOKEN are its `graphqlUrl` and `token`, and DEMO is the whole line.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";

export const scene = JSON.parse(process.env.DEMO);
export const httpUrl = process.env.GRAPHQL_URL;
export const socketUrl = scene.websocketUrl;
export const token = process.env.GRAPHQL_TOKEN;
export const authorization = `Bearer ${token}`;
/** Makes names of this run unlike those of any other. */
export const run = randomBytes(4).toString("hex");

/** How long anything may take on a busy machine. */
const PATIENCE = 60_000;
const tests = [];

/** A test with a name. The tests of a file run one after the other. */
export function test(name, run) {
  tests.push({ name, run });
}

/** Runs them all and closes with `N passed, M failed`. */
export async function judge() {
  let passed = 0;
  let failed = 0;
  for (const { name, run: body } of tests) {
    try {
      await within(body(), name);
      passed += 1;
    } catch (error) {
      failed += 1;
      console.error(`failed: ${name}\n${String(error?.stack ?? error).slice(0, 3000)}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  // Clients keep sockets and timers.
  process.exit(failed === 0 ? 0 : 1);
}

/** The promise's value, or an error that says what was waited for. */
export async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not come within ${PATIENCE / 1000} s: ${what}`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What arrives, to be waited for one by one: `put` is a client's callback. */
export function inbox(what) {
  const waiting = [];
  const arrived = [];
  return {
    arrived,
    put(item) {
      const taker = waiting.shift();
      if (taker) taker(item);
      else arrived.push(item);
    },
    take() {
      const next = arrived.length > 0 ? Promise.resolve(arrived.shift()) : new Promise((take) => waiting.push(take));
      return within(next, what);
    },
  };
}

/** The data of a plain request, to arrange what a client is then tested with. */
export async function ask(query, variables) {
  const answer = await fetch(httpUrl, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** A document of the token's owner: a workspace, or something in one. */
export async function create(name, kind = "WORKSPACE", parentId = undefined) {
  const query = `mutation($input: DocumentCreateInput!) {
    documentCreate(input: $input) { document { id name nameToken } userErrors { message } }
  }`;
  const { documentCreate } = await ask(query, { input: { name, kind, parentId } });
  assert.deepEqual(documentCreate.userErrors, []);
  return documentCreate.document;
}

/** Gives the server a manifest of operations, as its operator does. */
export function importManifest(client, path) {
  const env = { ...process.env, HAWSER_DATA: scene.data };
  const words = ["documents", "import", "--client", client, path];
  execFileSync(process.env.DEMO_PROGRAM, words, { env, stdio: ["ignore", "ignore", "inherit"] });
}

/** Another name for a document: an event for those who listen. */
export async function rename(id, name) {
  const { document } = await ask("query($id: ID!) { document(id: $id) { nameToken } }", { id });
  const query = `mutation($input: DocumentRenameInput!) {
    documentRename(input: $input) { document { name } userErrors { message } }
  }`;
  const { documentRename } = await ask(query, { input: { id, name, nameToken: document.nameToken } });
  assert.deepEqual(documentRename.userErrors, []);
}

/**
 * Renames a document again and again until a subscription has brought something: no protocol says when a subscription has
 * begun. Gives what came first.
 */
export async function heardOf(id, heard) {
  let isHeard = false;
  const first = heard.take().finally(() => (isHeard = true));
  for (let number = 0; !isHeard; number += 1) {
    await rename(id, `Renamed ${run} ${number}`);
    await Promise.race([first, new Promise((go) => setTimeout(go, 500))]);
  }
  return first;
}
