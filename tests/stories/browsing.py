"""People's browsers: Chromium contexts that notice what a page must not do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

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
    made = Visit(context.new_page(), home)
    context.on("request", made.note)
    context.on("console", made.hear)
    context.on("weberror", lambda fault: made.complaints.append(str(fault.error)))
    return made
