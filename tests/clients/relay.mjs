// The Relay compiler on a sample app's documents: a refetchable list, mutations with user errors, a subscription. What it
// makes of them runs against the server.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { ask, authorization, httpUrl, importManifest, judge, scene, test } from "./scene.mjs";

process.chdir(new URL(".", import.meta.url).pathname);

function compile() {
  copyFileSync(process.env.GRAPHQL_SCHEMA, "relay/schema.graphql");
  rmSync("relay/generated", { recursive: true, force: true });
  mkdirSync("relay/generated");
  // The compiler adds to this file, and wants it to be there.
  writeFileSync("relay/persisted.json", "{}");
  try {
    return execFileSync("../node_modules/.bin/relay-compiler", ["relay.config.json", "--noWatchman"], {
      cwd: "relay",
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    throw new Error(`${error.stdout}${error.stderr}`);
  }
}

const manifest = () => JSON.parse(readFileSync("relay/persisted.json", "utf8"));
const documentOf = (name) => Object.values(manifest()).find((text) => text.includes(name));

test("the compiler takes the schema and the app's documents", () => {
  compile();
  assert.equal(Object.keys(manifest()).length, 7);
});

test("the page query it made of the fragment walks through a folder, page by page", async () => {
  const text = documentOf("query DocumentListPageQuery");
  const names = [];
  let cursor = null;
  do {
    const { node } = await ask(text, { id: scene.workspaceId, count: 10, cursor });
    names.push(...node.children.edges.map((edge) => edge.node.name));
    const { hasNextPage, endCursor } = node.children.pageInfo;
    cursor = hasNextPage ? endCursor : null;
  } while (cursor);
  assert.equal(new Set(names).size, names.length, "none comes twice");
  const missing = scene.documents.filter((it) => !names.includes(it.name));
  assert.deepEqual(missing, []);
  assert.ok(names.length > 20, "more than one page");
});

test("a query with a fragment of its own is refetched by id", async () => {
  const { node } = await ask(documentOf("query DocumentListRefreshedQuery"), { id: scene.documentIds[0] });
  assert.equal(node.__typename, "Document");
  assert.equal(node.content.state, "OK");
});

test("its manifest is imported, and a query runs by its id", async () => {
  importManifest("sample-relay-app", "relay/persisted.json");
  const [documentId] = Object.entries(manifest()).find(([, text]) => text.includes("query DocumentListQuery"));
  const answer = await fetch(httpUrl, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ documentId, variables: { id: scene.workspaceId } }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  assert.equal(data.document.name, "Harbour");
});

await judge();
