"""Google's own Python client, pointed at a running sandbox.

    python -m venv venv && venv/bin/pip install google-api-python-client google-auth google-auth-oauthlib
    SANDBOX_URL=http://127.0.0.1:PORT venv/bin/python tests/sdk/google_drive.py

Stops at the first behaviour that is not as documented; otherwise prints `N passed, 0 failed`.
"""

import datetime
import hashlib
import http.server
import io
import json
import os
import queue
import sys
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
import uuid

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"

import google.auth.exceptions
import google.auth.transport.requests
import googleapiclient.discovery_cache
import httplib2
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow
from googleapiclient import discovery
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload, MediaIoBaseUpload

BASE = os.environ["SANDBOX_URL"].rstrip("/")
GOOGLE = BASE + "/google"
AUTH = "https://www.googleapis.com/auth/"
DRIVE = AUTH + "drive"
CALLBACK = "http://127.0.0.1:9/callback"
FOLDER = "application/vnd.google-apps.folder"
DOCUMENT = "application/vnd.google-apps.document"
SHEET = "application/vnd.google-apps.spreadsheet"
SHORTCUT = "application/vnd.google-apps.shortcut"
RUN = uuid.uuid4().hex[:8]
ADA, BEN = f"ada-{RUN}@example.com", f"ben-{RUN}@example.com"


def control(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE}/_sandbox/{path}", data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


BROWSER = urllib.request.build_opener(Stay)


