// GraphQL Code Generator with the client preset, on the documents of a sample app: its types compile, its documents run,
// and its manifest of persisted documents is taken by the server.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { generate } from "@graphql-codegen/cli";
import { importManifest, judge, test } from "./scene.mjs";

const GENERATED = "app/generated/";
process.chdir(import.meta.dirname ?? new URL(".", import.meta.url).pathname);
const output = (program, words, options = {}) => {
  try {
    return execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
  } catch (error) {
    throw new Error(`${program} ${words.join(" ")}: ${error.stdout}${error.stderr}`);
  }
};

test("the preset generates from schema.graphql and the app's documents", async () => {
  rmSync(GENERATED, { recursive: true, force: true });
  await generate(
    {
      schema: process.env.GRAPHQL_SCHEMA,
      documents: ["app/*.ts"],
      silent: true,
      errorsOnly: true,
      generates: {
        [GENERATED]: {
          preset: "client",
          presetConfig: { persistedDocuments: true },
          config: {
            documentMode: "string",
            useTypeImports: true,
            enumsAsTypes: true,
            emitLegacyCommonJSImports: false,
            importExtension: ".js",
            scalars: { Cursor: "string", DateTime: "string", JSON: "unknown", Long: "string", URL: "string" },
          },
        },
      },
    },
    true,
  );
  const manifest = JSON.parse(readFileSync(`${GENERATED}persisted-documents.json`, "utf8"));
  assert.equal(Object.keys(manifest).length, 9);
});

test("the app compiles with the generated types, and what they forbid does not", () => {
  output("node_modules/.bin/tsc", ["--project", "app/tsconfig.json"]);
});

test("the app's documents run against the server and answer as their types say", async () => {
  const { run } = await import("./app/built/main.js");
  await run();
});

test("the manifest is imported, and documents run by their ids", async () => {
  importManifest("sample-app", `${GENERATED}persisted-documents.json`);
  const { runById } = await import("./app/built/main.js");
  await runById();
});

await judge();
