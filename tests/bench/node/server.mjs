// Serves the same connection query as Hawser from rows in memory: fastify and mercurius, queries compiled, loaders batched.
import Fastify from "fastify";
import mercurius from "mercurius";

const count = Number(process.argv[2] ?? 100_000);
const folders = Array.from({ length: 200 }, (_, n) => ({ id: `folder-${n}`, name: `Dock ${n}` }));
const provider = { id: "provider-1", name: "Drive" };
const connection = { id: "connection-1", accountName: "Ann", providerId: provider.id };
const documents = Array.from({ length: count }, (_, n) => ({
  id: `document-${n}`,
  kind: "FILE",
  name: `mooring line ${n}.pdf`,
  modifiedAt: new Date(1.7e12 + n * 60_000).toISOString(),
  folder: n % folders.length,
}));
documents.sort((a, b) => (a.name < b.name ? -1 : 1));
const contents = new Map(
  documents.map((it, n) => [it.id, { mimeType: "application/pdf", size: String(2000 + n), revision: `r${n}`, state: "OK" }]),
);

const schema = `
  type Query { documents(first: Int, after: String): Documents! }
  type Documents { edges: [Edge!]! nodes: [Document!]! pageInfo: PageInfo! }
  type Edge { cursor: String! node: Document! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Document { id: ID! kind: String! name: String! modifiedAt: String! parent: Folder content: Content }
  type Folder { id: ID! name: String! }
  type Content { mimeType: String! size: String revision: String state: String! connection: Connection }
  type Connection { id: ID! accountName: String provider: Provider }
  type Provider { id: ID! name: String! }
`;

const page = (first, after) => {
  const from = after ? Number(Buffer.from(after, "base64url")) + 1 : 0;
  const nodes = documents.slice(from, from + first);
  const cursor = (n) => Buffer.from(String(from + n)).toString("base64url");
  return {
    edges: nodes.map((node, n) => ({ cursor: cursor(n), node })),
    nodes,
    pageInfo: { hasNextPage: from + first < count, endCursor: cursor(nodes.length - 1) },
  };
};

const app = Fastify();
app.register(mercurius, {
  schema,
  jit: 1,
  resolvers: { Query: { documents: (_, { first = 50, after }) => page(first, after) } },
  loaders: {
    Document: {
      parent: async (queries) => queries.map(({ obj }) => folders[obj.folder]),
      content: async (queries) => queries.map(({ obj }) => contents.get(obj.id)),
    },
    Content: { connection: async (queries) => queries.map(() => connection) },
    Connection: { provider: async (queries) => queries.map(() => provider) },
  },
});
const address = await app.listen({ host: "127.0.0.1", port: 0 });
console.log(new URL(address).host);
