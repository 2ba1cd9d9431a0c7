// The public audits of GraphQL over HTTP: `61 passed, 0 failed`, and anything else is a failure. By hand against any
// server: node audits.mjs http://127.0.0.1:8420/graphql

import { serverAudits } from "graphql-http";

const EXPECTED = 61;

const url = process.argv[2] ?? process.env.GRAPHQL_URL;
if (!url) {
  console.error("usage: node audits.mjs <URL of the GraphQL door>");
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const audit of serverAudits({ url })) {
  const result = await audit.fn();
  if (result.status === "ok") {
    passed += 1;
    continue;
  }
  failed += 1;
  console.error(`${audit.id} ${audit.name}: ${result.reason}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed === EXPECTED ? 0 : 1);
