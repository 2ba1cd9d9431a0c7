// Google's own Node client, pointed at a running sandbox.
//
//   npm i --prefix DIR @googleapis/drive@22 google-auth-library
//   SANDBOX_URL=http://127.0.0.1:PORT SDK_MODULES=DIR node tests/sdk/google_drive.mjs
//
// Stops at the first behaviour that is not as documented; otherwise prints `N passed, 0 failed`.

import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { resolve } from "node:path";

// The packages stand beside this file unless told otherwise.
const modules = process.env.SDK_MODULES;
const require = createRequire(modules ? resolve(modules, "package.json") : import.meta.url);
const { drive: driveApi } = require("@googleapis/drive");
const { OAuth2Client } = require("google-auth-library");

const BASE = process.env.SANDBOX_URL.replace(/\/$/, "");
const GOOGLE = `${BASE}/google`;
// This client keeps only the origin of a root URL.
const ROOT = { rootUrl: `${BASE}/` };
const SCOPE = "https://www.googleapis.com/auth/drive";
const CALLBACK = "http://127.0.0.1:9/callback";
const FOLDER = "application/vnd.google-apps.folder";
const DOCUMENT = "application/vnd.google-apps.document";
const RUN = randomBytes(4).toString("hex");
const ADA = `ada-${RUN}@example.com`;
const BEN = `ben-${RUN}@example.com`;