def browse(url, form=None, headers=None):
    """Status, headers and body; redirects are not followed."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with BROWSER.open(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def agree(url, account, scopes=None, decision="allow", picked=()):
    """Answers the consent page; gives the query of the redirect."""
    status, _, page = browse(url)
    assert status == 200 and b"<form" in page, (status, page)
    query = urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query)
    asked = dict(query)["scope"].split()
    form = query + [("account", account), ("decision", decision)]
    form += [("granted", scope) for scope in (asked if scopes is None else scopes)]
    form += [("picked", file) for file in picked]
    status, headers, body = browse(url.split("?")[0], form)
    assert status == 302, (status, body)
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(headers["Location"]).query))


def flow(scopes):
    config = {"web": {
        "client_id": "hawser-sandbox", "client_secret": "sandbox-secret",
        "auth_uri": GOOGLE + "/o/oauth2/v2/auth", "token_uri": GOOGLE + "/token",
        "redirect_uris": [CALLBACK],
    }}
    made = Flow.from_client_config(config, scopes=scopes, autogenerate_code_verifier=True)
    made.redirect_uri = CALLBACK
    return made


def sign_in(account, scopes=(DRIVE,), **extra):
    made = flow(list(scopes))
    url, state = made.authorization_url(access_type="offline", prompt="consent", **extra)
    answer = agree(url, account)
    assert answer["state"] == state
    made.fetch_token(code=answer["code"])
    return made.credentials


def document():
    folder = os.path.dirname(googleapiclient.discovery_cache.__file__)
    with open(os.path.join(folder, "documents", "drive.v3.json")) as file:
        found = json.load(file)
    found["rootUrl"] = GOOGLE + "/"
    found["baseUrl"] = GOOGLE + "/drive/v3/"
    return found


DOCUMENT_V3 = document()


def service(credentials):
    return discovery.build_from_document(DOCUMENT_V3, credentials=credentials)


def refused(request, status, reason=None, **how):
    """Runs a request that must fail; gives the error object."""
    try:
        request.execute(**how)
    except HttpError as error:
        assert error.resp.status == status, (error.resp.status, error.content)
        body = json.loads(error.content)["error"]
        if reason:
            assert body["errors"][0]["reason"] == reason, body
        return body
    raise AssertionError("was not refused")


def upload(drive, name, content, mime="text/plain", parent=None, resumable=False, chunk=-1, **fields):
    body = {"name": name, **fields}
    if parent:
        body["parents"] = [parent]
    media = MediaIoBaseUpload(io.BytesIO(content), mimetype=mime, resumable=resumable, chunksize=chunk)
    want = "id,name,mimeType,size,md5Checksum,sha1Checksum,sha256Checksum,headRevisionId,parents,version"
    return drive.files().create(body=body, media_body=media, fields=want, supportsAllDrives=True)


CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


class World:
    pass


W = World()


@check
def sign_in_with_pkce_gives_tokens_for_the_chosen_account():
    W.credentials = sign_in(ADA)
    assert W.credentials.refresh_token and W.credentials.token
    W.drive = service(W.credentials)
    about = W.drive.about().get(fields="user(displayName,emailAddress,permissionId),storageQuota").execute()
    assert about["user"]["emailAddress"] == ADA
    assert isinstance(about["storageQuota"]["usage"], str)
    W.ben = service(sign_in(BEN))


@check
def login_hint_preselects_and_denial_comes_back_as_access_denied():
    url, _ = flow([DRIVE]).authorization_url(login_hint=BEN)
    _, _, page = browse(url)
    assert f'value="{BEN}" checked'.encode() in page
    assert agree(url, ADA, decision="deny")["error"] == "access_denied"


@check
def a_code_works_once_and_only_with_its_verifier():
    made = flow([DRIVE])
    url, _ = made.authorization_url(access_type="offline")
    code = agree(url, ADA)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
            "client_id": "hawser-sandbox", "client_secret": "sandbox-secret", "code_verifier": "x" * 43}
    status, _, body = browse(GOOGLE + "/token", form)
    assert status == 400 and json.loads(body)["error"] == "invalid_grant", body
    form["code_verifier"] = made.code_verifier
    status, _, body = browse(GOOGLE + "/token", form)
    assert status == 400 and json.loads(body)["error"] == "invalid_grant", body


@check
def a_wrong_redirect_or_client_is_shown_to_the_person_not_sent_back():
    url, _ = flow([DRIVE]).authorization_url()
    status, _, page = browse(url.replace(urllib.parse.quote(CALLBACK, safe=""), "https%3A%2F%2Fevil.example%2F"))
    assert status == 400 and b"redirect_uri_mismatch" in page
    status, _, page = browse(url.replace("client_id=hawser-sandbox", "client_id=nobody"))
    assert status == 401 and b"invalid_client" in page


@check
def refresh_gives_a_new_access_token_and_keeps_the_refresh_token():
    before, kept = W.credentials.token, W.credentials.refresh_token
    W.credentials.refresh(google.auth.transport.requests.Request())
    assert W.credentials.token != before and W.credentials.refresh_token == kept


@check
def an_expired_access_token_is_refreshed_by_the_client_on_401():
    control(f"users/{ADA}/expire_tokens", {})
    before = W.credentials.token
    assert W.drive.about().get(fields="user").execute()["user"]["emailAddress"] == ADA
    assert W.credentials.token != before


@check
def bad_refresh_tokens_and_bad_clients_have_their_own_errors():
    bad = Credentials(None, refresh_token="1//nonsense", token_uri=GOOGLE + "/token",
                      client_id="hawser-sandbox", client_secret="sandbox-secret")
    try:
        bad.refresh(google.auth.transport.requests.Request())
        raise AssertionError("refreshed")
    except google.auth.exceptions.RefreshError as error:
        assert "invalid_grant" in str(error)
    form = {"grant_type": "refresh_token", "refresh_token": W.credentials.refresh_token,
            "client_id": "hawser-sandbox", "client_secret": "wrong"}
    status, _, body = browse(GOOGLE + "/token", form)
    assert status == 401 and json.loads(body)["error"] == "invalid_client"


@check
def basic_client_authentication_works_as_well():
    import base64
    basic = base64.b64encode(b"hawser-sandbox:sandbox-secret").decode()
    form = {"grant_type": "refresh_token", "refresh_token": W.credentials.refresh_token}
    status, _, body = browse(GOOGLE + "/token", form, {"Authorization": "Basic " + basic})
    assert status == 200 and "refresh_token" not in json.loads(body), body
    token = json.loads(body)["access_token"]
    status, _, body = browse(GOOGLE + "/tokeninfo?access_token=" + token)
    assert status == 200 and json.loads(body)["scope"] == DRIVE


@check
def revoking_ends_the_grant():
    other = sign_in(BEN)
    status, _, _ = browse(GOOGLE + "/revoke", {"token": other.token})
    assert status == 200
    try:
        other.refresh(google.auth.transport.requests.Request())
        raise AssertionError("refreshed")
    except google.auth.exceptions.RefreshError as error:
        assert "invalid_grant" in str(error)
    W.ben = service(sign_in(BEN))


@check
def unticked_scopes_are_missing_from_the_token_and_refused_by_the_api():
    made = flow([AUTH + "drive.metadata.readonly", DRIVE])
    url, _ = made.authorization_url(access_type="offline", prompt="consent")
    made.fetch_token(code=agree(url, ADA, scopes=[AUTH + "drive.metadata.readonly"])["code"])
    assert made.oauth2session.token["scope"] == [AUTH + "drive.metadata.readonly"] or \
        made.oauth2session.token["scope"] == AUTH + "drive.metadata.readonly"
    body = refused(service(made.credentials).files().create(body={"name": "x"}), 403, "insufficientPermissions")
    assert body["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


@check
def about_without_fields_is_refused():
    refused(W.drive.about().get(), 400)


@check
def multipart_upload_keeps_bytes_and_hashes():
    W.content = b"The quick brown fox\n" * 50
    W.file = upload(W.drive, "fox.txt", W.content).execute()
    assert W.file["md5Checksum"] == hashlib.md5(W.content).hexdigest()
    assert W.file["sha1Checksum"] == hashlib.sha1(W.content).hexdigest()
    assert W.file["sha256Checksum"] == hashlib.sha256(W.content).hexdigest()
    assert W.file["size"] == str(len(W.content))


@check
def default_fields_are_four_and_masks_reach_into_objects():
    found = W.drive.files().get(fileId=W.file["id"]).execute()
    assert set(found) == {"kind", "id", "name", "mimeType"}, found
    found = W.drive.files().get(fileId=W.file["id"], fields="owners(emailAddress),capabilities/canEdit").execute()
    assert found == {"owners": [{"emailAddress": ADA}], "capabilities": {"canEdit": True}}, found
    body = refused(W.drive.files().get(fileId=W.file["id"], fields="id,nonsense"), 400, "invalidParameter")
    assert body["message"] == "Invalid field selection nonsense"
    refused(W.drive.files().get(fileId=W.file["id"], fields="files(id)"), 400)


@check
def everything_at_once_has_numbers_as_strings_and_no_nulls():
    found = W.drive.files().get(fileId=W.file["id"], fields="*").execute()
    for name in ("size", "version", "quotaBytesUsed", "thumbnailVersion"):
        assert isinstance(found[name], str), name
    assert None not in found.values()
    folder = W.drive.files().create(body={"name": "folder", "mimeType": FOLDER}, fields="*").execute()
    assert "size" not in folder and "md5Checksum" not in folder and "webContentLink" not in folder
    W.folder = folder["id"]


@check
def media_comes_in_chunks_with_ranges():
    sink = io.BytesIO()
    download = MediaIoBaseDownload(sink, W.drive.files().get_media(fileId=W.file["id"]), chunksize=300)
    done, rounds = False, 0
    while not done:
        _, done = download.next_chunk()
        rounds += 1
    assert sink.getvalue() == W.content and rounds == 4, rounds
    request = W.drive.files().get_media(fileId=W.file["id"])
    request.headers["Range"] = "bytes=99999-"
    try:
        request.execute()
        raise AssertionError("not refused")
    except HttpError as error:
        assert error.resp.status == 416 and error.resp["content-range"] == f"bytes */{len(W.content)}"


@check
def an_empty_file_downloads_as_nothing():
    empty = upload(W.drive, "empty.txt", b"").execute()
    sink = io.BytesIO()
    download = MediaIoBaseDownload(sink, W.drive.files().get_media(fileId=empty["id"]), chunksize=300)
    _, done = download.next_chunk()
    assert done and sink.getvalue() == b""


@check
def resumable_uploads_go_in_pieces_of_256_k():
    content = os.urandom(700 * 1024)
    request = upload(W.drive, "big.bin", content, "application/octet-stream", resumable=True, chunk=256 * 1024)
    answer, progress = None, []
    while answer is None:
        status, answer = request.next_chunk()
        progress.append(status.resumable_progress if status else None)
    assert progress == [262144, 524288, None], progress
    assert answer["md5Checksum"] == hashlib.md5(content).hexdigest()
    W.big = answer


@check
def new_content_by_update_is_a_new_head_revision():
    media = MediaIoBaseUpload(io.BytesIO(b"second"), mimetype="text/plain")
    after = W.drive.files().update(fileId=W.file["id"], media_body=media, fields="headRevisionId,size,version").execute()
    assert after["headRevisionId"] != W.file["headRevisionId"] and after["size"] == "6"
    assert int(after["version"]) > int(W.file["version"])


@check
def a_search_understands_the_documented_language():
    names = lambda q, **more: sorted(f["name"] for f in W.drive.files().list(q=q, **more).execute()["files"])
    upload(W.drive, "it's a \\ name.txt", b"alpha beta gamma", parent=W.folder).execute()
    upload(W.drive, "other.txt", b"beta delta", parent=W.folder, appProperties={"key": "v1"}).execute()
    assert names(f"'{W.folder}' in parents and trashed=false") == ["it's a \\ name.txt", "other.txt"]
    assert names(r"name = 'it\'s a \\ name.txt'") == ["it's a \\ name.txt"]
    assert names(f"'{W.folder}' in parents and fullText contains 'beta'") == ["it's a \\ name.txt", "other.txt"]
    assert names(f"'{W.folder}' in parents and fullText contains '\"beta gamma\"'") == ["it's a \\ name.txt"]
    assert names("appProperties has { key='key' and value='v1' }") == ["other.txt"]
    assert names("name contains 'oth' and not mimeType = 'application/pdf'") == ["other.txt"]
    assert names("'root' in parents and mimeType = '" + FOLDER + "'") == ["folder"]
    assert names(f"(name = 'other.txt' or name = 'fox.txt') and modifiedTime > '2012-06-04T12:00:00'") == ["fox.txt", "other.txt"]
    assert names(f"'{ADA}' in owners and name = 'fox.txt'") == ["fox.txt"]
    body = refused(W.drive.files().list(q="name like 'x'"), 400, "invalid")
    assert body["errors"][0]["location"] == "q"
    refused(W.drive.files().list(q="fullText contains 'beta'", orderBy="name"), 400, "badRequest")


@check
def pages_follow_one_another_and_foreign_tokens_are_refused():
    control("files/bulk", {"owner": ADA, "parent": W.folder, "count": 25, "prefix": "page"})
    ask = dict(q=f"'{W.folder}' in parents and name contains 'page'", pageSize=10, orderBy="name_natural",
               fields="nextPageToken,files(name)")
    request, pages = W.drive.files().list(**ask), []
    while request is not None:
        answer = request.execute()
        pages.append([f["name"] for f in answer["files"]])
        last, request = request, W.drive.files().list_next(request, answer)
    assert [len(page) for page in pages] == [10, 10, 5]
    assert sum(pages, []) == [f"page{n}.txt" for n in range(25)]
    first = W.drive.files().list(**ask).execute()
    body = refused(W.drive.files().list(pageToken="nonsense"), 400, "invalid")
    assert body["message"] == "Invalid Value" and body["errors"][0]["location"] == "pageToken"
    refused(W.ben.files().list(**{**ask, "q": None}, pageToken=first["nextPageToken"]), 400, "invalid")


@check
def native_documents_are_exported_not_downloaded():
    made = W.drive.files().create(
        body={"name": "Report", "mimeType": DOCUMENT},
        media_body=MediaIoBaseUpload(io.BytesIO(b"Hello\nWorld"), mimetype="text/plain"),
        fields="id,size,md5Checksum,exportLinks,webContentLink").execute()
    W.doc = made["id"]
    assert "md5Checksum" not in made and "webContentLink" not in made and "application/pdf" in made["exportLinks"]
    pdf = W.drive.files().export(fileId=W.doc, mimeType="application/pdf").execute()
    assert pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF")
    text = W.drive.files().export(fileId=W.doc, mimeType="text/plain").execute()
    assert b"Hello" in text and b"World" in text
    import zipfile
    docx = W.drive.files().export(fileId=W.doc, mimeType="application/vnd.openxmlformats-officedocument.wordprocessingml.document").execute()
    package = zipfile.ZipFile(io.BytesIO(docx))
    assert package.testzip() is None and b"Hello" in package.read("word/document.xml")
    refused(W.drive.files().get_media(fileId=W.doc), 403, "fileNotDownloadable")
    refused(W.drive.files().export(fileId=W.doc, mimeType="text/csv"), 400)
    refused(W.drive.files().export(fileId=W.file["id"], mimeType="text/plain"), 403, "fileNotExportable")


@check
def exports_beyond_10_mb_go_through_a_long_running_download():
    big = b"x" * 80 + b"\n"
    made = W.drive.files().create(
        body={"name": "Huge", "mimeType": DOCUMENT},
        media_body=MediaIoBaseUpload(io.BytesIO(big * 140_000), mimetype="text/plain")).execute()
    refused(W.drive.files().export(fileId=made["id"], mimeType="text/plain"), 403, "exportSizeLimitExceeded")
    operation = W.drive.files().download(fileId=made["id"], mimeType="text/plain").execute()
    assert not operation.get("done")
    operation = W.drive.operations().get(name=operation["name"]).execute()
    assert operation["done"] is True
    uri = operation["response"]["downloadUri"]
    status, _, body = browse(uri, headers={"Authorization": "Bearer " + W.credentials.token})
    assert status == 200 and len(body) > 10 * 1024 * 1024
    assert browse(uri)[0] in (401, 403)
    W.drive.files().delete(fileId=made["id"]).execute()


@check
def the_feed_has_one_entry_per_file_and_a_new_start_on_the_last_page_only():
    start = W.drive.changes().getStartPageToken().execute()["startPageToken"]
    one = upload(W.drive, "one.txt", b"1").execute()["id"]
    two = upload(W.drive, "two.txt", b"2").execute()["id"]
    W.drive.files().update(fileId=one, body={"name": "one again.txt"}).execute()
    want = "nextPageToken,newStartPageToken,changes(changeType,fileId,removed,file(name,trashed))"
    first = W.drive.changes().list(pageToken=start, pageSize=1, fields=want).execute()
    assert [c["fileId"] for c in first["changes"]] == [two] and "newStartPageToken" not in first
    second = W.drive.changes().list(pageToken=first["nextPageToken"], pageSize=1, fields=want).execute()
    assert second["changes"][0]["file"]["name"] == "one again.txt" and "nextPageToken" not in second
    W.cursor = second["newStartPageToken"]
    assert W.drive.changes().list(pageToken=W.cursor, fields=want).execute()["changes"] == []
    W.drive.files().update(fileId=one, body={"trashed": True}).execute()
    W.drive.files().delete(fileId=two).execute()
    changes = W.drive.changes().list(pageToken=W.cursor, fields=want).execute()["changes"]
    assert changes[0]["file"]["trashed"] is True and not changes[0]["removed"]
    assert changes[1] == {"changeType": "file", "fileId": two, "removed": True}
    left = W.drive.changes().list(pageToken=W.cursor, includeRemoved=False, fields=want).execute()["changes"]
    assert [c["fileId"] for c in left] == [one]
    refused(W.drive.changes().list(pageToken="not-a-token"), 400, "invalid")


@check
def lost_access_looks_like_deletion_and_found_access_heals_it():
    start = W.ben.changes().getStartPageToken().execute()["startPageToken"]
    seen = lambda: [(c["fileId"], c["removed"]) for c in W.ben.changes().list(pageToken=start).execute()["changes"]]
    id = W.file["id"]
    refused(W.ben.files().get(fileId=id), 404, "notFound")
    grant = W.drive.permissions().create(fileId=id, body={"type": "user", "role": "reader", "emailAddress": BEN}).execute()
    assert seen() == [(id, False)]
    assert W.ben.files().get(fileId=id, fields="ownedByMe,shared").execute() == {"ownedByMe": False, "shared": True}
    assert id in [f["id"] for f in W.ben.files().list(q="sharedWithMe").execute()["files"]]
    body = refused(W.ben.files().update(fileId=id, body={"name": "mine"}), 403, "insufficientFilePermissions")
    assert body["message"] == f"The user does not have sufficient permissions for file {id}."
    W.drive.permissions().delete(fileId=id, permissionId=grant["id"]).execute()
    assert seen() == [(id, True)]
    body = refused(W.ben.files().get(fileId=id), 404, "notFound")
    assert body["message"] == f"File not found: {id}." and body["errors"][0]["location"] == "fileId"


@check
def moving_needs_the_old_parent_removed_and_keeps_the_id():
    id = W.file["id"]
    old = W.drive.files().get(fileId=id, fields="parents").execute()["parents"][0]
    refused(W.drive.files().update(fileId=id, addParents=W.folder), 403, "cannotAddParent")
    moved = W.drive.files().update(fileId=id, addParents=W.folder, removeParents=old, fields="id,parents").execute()
    assert moved == {"id": id, "parents": [W.folder]}
    refused(W.drive.files().update(fileId=id, body={"parents": [old]}), 403, "fieldNotWritable")


@check
def copies_shortcuts_and_promised_ids():
    copy = W.drive.files().copy(fileId=W.doc, body={"name": "Copy"}, fields="id,name,mimeType").execute()
    assert copy["mimeType"] == DOCUMENT and copy["id"] != W.doc
    ids = W.drive.files().generateIds(count=2).execute()["ids"]
    made = W.drive.files().create(body={"id": ids[0], "name": "promised"}).execute()
    assert made["id"] == ids[0]
    refused(W.drive.files().create(body={"id": ids[0], "name": "again"}), 409, "fileIdInUse")
    short = W.drive.files().create(
        body={"name": "short", "mimeType": SHORTCUT, "shortcutDetails": {"targetId": W.file["id"]}},
        fields="shortcutDetails,size,mimeType").execute()
    assert short["shortcutDetails"] == {"targetId": W.file["id"], "targetMimeType": "text/plain"} and "size" not in short


@check
def pinned_revisions_stay_and_unpinned_ones_cannot_be_read():
    id = upload(W.drive, "versions.txt", b"v1").execute()["id"]
    for content in (b"v2", b"v3"):
        W.drive.files().update(fileId=id, media_body=MediaIoBaseUpload(io.BytesIO(content), mimetype="text/plain")).execute()
    all = W.drive.revisions().list(fileId=id).execute()["revisions"]
    assert len(all) == 3 and set(all[0]) == {"kind", "id", "mimeType", "modifiedTime"}
    first, second, head = (revision["id"] for revision in all)
    pinned = W.drive.revisions().update(fileId=id, revisionId=first, body={"keepForever": True}, fields="keepForever").execute()
    assert pinned == {"keepForever": True}
    refused(W.drive.revisions().update(fileId=id, revisionId=first, body={"keepForever": False}), 400, "illegalKeepForeverModification")
    assert W.drive.revisions().get_media(fileId=id, revisionId=first).execute() == b"v1"
    refused(W.drive.revisions().get_media(fileId=id, revisionId=second), 403, "download_restricted_for_revision")
    control("clock/advance", {"ms": 31 * 24 * 3600 * 1000})
    try:
        left = [r["id"] for r in W.drive.revisions().list(fileId=id).execute()["revisions"]]
        assert left == [first, head], left
        W.drive.revisions().delete(fileId=id, revisionId=first).execute()
        refused(W.drive.revisions().delete(fileId=id, revisionId=head), 403)
    finally:
        control("clock/advance", {"ms": -31 * 24 * 3600 * 1000})


@check
def shared_drives_hide_from_clients_that_do_not_say_they_know_them():
    drive = control("drives", {"name": "Team", "organizer": ADA})["id"]
    W.team = drive
    id = upload(W.drive, "team.txt", b"team", parent=drive).execute()["id"]
    refused(W.drive.files().get(fileId=id), 404, "notFound")
    found = W.drive.files().get(fileId=id, supportsAllDrives=True, fields="driveId,ownedByMe,owners").execute()
    assert found == {"driveId": drive}, found
    assert {"id": drive, "name": "Team"} in W.drive.drives().list(fields="drives(id,name)").execute()["drives"]
    listed = W.drive.files().list(corpora="drive", driveId=drive, includeItemsFromAllDrives=True, supportsAllDrives=True).execute()
    assert [f["id"] for f in listed["files"]] == [id]
    assert id not in [f["id"] for f in W.drive.files().list(q="name='team.txt'").execute()["files"]]
    refused(W.drive.files().list(includeItemsFromAllDrives=True), 403, "supportsTeamDrivesRequired")
    refused(W.drive.files().list(corpora="drive", includeItemsFromAllDrives=True, supportsAllDrives=True), 400)


@check
def a_shared_drive_has_its_own_feed_and_membership_is_a_drive_change():
    all = dict(supportsAllDrives=True, includeItemsFromAllDrives=True)
    start = W.ben.changes().getStartPageToken().execute()["startPageToken"]
    refused(W.ben.changes().getStartPageToken(driveId=W.team, supportsAllDrives=True), 404, "notFound")
    control(f"drives/{W.team}/members", {"email": BEN, "role": "reader"})
    mine = W.ben.changes().list(pageToken=start, **all, fields="changes(changeType,driveId,removed,drive/name)").execute()["changes"]
    assert mine == [{"changeType": "drive", "driveId": W.team, "removed": False, "drive": {"name": "Team"}}], mine
    own = W.ben.changes().getStartPageToken(driveId=W.team, supportsAllDrives=True).execute()["startPageToken"]
    id = upload(W.drive, "more.txt", b"more", parent=W.team).execute()["id"]
    seen = W.ben.changes().list(pageToken=own, driveId=W.team, **all).execute()["changes"]
    assert [c["fileId"] for c in seen] == [id]
    control(f"drives/{W.team}/members/remove", {"email": BEN})
    mine = W.ben.changes().list(pageToken=start, **all).execute()["changes"]
    assert [c["removed"] for c in mine if c["changeType"] == "drive"] == [True]


@check
def leaving_my_drive_for_a_shared_drive_is_a_removal_that_may_carry_the_file():
    id = upload(W.drive, "mover.txt", b"m").execute()["id"]
    root = W.drive.files().get(fileId="root", fields="id").execute()["id"]
    start = W.drive.changes().getStartPageToken().execute()["startPageToken"]
    W.drive.files().update(fileId=id, addParents=W.team, removeParents=root, supportsAllDrives=True).execute()
    plain = W.drive.changes().list(pageToken=start, fields="changes(removed,file/id)").execute()["changes"]
    assert plain == [{"removed": True}], plain
    kept = W.drive.changes().list(pageToken=start, includeCorpusRemovals=True, fields="changes(removed,file/id)").execute()["changes"]
    assert kept == [{"removed": True, "file": {"id": id}}], kept


@check
def resource_keys_open_link_shared_files():
    id = upload(W.drive, "keyed.txt", b"k").execute()["id"]
    state = control(f"files/{id}/share", {"resource_key": True})
    refused(W.ben.files().get(fileId=id), 404, "notFound")
    request = W.ben.files().get(fileId=id, fields="resourceKey")
    request.headers["X-Goog-Drive-Resource-Keys"] = f"{id}/{state['resource_key']}"
    assert request.execute()["resourceKey"] == state["resource_key"]


@check
def a_batch_answers_each_part_with_its_own_id():
    got = {}
    batch = W.drive.new_batch_http_request(callback=lambda id, answer, error: got.__setitem__(id, (answer, error)))
    batch.add(W.drive.files().get(fileId=W.file["id"], fields="name"), request_id="a")
    batch.add(W.drive.files().get(fileId="missing"), request_id="b")
    batch.add(W.drive.files().update(fileId=W.doc, body={"name": "Renamed"}, fields="name"), request_id="c")
    batch.execute()
    assert got["a"][0] == {"name": "fox.txt"}, got
    assert got["b"][1].resp.status == 404
    assert got["c"][0] == {"name": "Renamed"}


@check
def push_channels_say_sync_first_and_then_change():
    calls = queue.Queue()

    class Hook(http.server.BaseHTTPRequestHandler):
        failures = 1

        def do_POST(self):
            if self.headers["X-Goog-Resource-State"] == "change" and Hook.failures:
                Hook.failures -= 1
                self.send_response(503)
            else:
                calls.put(self.headers)
                self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cursor = W.drive.changes().getStartPageToken().execute()["startPageToken"]
    body = {"id": str(uuid.uuid4()), "type": "web_hook", "token": "secret",
            "address": f"http://127.0.0.1:{server.server_port}/hook"}
    before = time.time()
    channel = W.drive.changes().watch(pageToken=cursor, body=body).execute()
    assert channel["kind"] == "api#channel" and isinstance(channel["expiration"], str)
    assert 3500 < int(channel["expiration"]) / 1000 - before < 3700
    sync = calls.get(timeout=5)
    assert sync["X-Goog-Resource-State"] == "sync" and sync["X-Goog-Message-Number"] == "1"
    assert sync["X-Goog-Channel-Token"] == "secret" and sync["X-Goog-Resource-Id"] == channel["resourceId"]
    refused(W.drive.changes().watch(pageToken=cursor, body=body), 400, "channelIdNotUnique")
    W.drive.files().update(fileId=W.doc, body={"name": "pushed"}).execute()
    change = calls.get(timeout=5)
    assert change["X-Goog-Resource-State"] == "change" and int(change["X-Goog-Message-Number"]) > 1
    stop = {"id": channel["id"], "resourceId": channel["resourceId"]}
    refused(W.ben.channels().stop(body=stop), 404)
    W.drive.channels().stop(body=stop).execute()
    refused(W.drive.channels().stop(body=stop), 404)
    long = dict(body, id=str(uuid.uuid4()), expiration=str(int((time.time() + 30 * 86400) * 1000)))
    channel = W.drive.changes().watch(pageToken=cursor, body=long).execute()
    assert int(channel["expiration"]) / 1000 - time.time() < 604_801
    W.drive.channels().stop(body={"id": channel["id"], "resourceId": channel["resourceId"]}).execute()
    plain = dict(body, id=str(uuid.uuid4()), address="http://example.com/hook")
    refused(W.drive.changes().watch(pageToken=cursor, body=plain), 400, "push.webhookUrlNotHttps")
    server.shutdown()


@check
def thumbnails_need_credentials_and_are_pictures():
    found = W.drive.files().get(fileId=W.file["id"], fields="hasThumbnail,thumbnailLink,thumbnailVersion").execute()
    assert found["hasThumbnail"] is True
    bearer = {"Authorization": "Bearer " + W.credentials.token}
    status, headers, body = browse(found["thumbnailLink"], headers=bearer)
    assert status == 200 and headers["Content-Type"] == "image/png" and body.startswith(b"\x89PNG")
    assert browse(found["thumbnailLink"])[0] == 401
    looker = service(sign_in(ADA, [AUTH + "drive.metadata.readonly"]))
    assert "thumbnailLink" not in looker.files().get(fileId=W.file["id"], fields="*").execute()
    status, _, larger = browse(found["thumbnailLink"].replace("=s220", "=s800"), headers=bearer)
    assert status == 200 and len(larger) > len(body)


@check
def drive_file_sees_what_the_user_picked_and_nothing_else():
    made = flow([AUTH + "drive.file"])
    url, _ = made.authorization_url(access_type="offline", prompt="consent", trigger_onepick="true")
    control("clients", {"id": "picker", "secret": "s", "any_loopback": True})
    url = url.replace("client_id=hawser-sandbox", "client_id=picker")
    answer = agree(url, ADA, picked=[W.file["id"]])
    assert answer["picked_file_ids"] == W.file["id"]
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": CALLBACK,
            "client_id": "picker", "client_secret": "s", "code_verifier": made.code_verifier}
    status, _, body = browse(GOOGLE + "/token", form)
    assert status == 200, body
    narrow = service(Credentials(json.loads(body)["access_token"]))
    assert narrow.files().get(fileId=W.file["id"]).execute()["id"] == W.file["id"]
    assert [f["id"] for f in narrow.files().list().execute()["files"]] == [W.file["id"]]
    refused(narrow.files().get(fileId=W.doc), 403, "appNotAuthorizedToFile")
    refused(narrow.drives().list(), 403, "insufficientPermissions")


@check
def apps_need_their_own_scope():
    refused(W.drive.apps().list(), 403, "insufficientPermissions")
    apps = service(sign_in(ADA, [AUTH + "drive.apps.readonly"])).apps().list(appFilterMimeTypes="text/plain").execute()
    assert apps["items"] and "{ids}" in apps["items"][0]["openUrlTemplate"]


@check
def without_a_token_reading_is_403_and_writing_is_401():
    anonymous = discovery.build_from_document(DOCUMENT_V3, http=httplib2.Http())
    assert refused(anonymous.files().list(), 403)["message"].startswith("Method doesn't allow unregistered callers")
    refused(anonymous.files().create(body={}), 401)
    status, _, body = browse(GOOGLE + "/drive/v3/files", headers={"Authorization": "Bearer nonsense"})
    assert status == 401 and json.loads(body)["error"]["errors"][0]["reason"] == "authError"
    assert body.startswith(b'{\n  "error"') and body.endswith(b"\n")


@check
def the_client_retries_rate_limits_and_server_errors_when_told_to():
    control("faults", {"path": "/drive/v3/about", "status": 403, "reason": "userRateLimitExceeded", "times": 1})
    control("faults", {"path": "/drive/v3/about", "status": 503, "times": 1})
    control("requests/reset", {})
    assert W.drive.about().get(fields="kind").execute(num_retries=3)["kind"] == "drive#about"
    seen = control("requests", {"path": "/drive/v3/about"})
    assert [request["status"] for request in seen] == [403, 503, 200]
    assert seen[-1]["user"] == ADA and seen[-1]["units"] == 5
    control("faults", {"path": "/drive/v3/about", "status": 500, "times": 1})
    refused(W.drive.about().get(fields="kind"), 500)
    control("faults/clear", {"id": None})


@check
def quota_is_counted_in_units():
    control("limits", {"user_units_per_minute": 210})
    try:
        W.drive.files().list(pageSize=1).execute()
        W.drive.files().list(pageSize=1).execute()
        refused(W.drive.files().list(pageSize=1), 403, "userRateLimitExceeded")
        control("clock/advance", {"ms": 60_000})
        W.drive.files().list(pageSize=1).execute()
    finally:
        control("limits", {})


@check
def invalidated_cursors_are_foreign():
    cursor = W.drive.changes().getStartPageToken().execute()["startPageToken"]
    control("cursors/invalidate", {})
    refused(W.drive.changes().list(pageToken=cursor), 400, "invalid")
    fresh = W.drive.changes().getStartPageToken().execute()["startPageToken"]
    assert W.drive.changes().list(pageToken=fresh).execute()["changes"] == []


def main():
    for email in (ADA, BEN):
        control("users", {"email": email, "display_name": email.split("-")[0].title()})
    passed = 0
    for function in CHECKS:
        try:
            function()
        except Exception:
            traceback.print_exc()
            print(f"FAILED: {function.__name__.replace('_', ' ')}")
            print(f"{passed} passed, 1 failed")
            return 1
        passed += 1
        print(f"ok: {function.__name__.replace('_', ' ')}")
    print(f"{passed} passed, 0 failed")
    return 0


sys.exit(main())
