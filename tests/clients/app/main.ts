// The sample app at work: what the generated types promise is what the server answers, and what they forbid does not
// compile.

import assert from "node:assert/strict";
import { useFragment } from "./generated/fragment-masking.js";
import { ChangeKind, DocumentKind, JobState, SearchFacetField } from "./generated/graphql.js";
import { ask, askById } from "./ask.js";
import { ChangeCursor } from "./changes.js";
import { DocumentList, DocumentRow } from "./documents.js";
import { JobBoard, JobCard } from "./jobs.js";
import { Create, Link, Mistake } from "./link.js";
import { Search } from "./search.js";

type Scene = { connectionId: string; workspaceId: string; documents: { cloudFileId: string; name: string }[] };
const scene = JSON.parse(process.env["DEMO"] as string) as Scene;

/** Checked by the compiler: each line below one of these comments must not compile. */
export function forbidden(list: Awaited<ReturnType<typeof documents>>) {
  // @ts-expect-error a variable that is required
  void ask(DocumentList, { first: 5 });
  // @ts-expect-error a variable of another type
  void ask(DocumentList, { below: scene.workspaceId, first: "5" });
  // @ts-expect-error a field that was not asked for
  void list.document?.children.nodes[0]?.acl;
  // @ts-expect-error exactly one way to name a place
  void ({ id: "", nameToken: "", place: { after: "", before: "" } } satisfies import("./generated/graphql.js").DocumentReorderInput);
  // @ts-expect-error not a value of the enum
  const kind: DocumentKind = "SHIP";
  void kind;
}

function documents() {
  return ask(DocumentList, { below: scene.workspaceId, first: 100 });
}

export async function run(): Promise<void> {
  const list = await documents();
  const rows = list.document?.children.nodes.map((it) => useFragment(DocumentRow, it)) ?? [];
  for (const { name } of scene.documents) assert.ok(rows.some((row) => row.name === name), name);
  const first = rows[0];
  assert.ok(first);
  const kind: DocumentKind = first.kind;
  assert.equal(typeof kind, "string");

  const board = await ask(JobBoard, { states: ["DONE"] satisfies JobState[] });
  for (const card of board.jobs.nodes) assert.equal(useFragment(JobCard, card).state, "DONE");

  const found = await ask(Search, { query: "", facets: ["KIND"] satisfies SearchFacetField[] });
  assert.ok(found.search.totalCount > 0);

  const taken = await ask(Create, { input: { kind: "WORKSPACE", name: `App ${Date.now()}` } });
  const folder = useFragment(DocumentRow, taken.documentCreate.document);
  assert.ok(folder);
  const file = scene.documents[0];
  assert.ok(file);
  const input = { connectionId: scene.connectionId, parentId: folder.id };
  const linked = await ask(Link, { input: { ...input, items: [{ cloudFileId: file.cloudFileId }, { cloudFileId: "none" }] } });
  const [good, bad] = linked.documentLink.results;
  assert.ok(good && bad);
  assert.equal(useFragment(DocumentRow, good.document)?.name, file.name);
  assert.equal(bad.document, null);
  assert.equal(useFragment(Mistake, bad.userErrors)[0]?.code, "NOT_FOUND");

  const known: ChangeKind[] = ["CREATED", "MOVED"];
  assert.equal(known.length, 2);
  assert.ok((await ask(ChangeCursor, {})).changeCursor);
}

/** The same with documents that the server was given before. */
export async function runById(): Promise<void> {
  const byText = await documents();
  const byId = await askById(DocumentList, { below: scene.workspaceId, first: 100 });
  assert.deepEqual(byId.document?.name, byText.document?.name);
  assert.equal(byId.document?.children.totalCount, byText.document?.children.totalCount);
}
