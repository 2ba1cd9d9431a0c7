// The graphql-sse client in the mode of distinct connections, and a stream that is taken up again.

import assert from "node:assert/strict";
import { createClient } from "graphql-sse";
import { ask, authorization, create, httpUrl, inbox, judge, rename, run, test, within } from "./scene.mjs";

const CHANGES = "subscription($since: Cursor) { changes(since: $since) { cursor changes { subjectId kind } } }";

function client(options = {}) {
  return createClient({ url: httpUrl, singleConnection: false, headers: { authorization }, retryAttempts: 0, ...options });
}

test("a query over a stream is answered once, and the stream ends", async () => {
  const answers = [];
  for await (const answer of client().iterate({ query: "{ viewer { user { name } } }" })) answers.push(answer);
  assert.equal(answers.length, 1);
  assert.ok(answers[0].data.viewer.user.name);
});

test("an operation that cannot run arrives as errors", async () => {
  const answers = [];
  for await (const answer of client().iterate({ query: "{ noSuchField }" })) answers.push(answer);
  assert.equal(answers.length, 1);
  assert.equal(answers[0].errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
});

test("a subscription hears of a mutation", async () => {
  const sse = client();
  const workspace = await create(`graphql-sse ${run}`);
  const heard = inbox("changes in graphql-sse");
  const end = sse.subscribe({ query: CHANGES }, { next: ({ data }) => heard.put(data.changes), error: heard.put, complete() {} });
  // The first batch says where the stream stands: what comes later is heard.
  assert.ok((await heard.take()).cursor);
  await rename(workspace.id, `graphql-sse renamed ${run}`);
  for (let about = []; !about.includes(workspace.id); ) about = (await heard.take()).changes.map((it) => it.subjectId);
  end();
  sse.dispose();
});

test("a stream is taken up again behind the last event that was heard", async () => {
  const workspace = await create(`graphql-sse again ${run}`);
  const { changeCursor: since } = await ask("{ changeCursor }");
  await rename(workspace.id, `graphql-sse first ${run}`);
  const first = await events({ since });
  const { id } = await first.until((it) => it.changes.some((change) => change.subjectId === workspace.id));
  assert.ok(id, "events carry the cursor as their id");
  await first.close();

  await rename(workspace.id, `graphql-sse second ${run}`);
  // As a browser's EventSource does: the same request, and the id of the last event.
  const second = await events({ since }, { "last-event-id": id });
  const { data } = await second.until((it) => it.changes.some((change) => change.subjectId === workspace.id));
  const moved = data.changes.changes.filter((it) => it.subjectId === workspace.id);
  assert.deepEqual(moved.map((it) => it.kind), ["MOVED"], "only the second one");
  await second.close();
});

/** The events of a subscription as they are on the wire. */
async function events(variables, headers = {}) {
  const cut = new AbortController();
  const answer = await fetch(httpUrl, {
    method: "POST",
    headers: { authorization, "content-type": "application/json", accept: "text/event-stream", ...headers },
    body: JSON.stringify({ query: CHANGES, variables }),
    signal: cut.signal,
  });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/event-stream/);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  async function next() {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await within(reader.read(), "an event");
        assert.ok(!done, "the stream ended");
        text += value;
        continue;
      }
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name) => lines.find((it) => it.startsWith(`${name}:`))?.slice(name.length + 1).trim();
      if (field("event") === "next") return { id: field("id"), data: JSON.parse(field("data")).data };
    }
  }
  return {
    async until(fits) {
      for (;;) {
        const event = await next();
        if (fits(event.data.changes)) return event;
      }
    },
    async close() {
      cut.abort();
      await reader.cancel().catch(() => {});
    },
  };
}

await judge();
