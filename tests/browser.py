"""A browser without a screen: opens pages, presses their own buttons, and lints all it sees.

Forms are read from the page and sent as a real browser would send them, hidden fields, checked
boxes and all, so that a test can only do what a person could. `send` is for those who are none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask

from practice.ports import Tools
from tests.reading_html import read

Fields = list[tuple[str, str]]

_REDIRECTS = {301, 302, 303, 307, 308}
_SPOKEN = {"input", "select", "textarea"}
_UNTYPED = {"hidden", "submit", "image", "button", "reset"}


class Form:
    """A form of a page, and what pressing one of its buttons sends."""

    def __init__(self, element: Element, page: Page) -> None:
        self.element = element
        self.method = element.get("method", "get").lower()
        self.action = urljoin(page.path, element.get("action") or page.path)
        self._controls = list(_controls(element, page))

    def __contains__(self, name: str) -> bool:
        return any(control.get("name") == name for control in self._controls)

    @property
    def names(self) -> set[str]:
        return {name for control in self._controls if (name := control.get("name"))}

    @property
    def buttons(self) -> list[Element]:
        return [control for control in self._controls if _is_button(control)]

    def values(self) -> Fields:
        """What the form holds as it stands, without any button."""
        return [pair for control in self._controls for pair in _sent_by(control)]

    def value(self, name: str) -> str | None:
        return dict(self.values()).get(name)

    def choices(self, name: str) -> list[str]:
        """All values that the buttons, radios or options of this name offer."""
        return [
            value
            for control in self._controls
            if control.get("name") == name
            for value in (
                [option.get("value", "") for option in control.iter("option")]
                if control.tag == "select"
                else [control.get("value", "")]
            )
        ]

    def filled(self, button: Element | None, typed: Mapping[str, Any]) -> Fields:
        """What is sent after typing; a bool ticks a box, None leaves a field out."""
        unknown = typed.keys() - self.names
        assert not unknown, f"the form has no field {', '.join(sorted(unknown))}"
        fields = [(name, value) for name, value in self.values() if name not in typed]
        for name, value in typed.items():
            if value is True:
                fields.append((name, self.choices(name)[0] or "on"))
            elif value is not False and value is not None:
                fields.append((name, str(value)))
        if button is not None and button.get("name"):
            fields.append((button.get("name", ""), button.get("value", "")))
        return fields


class Page:
    """An answer as it was read: `path` is where it was found in the end."""

    def __init__(self, response: Any, path: str, *, braces: bool = False) -> None:
        self.path = path
        self.status: int = response.status_code
        self.headers = response.headers
        self.raw: bytes = response.get_data()
        has_body = response.request.method not in {"HEAD", "OPTIONS"}
        self.is_html = has_body and response.mimetype == "text/html"
        self.source = self.raw.decode("utf-8") if self.is_html else ""
        self.tree, self._parse_errors = read(self.source)
        if self.is_html:
            self._lint(braces=braces)

    @property
    def title(self) -> str:
        return words(self.tree.find(".//title"))

    @property
    def h1(self) -> str:
        return words(self.tree.find(".//h1"))

    @property
    def text(self) -> str:
        """Every word that stands on the page."""
        return words(self.tree.find("body"))

    @property
    def forms(self) -> list[Form]:
        return [Form(element, self) for element in self.tree.iter("form")]

    @property
    def links(self) -> dict[str, str]:
        return {words(link): link.get("href", "") for link in self.tree.iter("a")}

    @property
    def errors(self) -> str:
        """The words of the summary of what is wrong, or ""."""
        told = (e for e in self.tree.iter() if "errors" in (e.get("class") or "").split())
        return " ".join(words(element) for element in told)

    def find(self, **attributes: str) -> Element | None:
        return next(iter(self.find_all(**attributes)), None)

    def find_all(self, **attributes: str) -> list[Element]:
        return [
            element
            for element in self.tree.iter()
            if all(element.get(name) == value for name, value in attributes.items())
        ]

    def form(self, wanted: str | None = None) -> Form:
        """The form with this field, button or end of its action; or else the only POST form."""
        found = [form for form in self.forms if form.method == "post" or wanted]
        if wanted:
            found = [
                form
                for form in found
                if wanted in form
                or form.action.endswith(wanted)
                or any(_reads(button, wanted) for button in form.buttons)
            ]
        assert len(found) == 1, (
            f"{len(found)} forms for {wanted!r} on {self.path}: {self.text[:400]}"
        )
        return found[0]

    def _lint(self, *, braces: bool) -> None:
        faults = list(_faults(self, self._parse_errors))
        if not braces and ("{{" in self.source or "{%" in self.source):
            faults.append("template braces")
        assert not faults, f"{self.path}: " + "; ".join(faults)


class Browser:
    """Somebody's browser with its cookies, calling from an address.

    `braces` is for who types some: elsewhere "{{" on a page is a template that was not filled in.
    """

    def __init__(self, app: Flask, *, address: str = "203.0.113.7", braces: bool = False) -> None:
        self._braces = braces
        self.base_url = cast("Tools", app.extensions["practice"]).base_url
        self.client = app.test_client()
        self._address = address

    def open(self, path: str, *, status: int | None = 200, **options: Any) -> Page:
        """Open an address of the house, and go wherever it leads."""
        return self._ended(self.send(path, method="GET", **options), status)

    def press(
        self,
        page: Page,
        button: str = "",
        *,
        form: str | Form | None = None,
        status: int | None = 200,
        **fields: Any,
    ) -> Page:
        """Fill the form of this button in and press it, and go wherever that leads."""
        chosen = form if isinstance(form, Form) else page.form(form or button or None)
        pressed = _button(chosen, button)
        sent = chosen.filled(pressed, fields)
        if chosen.method == "get":
            return self.open(f"{chosen.action.partition('?')[0]}", status=status, query=sent)
        kind = chosen.element.get("enctype", "application/x-www-form-urlencoded")
        return self._ended(self.send(chosen.action, sent, content_type=kind), status)

    def send(
        self,
        path: str,
        fields: Iterable[tuple[str, Any]] = (),
        *,
        method: str = "POST",
        query: Iterable[tuple[str, Any]] | None = None,
        **options: Any,
    ) -> Page:
        """Send what no page of ours offers, and follow nothing."""
        environ = {"REMOTE_ADDR": self._address} | options.pop("environ_overrides", {})
        data = {} if method in {"GET", "HEAD"} else {"data": _multi(fields)}
        if query is not None:
            data["query_string"] = _multi(query)
        response = self.client.open(
            path,
            method=method,
            base_url=options.pop("base_url", self.base_url),
            environ_overrides=environ,
            **(data | options),
        )
        with response:
            return Page(response, path, braces=self._braces)

    def sign_in(self, email: str, password: str) -> Page:
        """Sign in at the desk."""
        page = self.open("/desk/sign-in")
        return self.press(page, form="password", email=email, password=password)

    def _ended(self, page: Page, status: int | None) -> Page:
        hops = 0
        while page.status in _REDIRECTS:
            where = urljoin(self.base_url + page.path, page.headers["Location"])
            assert urlsplit(where).netloc == urlsplit(self.base_url).netloc, f"sent off to {where}"
            page = self.send(where.removeprefix(self.base_url), method="GET")
            hops += 1
            assert hops < 5, f"sent in circles at {page.path}"
        if status is not None:
            assert page.status == status, f"{page.status} at {page.path}: {page.text[:400]}"
        return page


def words(element: Element | None) -> str:
    """The text of an element with single spaces."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _multi(fields: Iterable[tuple[str, Any]]) -> Any:
    from werkzeug.datastructures import MultiDict

    return MultiDict(list(fields))


