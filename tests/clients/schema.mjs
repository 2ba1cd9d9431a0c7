// graphql-js, the reference implementation, reads the schema: the committed file is valid, and the running server's
// introspection says the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from "graphql";
import { ask, judge, test } from "./scene.mjs";

const committed = () => buildSchema(readFileSync(process.env.GRAPHQL_SCHEMA, "utf8"));

async function running() {
  const query = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    // The executor says the same sentence of every schema, and prints it of none.
    schemaDescription: false,
    inputValueDeprecation: true,
    oneOf: true,
  });
  return buildClientSchema(await ask(query));
}

test("schema.graphql is valid", () => {
  assert.deepEqual(validateSchema(committed()), []);
});

test("the running server's introspection is schema.graphql", async () => {
  const printed = (schema) => printSchema(lexicographicSortSchema(schema));
  assert.equal(printed(await running()), printed(committed()));
});

test("introspection keeps what a printed schema does not show", async () => {
  const schema = await running();
  assert.deepEqual(validateSchema(schema), []);
  const place = schema.getType("DocumentPlaceInput");
  assert.equal(place.isOneOf, true);
  assert.match(schema.getType("DateTime").specifiedByURL, /^https:/);
});

test("every object has a name that is not GraphQL's own, and every list of edges is a connection as Relay wants it", async () => {
  const schema = await running();
  const connections = Object.values(schema.getTypeMap()).filter((it) => isObjectType(it) && "edges" in it.getFields());
  assert.ok(connections.length > 5, `${connections.length} connections`);
  for (const connection of connections) {
    assert.match(connection.name, /Connection$/);
    assert.equal(String(connection.getFields().pageInfo.type), "PageInfo!");
  }
  for (const directive of schema.getDirectives().filter((it) => !isSpecifiedDirective(it))) {
    assert.ok(directive.description, directive.name);
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!type.name.startsWith("__") && type.name.length > 0) assert.match(type.name, /^[A-Z]/);
  }
  assert.ok(isSpecifiedScalarType(schema.getType("ID")));
});

await judge();
