"""What holds at every address: headers, cookies, tokens, hosts, and reading that never writes."""

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from practice.ports import Tools
from tests import databases
from tests.browser import Browser, Page
from tests.fakes import Postbox, body, make_tools
from tests.looking import Dump, dump
from tests.makers import at, book_for, deliver_all, give_password, hold_for, make_practice
from tests.people import ADA, BEN, CLEO
from tests.web.conftest import Inside

# For whoever cannot sign in yet, or not any more.
OPEN_DESK = {
    "security.login", "desk.set_up", "desk.set_up_done", "desk.sign_in_code",
    "desk.sign_in_with_code", "desk.forgot", "desk.forgot_it", "desk.forgot_asked", "desk.reset",
    "desk.reset_done",
}  # fmt: skip
CANARY = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{7*7}}</textarea>"""
# What is unknown is told before the token is looked at; notices have a signature in its place.
TOLD_UNKNOWN = {"public.book_details", "desk.set_up_done", "desk.save_note", "hooks.stripe"}
WANTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}


def addresses(app: Flask, method: str, **values: object) -> list[tuple[str, str]]:
    """Every (endpoint, path) that knows the method, filled in with these values or with 1."""
    adapter = app.url_map.bind("practice.example", url_scheme="https")
    filled = {"slug": "free-chat", "month": "2026-06", "filename": "practice.css", "token": "x"}
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            wanted = {name: (filled | values).get(name, 1) for name in rule.arguments}
            found.append((rule.endpoint, adapter.build(rule.endpoint, wanted)))
    return found


def without_token(page: Page) -> str:
    return re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "", page.source)


def test_every_answer_carries_the_headers_whatever_its_status(
    app: Flask, browser: Browser, inside: Inside
) -> None:
    with inside:
        ada = book_for(ADA, at=at("Thu 10:00"))
    paths = [path for _, path in addresses(app, "GET", token=ada.token)]
    answers = [browser.send(path, method="GET") for path in [*paths, "/nothing", "/%00"]]
    answers += [browser.send("/book/hold"), browser.send("/", method="PUT")]
    answers += [browser.send("/", method="GET", base_url="https://evil.example")]

    assert {answer.status for answer in answers} >= {200, 302, 400, 403, 404, 405}
    for answer in answers:
        where = f"{answer.status} {answer.path}"
        policy = dict(
            part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == "'none'", where
        assert policy["frame-ancestors"] == "'none'", where
        assert policy["base-uri"] == "'none'", where
        assert policy["form-action"] == "'self'", where
        assert "unsafe" not in answer.headers["Content-Security-Policy"], where
        for name, value in WANTED.items():
            assert answer.headers.get(name) == value, f"{where}: {name}"
        assert "Access-Control-Allow-Origin" not in answer.headers, where
        told = answer.headers.get("Content-Type", "").replace('"', "")
        assert "charset=utf-8" in told or "text/" not in told, where


def test_no_page_is_kept_by_any_cache_and_static_files_are(app: Flask, browser: Browser) -> None:
    for endpoint, path in addresses(app, "GET"):
        if endpoint in {"static", "public.photo"}:
            continue
        assert browser.send(path, method="GET").headers["Cache-Control"] == "no-store", path

    page = browser.open("/")
    sheet = next(e.get("href", "") for e in page.tree.iter("link") if e.get("rel") == "stylesheet")
    assert "max-age=31536000" in browser.send(sheet, method="GET").headers["Cache-Control"]


def test_cookies_are_for_this_host_over_https_and_out_of_reach_of_scripts(
    browser: Browser,
) -> None:
    page = browser.press(browser.open("/"), browser.open("/").form().choices("t")[0])
    cookies = [
        *page.headers.getlist("Set-Cookie"),
        *browser.open("/ask").headers.getlist("Set-Cookie"),
    ]
    cookies += browser.send("/", method="GET").headers.getlist("Set-Cookie")
    stored = browser.client.get_cookie("__Host-practice", "practice.example")

    assert stored is not None
    assert stored.secure
    assert stored.http_only
    assert stored.same_site == "Lax"
    assert stored.path == "/"
    for cookie in cookies:
        assert cookie.startswith("__Host-practice=")
        assert "Domain=" not in cookie


def test_on_loopback_cookies_have_a_plain_name_and_no_hsts_is_sent(
    database: str, tmp_path: object
) -> None:
    from dataclasses import replace
    from pathlib import Path

    from practice.app import create_app
    from practice.models.base import db

    base = "http://127.0.0.1:8000"
    settings = databases.settings_for(database, Path(str(tmp_path)), base_url=base)
    app = create_app(settings, replace(make_tools(), base_url=base))
    with app.app_context():
        make_practice()
    page = Browser(app).open("/")

    assert page.headers["Set-Cookie"].startswith("practice=")
    assert "Secure" not in page.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in page.headers
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("token", [None, "IjEi.x.y"])
@pytest.mark.parametrize("signed_in", [False, True])
def test_every_post_refuses_a_missing_token_and_writes_nothing(
    app: Flask, browser: Browser, inside: Inside, token: str | None, signed_in: bool
) -> None:
    with inside:
        ada = book_for(ADA, at=at("Thu 10:00"))
        hold = hold_for(BEN, at=at("Fri 10:00"))
        password = give_password()
    if signed_in:
        browser.sign_in("maya@lantern.example", password)
    browser.open("/")
    with inside:
        before = dump()
    fields = {"name": "Ada", "email": ADA.email, "message": "Hi", "t": "2026-06-05T13:00:00Z"}
    fields |= {"who": "me", "d": "2026-06-05", "zone": "UTC", "password": password}
    if token is not None:
        fields["csrf_token"] = token

    posts = {*addresses(app, "POST", token=ada.token), *addresses(app, "POST", token=hold)}
    for endpoint, path in sorted(posts):
        page = browser.send(path, fields.items())
        unknown = endpoint in TOLD_UNKNOWN and page.status == 404
        # Notes look at the token with their form, once it is sure that the coach is there.
        sent_off = endpoint == "desk.save_note" and page.status == 302 and not signed_in
        assert page.status == 403 or unknown or sent_off, f"{page.status} {path}"

    with inside:
        assert dump(without=["throttles"]) == _without(before, "throttles")


def test_a_token_of_another_browser_is_refused(app: Flask, browser: Browser) -> None:
    page = browser.open("/")
    thief = Browser(app)
    thief.open("/")

    thief.press(page, page.form().choices("t")[0], status=403)


def test_reading_never_writes(app: Flask, browser: Browser, inside: Inside) -> None:
    with inside:
        ada = book_for(ADA, at=at("Thu 10:00"))
        hold = hold_for(BEN, at=at("Fri 10:00"))
        spent = hold_for(CLEO, at=at("Fri 12:00"))
        before = dump()

    tokens = (ada.token, hold, spent, "mistyped")
    paths = {path for token in tokens for _, path in addresses(app, "GET", token=token)}
    for path in sorted(paths):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert browser.send(path, method=method).status < 500, path

    with inside:
        # Throttles count the wrong links: the one thing that reading may write down.
        assert dump(without=["throttles"]) == _without(before, "throttles")


def test_post_fields_are_read_from_the_body_alone(browser: Browser, inside: Inside) -> None:
    with inside:
        ada = book_for(ADA, at=at("Thu 10:00"))
        before = dump()
    page = browser.open(f"/a/{ada.token}/move")
    token = page.form().value("csrf_token")

    answer = browser.send(
        f"/a/{ada.token}/move",
        [("csrf_token", token)],
        query=[("t", "2026-06-05T13:00:00Z")],
    )

    assert answer.status == 422
    with inside:
        assert dump() == before


def test_every_desk_address_sends_a_stranger_to_the_sign_in(
    app: Flask, browser: Browser, inside: Inside
) -> None:
    token = browser.open("/ask").form().value("csrf_token")
    with inside:
        before = dump()

    for method in ("GET", "POST"):
        for endpoint, path in addresses(app, method):
            if not path.startswith("/desk") or endpoint in OPEN_DESK:
                continue
            page = browser.send(path, [("csrf_token", token)], method=method)
            sent_off = page.headers.get("Location", "")
            assert page.status in {302, 303}, f"{page.status} {method} {path}"
            assert sent_off.startswith(("/desk/sign-in", "/")), path
            assert "evil" not in sent_off

    with inside:
        assert dump() == before


def test_a_number_beyond_every_row_is_not_found_even_for_the_coach(
    app: Flask, browser: Browser, inside: Inside
) -> None:
    with inside:
        password = give_password()
    browser.sign_in("maya@lantern.example", password)

    for huge in (2**31, 2**63, 10**30):
        for rule in app.url_map.iter_rules():
            if any(name.endswith("_id") for name in rule.arguments):
                path = re.sub(r"<int[^>]*>", str(huge), str(rule))
                page = browser.send(path, method="GET")
                assert page.status in {404, 405}, f"{page.status} {path}"


def test_an_address_that_opens_nothing_is_one_page_for_every_reason(
    app: Flask, browser: Browser, inside: Inside
) -> None:
    with inside:
        ada = book_for(ADA, at=at("Thu 10:00"))
        hold = hold_for(BEN, at=at("Fri 10:00"))
    wrong = [
        "/a/mistyped",
        f"/a/{hold}",
        f"/a/{ada.token[:-1]}",
        f"/a/{ada.token.swapcase()}",
        f"/a/{ada.token}x",
        f"/book/h/{ada.token}",
        f"/a/{hold}/move",
        f"/a/{hold}/cancel",
        f"/a/{hold}/appointment.ics",
        "/nothing/at/all",
        "/sessions/nothing",
        "/times/never",
    ]

    pages = [browser.open(path, status=404) for path in wrong]
    posted = browser.press(browser.open(f"/a/{ada.token}/cancel"), "Cancel it", status=200)

    assert len({page.source for page in pages}) == 1
    assert len({tuple(name for name, _ in page.headers) for page in pages}) == 1
    assert posted.status == 200

    at_the_desk = ("/desk/set-up/mistyped", f"/desk/set-up/{ada.token}", f"/desk/reset/{hold}")
    assert len({browser.open(path, status=404).source for path in at_the_desk}) == 1


def test_another_host_is_refused_and_no_link_is_made_of_it(
    app: Flask, browser: Browser, inside: Inside, postbox: Postbox
) -> None:
    for host in (
        "https://evil.example",
        "https://practice.example.evil.example",
        "https://127.0.0.1",
    ):
        page = browser.send("/", method="GET", base_url=host)
        assert page.status == 400, host
        assert "evil" not in page.source

    details = browser.press(browser.open("/"), browser.open("/").form().choices("t")[0])
    fields = details.form("name").filled(None, {"name": "Ada", "email": ADA.email})
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4"}
    spoofed |= {"Forwarded": "host=evil.example", "X-Forwarded-Proto": "http"}
    done = browser.send(details.path, fields, headers=spoofed)

    assert done.headers["Location"].startswith("/a/")
    with inside:
        deliver_all()
    assert len(postbox.posts) == 2
    for post in postbox.posts:
        assert b"evil" not in post.raw
        assert "https://practice.example/" in body(post)


def test_a_forged_caller_does_not_fill_the_bucket_again(browser: Browser) -> None:
    for number in range(20):
        spoofed = {"X-Forwarded-For": f"10.0.0.{number}"}
        assert browser.send(f"/a/x{number}", method="GET", headers=spoofed).status == 404

    assert browser.send("/a/x", method="GET", headers={"X-Forwarded-For": "9.9.9.9"}).status == 429


def test_markup_in_a_name_is_words_on_every_page_and_in_every_letter(
    app: Flask, inside: Inside, postbox: Postbox
) -> None:
    browser = Browser(app, braces=True)
    details = browser.press(browser.open("/"), browser.open("/").form().choices("t")[0])
    wrong = browser.press(details, form="name", status=422, name=CANARY, email=CANARY)
    assert wrong.form("name").value("name") == CANARY

    done = browser.press(wrong, form="name", name=CANARY, email=ADA.email, invite=True)
    token = done.path.rpartition("/")[2]
    pages = [done, browser.open(f"/a/{token}/move"), browser.open(f"/a/{token}/cancel")]
    asked = browser.press(
        browser.open("/ask"), form="message", name=CANARY, email=ADA.email, message=CANARY
    )

    for page in [wrong, *pages, asked]:
        assert "<script>alert" not in page.source
        assert "<img src=x" not in page.source
        assert "49" not in page.h1
    with inside:
        deliver_all()
    assert len(postbox.posts) == 3
    for post in postbox.posts:
        html = body(post, "html")
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "alert(1)" not in post.subject


def test_markup_in_an_address_is_words_too(app: Flask, coach: int) -> None:
    browser = Browser(app, braces=True)
    for path in ("/", "/zone", "/times/2026-06", "/ask"):
        for name in ("zone", "who", "d", "offering", "note", "next"):
            page = browser.open(path, status=None, query=[(name, CANARY)])
            assert "<script>alert" not in page.source
            assert page.status < 500


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "%0d%0aX: 1",
    ],
)
def test_signing_in_leads_nowhere_else(browser: Browser, inside: Inside, target: str) -> None:
    with inside:
        password = give_password()
    page = browser.open("/desk/sign-in")
    fields = page.form("password").filled(
        None, {"email": "maya@lantern.example", "password": password}
    )

    answer = browser.send("/desk/sign-in", fields, query=[("next", target)])

    where = urljoin(browser.base_url + "/desk/sign-in", answer.headers.get("Location", "/desk/"))
    assert answer.status in {200, 302, 303, 422}
    assert urlsplit(where)[:2] == ("https", "practice.example")


def test_a_defect_is_a_plain_page_that_tells_nothing(
    database: str, tmp_path: Path, tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "a secret of the house"
    with databases.house_on(database, tmp_path, tools) as app:

        @app.get("/defect/<token>")
        def defect(token: str) -> str:
            raise ZeroDivisionError(secret)

        page = Browser(app).send("/defect/aprivatelink", method="GET")

    assert page.status == 500
    assert secret not in page.source
    assert "Traceback" not in page.source
    assert page.headers["Cache-Control"] == "no-store"
    assert "aprivatelink" not in "".join(record.getMessage() for record in caplog.records)


def _without(before: Dump, *names: str) -> Dump:
    return {name: rows for name, rows in before.items() if name not in names}
