// Starts the IDE against this server: queries over HTTP, subscriptions over WebSocket, both signed in with what stands in the
// headers' tab.
(() => {
  const url = new URL("/graphql", location.href);
  const socket = new URL(url);
  socket.protocol = url.protocol === "https:" ? "wss:" : "ws:";

  const fetchers = new Map();
  const fetcher = (request, options = {}) => {
    const headers = options.headers ?? {};
    const key = JSON.stringify(headers);
    if (!fetchers.has(key)) {
      fetchers.set(
        key,
        GraphiQL.createFetcher({
          url: url.href,
          subscriptionUrl: socket.href,
          headers,
          wsConnectionParams: headers,
        }),
      );
    }
    return fetchers.get(key)(request, options);
  };

  const first = `# Sign in with the headers' tab below: { "Authorization": "Bearer hws_…" }
{
  viewer {
    user {
      name
    }
  }
  workspaces(first: 10) {
    nodes {
      id
      name
    }
  }
}
`;

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultQuery: first,
      defaultHeaders: '{ "Authorization": "Bearer " }',
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    }),
  );
})();
