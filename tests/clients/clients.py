"""Python's gql: queries and mutations by requests, httpx and aiohttp, subscriptions over WebSocket.

Stops at nothing; closes with `N passed, M failed`.
"""

import asyncio
import json
import os
import secrets
import sys
import traceback

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportConnectionFailed, TransportClosed, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.requests import RequestsHTTPTransport
from gql.transport.websockets import WebsocketsTransport

URL = os.environ["GRAPHQL_URL"]
SCENE = json.loads(os.environ["DEMO"])
SOCKET = SCENE["websocketUrl"]
BEARER = "Bearer " + os.environ["GRAPHQL_TOKEN"]
HEADERS = {"Authorization": BEARER, "Accept": "application/graphql-response+json, application/json;q=0.9"}
RUN = secrets.token_hex(4)
PATIENCE = 60

DOCUMENT = gql("query Document($id: ID!) { document(id: $id) { id name nameToken } }")
CREATE = gql(
    """
    mutation Create($input: DocumentCreateInput!) {
      documentCreate(input: $input) { document { id name nameToken } userErrors { code message path } }
    }
    """
)
RENAME = gql(
    """
    mutation Rename($input: DocumentRenameInput!) {
      documentRename(input: $input) { document { name nameToken } userErrors { __typename code path } }
    }
    """
)
CHANGES = gql(
    """
    subscription Changes($since: Cursor) {
      changes(since: $since) { cursor changes { kind subjectId document { name } } }
    }
    """
)
CURSOR = gql("{ changeCursor }")


def with_variables(query, variables):
    # A request of its own, so that none remembers the variables of another.
    from gql import GraphQLRequest

    return GraphQLRequest(query, variable_values=variables)


def requests_transport():
    return RequestsHTTPTransport(url=URL, headers=HEADERS, verify=True, timeout=PATIENCE)


def by_requests():
    """Queries are checked against the schema that introspection gave, then sent."""
    client = Client(transport=requests_transport(), fetch_schema_from_transport=True)
    with client as session:
        assert "Document" in client.schema.type_map
        workspace = SCENE["workspaceId"]
        data = session.execute(with_variables(DOCUMENT, {"id": workspace}))
        assert data["document"]["name"] == "Harbour", data
        made = session.execute(with_variables(CREATE, {"input": {"kind": "WORKSPACE", "name": f"gql {RUN}"}}))
        made = made["documentCreate"]["document"]
        wrong = {"id": made["id"], "name": "a/b", "nameToken": made["nameToken"]}
        payload = session.execute(with_variables(RENAME, {"input": wrong}))["documentRename"]
        assert payload["document"] is None and payload["userErrors"][0]["code"] == "INVALID", payload


def errors_by_requests():
    """Errors arrive with their codes, whatever the status is."""
    client = Client(transport=requests_transport())
    try:
        client.execute(gql("{ noSuchField }"))
    except TransportQueryError as error:
        assert error.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", error.errors
        assert error.errors[0]["extensions"]["requestId"]
    else:
        raise AssertionError("no error")


async def by_httpx():
    transport = HTTPXAsyncTransport(url=URL, headers=HEADERS, timeout=PATIENCE)
    async with Client(transport=transport) as session:
        data = await session.execute(with_variables(DOCUMENT, {"id": SCENE["workspaceId"]}))
        assert data["document"]["id"] == SCENE["workspaceId"]


async def by_aiohttp():
    transport = AIOHTTPTransport(url=URL, headers=HEADERS, ssl=True, timeout=PATIENCE)
    async with Client(transport=transport) as session:
        data = await session.execute(with_variables(DOCUMENT, {"id": SCENE["workspaceId"]}))
        assert data["document"]["id"] == SCENE["workspaceId"]


def socket_transport(authorization):
    return WebsocketsTransport(
        url=SOCKET,
        init_payload={"authorization": authorization},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        ping_interval=1,
        pong_timeout=PATIENCE,
    )


async def by_websockets():
    """A subscription hears of a mutation sent over the same socket, from a cursor on."""
    async with Client(transport=socket_transport(BEARER)) as session:
        since = (await session.execute(CURSOR))["changeCursor"]
        made = await session.execute(with_variables(CREATE, {"input": {"kind": "WORKSPACE", "name": f"gql live {RUN}"}}))
        made = made["documentCreate"]["document"]
        name = f"gql renamed {RUN}"
        wanted = {"id": made["id"], "name": name, "nameToken": made["nameToken"]}
        await session.execute(with_variables(RENAME, {"input": wanted}))
        heard = []
        async for batch in session.subscribe(with_variables(CHANGES, {"since": since})):
            heard += [it["kind"] for it in batch["changes"]["changes"] if it["subjectId"] == made["id"]]
            if "MOVED" in heard:
                break
        assert heard == ["CREATED", "MOVED"], heard


async def refused_by_websockets():
    """A bad token closes the socket before anything runs."""
    try:
        async with Client(transport=socket_transport("Bearer hws_nonsense")) as session:
            await session.execute(CURSOR)
    except (TransportConnectionFailed, TransportClosed) as error:
        assert "4403" in f"{error!r} {error.__cause__!r}", repr(error)
    else:
        raise AssertionError("let in")


def judge():
    passed = failed = 0
    for check in [by_requests, errors_by_requests, by_httpx, by_aiohttp, by_websockets, refused_by_websockets]:
        try:
            if asyncio.iscoroutinefunction(check):
                asyncio.run(asyncio.wait_for(check(), PATIENCE))
            else:
                check()
            passed += 1
        except Exception:
            failed += 1
            print(f"failed: {check.__name__}", file=sys.stderr)
            traceback.print_exc()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(judge())
