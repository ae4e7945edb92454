"""People's browsers: Chromium contexts that notice what a page must not do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
    sync_playwright,
)

from tests.chromium import ARGS

PHONE = (390, 844)
DESK = (1280, 800)
SIZES = {"phone": PHONE, "desk": DESK}

# No name leads anywhere but here: a story that leaves this machine fails instead of leaving.
_AT_HOME = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_PATIENCE_MS = 20_000


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Start the Chromium at this path, without a screen."""
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGS, _AT_HOME])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """A page in a browser of its own, and what it asked for and complained about."""

    page: Page
    home: str
    requests: list[str] = field(default_factory=list)
    documents: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    @property
    def strangers(self) -> list[str]:
        """Addresses outside the house that the pages asked for."""
        return [
            url for url in self.requests if not url.startswith((f"{self.home}/", "data:", "blob:"))
        ]

    def check(self) -> None:
        """Fail if a page spoke to anybody else, or complained on the console."""
        assert not self.strangers, f"asked others: {self.strangers}"
        assert not self.complaints, f"complained: {self.complaints}"

    def note(self, request: Request) -> None:
        """Remember what a page asked for."""
        self.requests.append(request.url)
        if request.resource_type == "document":
            self.documents.add(_page_of(request.url))

    def hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        refused = "the server responded with a status of 4" in message.text
        if refused and _page_of(message.location["url"]) in self.documents:
            return  # a polite refusal is an answer, not a fault of the page
        self.complaints.append(f"{urlsplit(message.location['url']).path}: {message.text}")

    def wince(self, fault: WebError) -> None:
        """Remember what a script of the page stumbled over."""
        self.complaints.append(str(fault.error))

    def begin(self) -> "Visit":
        """Watch the browser's pages from now on."""
        self.page.context.on("request", self.note)
        self.page.context.on("console", self.hear)
        self.page.context.on("weberror", self.wince)
        return self

    def leave(self) -> None:
        """Watch no more."""
        context = self.page.context
        context.remove_listener("request", self.note)
        context.remove_listener("console", self.hear)
        context.remove_listener("weberror", self.wince)


def _page_of(url: str) -> str:
    return url.partition("#")[0]


def visit(
    browser: Browser,
    home: str,
    *,
    size: tuple[int, int] = PHONE,
    zone: str = "Europe/London",
    js: bool = True,
    **options: Any,
) -> Visit:
    """Open a browser window of this size, at somebody who lives in this zone."""
    width, height = size
    context = browser.new_context(
        base_url=home,
        viewport={"width": width, "height": height},
        timezone_id=zone,
        locale="en-GB",
        java_script_enabled=js,
        reduced_motion="reduce",
        service_workers="block",
        **options,
    )
    context.set_default_timeout(_PATIENCE_MS)
    return Visit(context.new_page(), home).begin()


class Turns:
    """One window for each house, used in turns: who comes finds no cookie and no page of others.

    Chromium makes a process for each new window, in which all scripts, and axe above all, are cold.
    Beside cookies no page of ours keeps anything (localStorage and its like), which is looked at.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._last: dict[str, Visit] = {}

    def visit(self, home: str, *, past: Any = None) -> Visit:
        """Open a phone's window at a house, with the memory of a past visit if there is one."""
        before = self._last.get(home)
        if before is None:
            made = visit(self._browser, home, storage_state=past)
        else:
            made = self._after(before, past)
        self._last[home] = made
        return made

    def close(self) -> None:
        """Close all windows."""
        for last in self._last.values():
            last.page.context.close()

    def _after(self, before: Visit, past: Any) -> Visit:
        context = before.page.context
        kept = context.storage_state(indexed_db=True)["origins"]
        assert kept == [], f"a page kept {kept}"
        before.leave()
        old = context.pages
        page = context.new_page()  # before the old ones close: the process ends with its last page
        for each in old:
            each.close()
        context.clear_cookies()
        if past:
            assert past["origins"] == []
            context.add_cookies(past["cookies"])
        return Visit(page, before.home).begin()