def _controls(element: Element, page: Page) -> Iterator[Element]:
    tags = {"input", "button", "select", "textarea"}
    yield from (control for control in element.iter() if control.tag in tags)
    form_id = element.get("id")
    if form_id:
        yield from (control for control in page.tree.iter() if control.get("form") == form_id)


def _is_button(control: Element) -> bool:
    kind = control.get("type", "submit" if control.tag == "button" else "text")
    return control.tag in {"button", "input"} and kind in {"submit", "image"}


def _sent_by(control: Element) -> Fields:
    name, kind = control.get("name"), control.get("type", "text")
    if not name or control.get("disabled") is not None or control.tag == "button":
        return []
    if control.tag == "textarea":
        # A newline right after the tag is the parser's, not the writer's.
        return [(name, "".join(control.itertext()))]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None]
        return [(name, option.get("value") or words(option)) for option in chosen or options[:1]]
    if kind in {"checkbox", "radio"}:
        return [(name, control.get("value", "on"))] if control.get("checked") is not None else []
    return [] if kind in _UNTYPED - {"hidden"} else [(name, control.get("value", ""))]


def _button(form: Form, label: str) -> Element | None:
    buttons = form.buttons
    if not label:
        # Return in a field presses the first button; a picker of many times has no first one.
        return buttons[0] if buttons and not buttons[0].get("name") else None
    found = [button for button in buttons if _reads(button, label)]
    assert found or label in form or form.action.endswith(label), f"there is no button {label!r}"
    return found[0] if found else None