async function control(path, body) {
  const answer = await fetch(`${BASE}/_sandbox/${path}`, {
    method: body === undefined ? "GET" : "POST",
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

function client() {
  return new OAuth2Client({
    clientId: "hawser-sandbox",
    clientSecret: "sandbox-secret",
    redirectUri: CALLBACK,
    forceRefreshOnFailure: true,
    endpoints: {
      oauth2AuthBaseUrl: `${GOOGLE}/o/oauth2/v2/auth`,
      oauth2TokenUrl: `${GOOGLE}/token`,
      oauth2RevokeUrl: `${GOOGLE}/revoke`,
      tokenInfoUrl: `${GOOGLE}/tokeninfo`,
    },
  });
}

async function agree(url, account, decision = "allow") {
  const asked = new URL(url);
  const form = new URLSearchParams(asked.search);
  form.append("account", account);
  form.append("decision", decision);
  for (const scope of asked.searchParams.get("scope").split(" ")) form.append("granted", scope);
  asked.search = "";
  const answer = await fetch(asked, { method: "POST", body: form, redirect: "manual" });
  assert.equal(answer.status, 302);
  return new URL(answer.headers.get("location")).searchParams;
}

async function signIn(account, scope = SCOPE) {
  const auth = client();
  const { codeVerifier, codeChallenge } = await auth.generateCodeVerifierAsync();
  const url = auth.generateAuthUrl({
    access_type: "offline", prompt: "consent", scope, state: "s1",
    code_challenge: codeChallenge, code_challenge_method: "S256",
  });
  const answer = await agree(url, account);
  assert.equal(answer.get("state"), "s1");
  const { tokens } = await auth.getToken({ code: answer.get("code"), codeVerifier });
  auth.setCredentials(tokens);
  return auth;
}

async function refused(promise, status, reason) {
  try {
    await promise;
  } catch (error) {
    assert.equal(error.status ?? error.response?.status, status, error.message);
    const body = error.response?.data?.error;
    if (reason) assert.equal(body.errors[0].reason, reason);
    return body;
  }
  assert.fail("was not refused");
}

const W = {};
const service = (auth) => driveApi({ version: "v3", auth, ...ROOT });
const upload = (drive, name, content, more = {}) =>
  drive.files.create(
    {
      requestBody: { name, ...more },
      media: { mimeType: "text/plain", body: Readable.from([content]) },
      fields: "id,name,mimeType,size,md5Checksum,headRevisionId,parents",
      supportsAllDrives: true,
    },
    ROOT,
  ).then((answer) => answer.data);

const CHECKS = {
  async "sign-in with PKCE gives tokens"() {
    W.auth = await signIn(ADA);
    assert.ok(W.auth.credentials.refresh_token);
    W.drive = service(W.auth);
    const { data } = await W.drive.about.get({ fields: "user" });
    assert.equal(data.user.emailAddress, ADA);
    assert.equal(data.user.me, true);
    W.ben = service(await signIn(BEN));
  },
  async "denial comes back as access_denied"() {
    const answer = await agree(client().generateAuthUrl({ scope: SCOPE }), ADA, "deny");
    assert.equal(answer.get("error"), "access_denied");
  },
  async "a wrong verifier is invalid_grant"() {
    const auth = client();
    const { codeChallenge } = await auth.generateCodeVerifierAsync();
    const url = auth.generateAuthUrl({ scope: SCOPE, code_challenge: codeChallenge, code_challenge_method: "S256" });
    const code = (await agree(url, ADA)).get("code");
    await assert.rejects(auth.getToken({ code, codeVerifier: "y".repeat(43) }), /invalid_grant/);
  },
  async "without access_type=offline there is no refresh token"() {
    const auth = client();
    const code = (await agree(auth.generateAuthUrl({ scope: SCOPE, prompt: "consent" }), ADA)).get("code");
    const { tokens } = await auth.getToken(code);
    assert.equal(tokens.refresh_token, undefined);
  },
  async "token info tells scopes and lifetime"() {
    const { token } = await W.auth.getAccessToken();
    const info = await W.auth.getTokenInfo(token);
    assert.deepEqual(info.scopes, [SCOPE]);
    assert.equal(info.aud, "hawser-sandbox");
  },
  async "a dead access token is refreshed by the library"() {
    const before = W.auth.credentials.access_token;
    await control(`users/${ADA}/expire_tokens`, {});
    await W.drive.about.get({ fields: "user" });
    assert.notEqual(W.auth.credentials.access_token, before);
    assert.ok(W.auth.credentials.refresh_token);
  },
  async "revoking ends the grant"() {
    const auth = await signIn(BEN);
    await auth.revokeToken(auth.credentials.refresh_token);
    await assert.rejects(auth.refreshAccessToken(), /invalid_grant/);
    W.ben = service(await signIn(BEN));
  },
  async "about without fields is refused"() {
    await refused(W.drive.about.get({}), 400);
  },
  async "multipart upload keeps bytes and hash"() {
    W.content = "streamed through the client\n".repeat(40);
    W.file = await upload(W.drive, "stream.txt", W.content);
    assert.equal(W.file.md5Checksum, createHash("md5").update(W.content).digest("hex"));
    assert.equal(W.file.size, String(W.content.length));
  },
  async "media comes as a stream and by range"() {
    const whole = await W.drive.files.get({ fileId: W.file.id, alt: "media" }, { responseType: "text" });
    assert.equal(whole.data, W.content);
    const part = await W.drive.files.get(
      { fileId: W.file.id, alt: "media" },
      { responseType: "text", headers: { Range: "bytes=5-9" } },
    );
    assert.equal(part.status, 206);
    assert.equal(part.data, W.content.slice(5, 10));
  },
  async "the default view has four fields"() {
    const { data } = await W.drive.files.get({ fileId: W.file.id });
    assert.deepEqual(Object.keys(data).sort(), ["id", "kind", "mimeType", "name"]);
  },
  async "masks are checked by name"() {
    const body = await refused(W.drive.files.get({ fileId: W.file.id, fields: "id,wrong" }), 400);
    assert.equal(body.message, "Invalid field selection wrong");
  },
  async "folders hold files and lists find them"() {
    W.folder = (await W.drive.files.create({ requestBody: { name: "box", mimeType: FOLDER } })).data.id;
    await upload(W.drive, "inside.txt", "inside", { parents: [W.folder] });
    const { data } = await W.drive.files.list({ q: `'${W.folder}' in parents and trashed = false` });
    assert.deepEqual(data.files.map((file) => file.name), ["inside.txt"]);
    assert.equal(data.incompleteSearch, false);
  },
  async "pages follow one another"() {
    await control("files/bulk", { owner: ADA, parent: W.folder, count: 12, prefix: "p" });
    const names = [];
    let pageToken;
    let pages = 0;
    do {
      const { data } = await W.drive.files.list({
        q: `'${W.folder}' in parents and name contains 'p'`, pageSize: 5, pageToken, orderBy: "name",
      });
      names.push(...data.files.map((file) => file.name));
      pageToken = data.nextPageToken;
      pages += 1;
    } while (pageToken);
    assert.equal(pages, 3);
    assert.equal(new Set(names).size, 12);
  },
  async "bad queries and foreign page tokens are 400"() {
    assert.equal((await refused(W.drive.files.list({ q: "name ~ 'x'" }), 400, "invalid")).errors[0].location, "q");
    await refused(W.drive.files.list({ pageToken: "x" }), 400, "invalid");
  },
  async "renaming is metadata only"() {
    const { data } = await W.drive.files.update({
      fileId: W.file.id, requestBody: { name: "renamed.txt" }, fields: "name,headRevisionId,md5Checksum",
    });
    assert.equal(data.name, "renamed.txt");
    assert.equal(data.headRevisionId, W.file.headRevisionId);
  },
  async "new content is a new revision"() {
    const { data } = await W.drive.files.update(
      { fileId: W.file.id, media: { mimeType: "text/plain", body: "v2" }, fields: "headRevisionId,size" },
      ROOT,
    );
    assert.notEqual(data.headRevisionId, W.file.headRevisionId);
    const revisions = await W.drive.revisions.list({ fileId: W.file.id, fields: "revisions(id,md5Checksum,keepForever)" });
    assert.equal(revisions.data.revisions.length, 2);
    assert.equal(revisions.data.revisions[0].keepForever, false);
  },
  async "pinning opens an old revision"() {
    const fileId = W.file.id;
    const revisionId = W.file.headRevisionId;
    await refused(W.drive.revisions.get({ fileId, revisionId, alt: "media" }), 403);
    await W.drive.revisions.update({ fileId, revisionId, requestBody: { keepForever: true } });
    const { data } = await W.drive.revisions.get({ fileId, revisionId, alt: "media" }, { responseType: "text" });
    assert.equal(data, W.content);
    await refused(
      W.drive.revisions.update({ fileId, revisionId, requestBody: { keepForever: false } }),
      400, "illegalKeepForeverModification",
    );
  },
  async "native documents are exported"() {
    W.doc = (await W.drive.files.create(
      { requestBody: { name: "Doc", mimeType: DOCUMENT }, media: { mimeType: "text/plain", body: "Words" } }, ROOT,
    )).data.id;
    const pdf = await W.drive.files.export({ fileId: W.doc, mimeType: "application/pdf" }, { responseType: "arraybuffer" });
    assert.equal(Buffer.from(pdf.data).subarray(0, 5).toString(), "%PDF-");
    const html = await W.drive.files.export({ fileId: W.doc, mimeType: "text/html" }, { responseType: "text" });
    assert.match(html.data, /Words/);
    await refused(W.drive.files.get({ fileId: W.doc, alt: "media" }), 403, "fileNotDownloadable");
  },
  async "a long-running download ends in a URI"() {
    const { data } = await W.drive.files.download({ fileId: W.doc, mimeType: "text/plain" });
    const operation = (await W.drive.operations.get({ name: data.name })).data;
    assert.equal(operation.done, true);
    const answer = await W.auth.request({ url: operation.response.downloadUri, responseType: "text" });
    assert.match(answer.data, /Words/);
  },
  async "the feed shows what changed since"() {
    const { data } = await W.drive.changes.getStartPageToken({});
    await W.drive.files.update({ fileId: W.file.id, requestBody: { trashed: true } });
    await W.drive.files.update({ fileId: W.file.id, requestBody: { trashed: false } });
    const list = (await W.drive.changes.list({ pageToken: data.startPageToken, fields: "*" })).data;
    assert.equal(list.changes.length, 1);
    assert.equal(list.changes[0].fileId, W.file.id);
    assert.equal(list.changes[0].file.trashed, false);
    assert.ok(list.newStartPageToken);
  },
  async "sharing and unsharing show in the other user's feed"() {
    const { data } = await W.ben.changes.getStartPageToken({});
    const grant = await W.drive.permissions.create({
      fileId: W.file.id, requestBody: { type: "user", role: "writer", emailAddress: BEN },
    });
    const seen = async () => (await W.ben.changes.list({ pageToken: data.startPageToken })).data.changes;
    assert.equal((await seen())[0].removed, false);
    const all = (await W.drive.permissions.list({ fileId: W.file.id, fields: "permissions(role)" })).data.permissions;
    assert.deepEqual(all.map((one) => one.role).sort(), ["owner", "writer"]);
    await W.drive.permissions.delete({ fileId: W.file.id, permissionId: grant.data.id });
    assert.equal((await seen())[0].removed, true);
    await refused(W.ben.files.get({ fileId: W.file.id }), 404, "notFound");
  },
  async "shared drives can be made, listed and read"() {
    const made = await W.drive.drives.create({ requestId: randomUUID(), requestBody: { name: "Crew" } });
    const file = await upload(W.drive, "crew.txt", "crew", { parents: [made.data.id] });
    await refused(W.drive.files.get({ fileId: file.id }), 404);
    const { data } = await W.drive.files.get({ fileId: file.id, supportsAllDrives: true, fields: "driveId" });
    assert.equal(data.driveId, made.data.id);
    const drives = (await W.drive.drives.list({ pageSize: 100 })).data.drives;
    assert.ok(drives.some((drive) => drive.id === made.data.id));
  },
  async "a push channel is opened, speaks and is stopped"() {
    const heard = [];
    let wake;
    const server = createServer((request, response) => {
      heard.push(request.headers);
      response.end();
      wake?.();
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const until = async (count) => {
      while (heard.length < count) await new Promise((done) => { wake = done; });
    };
    const pageToken = (await W.drive.changes.getStartPageToken({})).data.startPageToken;
    const { data } = await W.drive.changes.watch({
      pageToken,
      requestBody: { id: randomUUID(), type: "web_hook", address: `http://127.0.0.1:${server.address().port}/`, token: "t" },
    });
    await until(1);
    assert.equal(heard[0]["x-goog-resource-state"], "sync");
    await W.drive.files.update({ fileId: W.file.id, requestBody: { name: "again.txt" } });
    await until(2);
    assert.equal(heard[1]["x-goog-resource-state"], "change");
    assert.equal(heard[1]["x-goog-channel-token"], "t");
    assert.equal(heard[1]["content-length"], "0");
    await W.drive.channels.stop({ requestBody: { id: data.id, resourceId: data.resourceId } });
    server.closeAllConnections();
    server.close();
  },
  async "copies, promised ids and deletion"() {
    const [id] = (await W.drive.files.generateIds({ count: 1 })).data.ids;
    const copy = (await W.drive.files.copy({ fileId: W.file.id, requestBody: { id, name: "copy.txt" } })).data;
    assert.equal(copy.id, id);
    const gone = await W.drive.files.delete({ fileId: id });
    assert.equal(gone.status, 204);
    await refused(W.drive.files.get({ fileId: id }), 404, "notFound");
  },
  async "the library retries GET after a server error but not POST"() {
    await control("faults", { path: "/drive/v3/files/*", method: "GET", status: 503, times: 1 });
    await control("requests/reset", {});
    await W.drive.files.get({ fileId: W.file.id });
    assert.deepEqual((await control("requests", { path: "/drive/v3/files/*" })).map((one) => one.status), [503, 200]);
    await control("faults", { path: "/drive/v3/files/*/copy", status: 503, times: 1 });
    await refused(W.drive.files.copy({ fileId: W.file.id, requestBody: {} }), 503);
    await control("faults/clear", { id: null });
  },
  async "a body that breaks off is an error"() {
    await control("faults", { path: "/drive/v3/files/*", query: "alt=media", truncate_at: 1, times: 1 });
    await assert.rejects(
      W.drive.files.get({ fileId: W.file.id, alt: "media" }, { responseType: "arraybuffer", retry: false }),
    );
    await control("faults/clear", { id: null });
  },
};

for (const email of [ADA, BEN]) await control("users", { email, display_name: email });
let passed = 0;
for (const [name, run] of Object.entries(CHECKS)) {
  try {
    await run();
  } catch (error) {
    console.error(error);
    console.log(`FAILED: ${name}\n${passed} passed, 1 failed`);
    process.exit(1);
  }
  passed += 1;
  console.log(`ok: ${name}`);
}
console.log(`${passed} passed, 0 failed`);
process.exit(0);