def _reads(button: Element, label: str) -> bool:
    return label in words(button) or label == button.get("value")


def _faults(page: Page, parse_errors: Iterable[tuple[Any, str]]) -> Iterator[str]:
    tree = page.tree
    ids = Counter(value for element in tree.iter() if (value := element.get("id")))
    yield from (f"parse error {code} at {where}" for where, code in parse_errors)
    if not tree.get("lang"):
        yield "no language"
    if len(tree.findall(".//h1")) != 1:
        yield f"{len(tree.findall('.//h1'))} h1 instead of one"
    if not page.title:
        yield "no title"
    yield from (f"id {name} stands {count} times" for name, count in ids.items() if count > 1)
    yield from _dead_references(tree, ids)
    yield from _inline(tree)
    yield from _nameless(tree)
    for form in page.forms:
        if form.method == "post" and not form.value("csrf_token"):
            yield f"the form to {form.action} has no token"
        if form.method == "get" and "csrf_token" in form:
            yield f"the form to {form.action} tells its token in the address"


def _dead_references(tree: Element, ids: Mapping[str, int]) -> Iterator[str]:
    for element in tree.iter():
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "form"):
            for wanted in (element.get(name) or "").split():
                if wanted not in ids:
                    yield f"{name} names {wanted}, which is not there"
        href = element.get("href", "")
        if href.startswith("#") and href[1:] not in ids:
            yield f"a link leads to {href}, which is not there"


def _inline(tree: Element) -> Iterator[str]:
    for element in tree.iter():
        if element.tag == "style" or element.get("style") is not None:
            yield f"inline style at {element.tag}"
        if element.tag == "script" and (not element.get("src") or words(element)):
            yield "inline script"
        handlers = [name for name in element.keys() if str(name).startswith("on")]  # noqa: SIM118
        yield from (f"inline handler {name}" for name in handlers)
        for name in ("href", "src", "action"):
            scheme = (element.get(name) or "").partition(":")[0].strip().casefold()
            if scheme in {"javascript", "data", "vbscript"}:
                yield f"{name} is a {scheme}: address"


def _nameless(tree: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in tree.iter("label") if words(label)}
    wrapped = {id(child) for label in tree.iter("label") if words(label) for child in label.iter()}
    for element in tree.iter():
        named = element.get("aria-label") or element.get("aria-labelledby")
        kind = element.get("type", "text")
        if element.tag in _SPOKEN and kind not in _UNTYPED:
            if not (named or element.get("id") in labelled or id(element) in wrapped):
                yield f"{element.tag} {element.get('name')} has no label"
        elif element.tag in {"button", "a"} and not (named or words(element) or _alt(element)):
            yield f"a {element.tag} has no name"
        elif element.tag == "img" and element.get("alt") is None:
            yield f"image {element.get('src')} has no alt text"


def _alt(element: Element) -> str:
    return "".join(image.get("alt", "") for image in element.iter("img"))
