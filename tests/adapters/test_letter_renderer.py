"""Letters as they arrive: every kind, both bodies, headers that nobody can bend."""

import html
import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.adapters.invites import IcalInvites
from practice.adapters.letter_renderer import TEMPLATES, JinjaLetters
from practice.domain.letters import Letter, LetterKind, LinkTo, discreet
from practice.ports import MailRefused
from tests.adapters.letters import DESK, END, MAYA, PRIVATE, SAM, START, entry, letter
from tests.fakes import body, opened
from tests.invites import calendar_of

RENDERER = JinjaLetters(IcalInvites())
CLIENT_KINDS = [kind for kind in LetterKind if not kind.for_coach]
COACH_KINDS = [kind for kind in LetterKind if kind.for_coach]
WHEN, ZONE = "Tuesday 9 June, 5:30 to 6pm", "London time (BST, UTC+1)"


def seen(markup: str) -> str:
    """What a reader sees of a page: no tags, one space."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


@pytest.mark.parametrize("kind", LetterKind)
def test_every_kind_has_text_and_html_with_one_reader_and_crlf(kind: LetterKind) -> None:
    post = RENDERER.render(letter(kind))
    message = opened(post)
    assert len(message["To"].addresses) == 1
    assert message["To"].addresses[0].addr_spec == post.to_address
    assert message["Cc"] is None
    assert message["Bcc"] is None
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Subject"] == post.subject
    assert post.message_id == "<out-4k2j9@practice.example>"
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", post.raw) is None
    assert max(len(line) for line in post.raw.split(b"\r\n")) <= 998
    assert message.get_content_type() == "multipart/alternative"


@pytest.mark.parametrize("kind", CLIENT_KINDS)
def test_nothing_that_a_client_gets_tells_what_it_is_about(kind: LetterKind) -> None:
    post = RENDERER.render(letter(kind, offering_name="Couples therapy", client_name="Alex"))
    outside = f"{post.subject} {opened(post)['From']}"
    for text in (outside, body(post), body(post, "html")):
        assert discreet(text) == ()
        assert "Alex" not in text


@pytest.mark.parametrize("kind", COACH_KINDS)
def test_the_outside_of_a_coachs_letter_names_nobody(kind: LetterKind) -> None:
    post = RENDERER.render(letter(kind, from_name="Lantern"))
    assert discreet(post.subject) == ()
    assert "Sam" not in post.subject
    assert "Details inside." in body(post, "html")


@pytest.mark.parametrize("kind", [kind for kind in COACH_KINDS if kind.names_a_time])
def test_a_coach_reads_who_what_when_and_where_to_look(kind: LetterKind) -> None:
    post = RENDERER.render(letter(kind))
    for text in (body(post), seen(body(post, "html"))):
        for fact in ("Sam", "First call for couples", WHEN, ZONE, DESK):
            assert fact in text


@pytest.mark.parametrize("kind", [kind for kind in CLIENT_KINDS if kind.names_a_time])
def test_text_and_html_tell_the_same_time_zone_and_link(kind: LetterKind) -> None:
    post = RENDERER.render(letter(kind))
    assert f"\n{PRIVATE}\n" in body(post)  # on a line of its own, so that it can be copied
    assert f'href="{PRIVATE}"' in body(post, "html")
    for text in (body(post), seen(body(post, "html"))):
        assert WHEN in text
        assert ZONE in text
        assert PRIVATE in text


def test_a_confirmation_says_where_how_to_move_and_whether_a_reminder_comes() -> None:
    without = body(RENDERER.render(letter()))
    reminded = body(RENDERER.render(letter(with_reminder=True)))
    assert "Where: Video call\n       Camera optional\n" in without
    assert "\nhttps://meet.example/maya?room=1&lang=en\n" in without
    assert "move or cancel it there, no reason needed" in without
    assert "No reminder will come." in without
    assert "A reminder will come by email before it." in reminded


@pytest.mark.parametrize("kind", LetterKind)
def test_the_preview_in_a_list_of_letters_is_neutral_and_the_text_has_no_gaps(
    kind: LetterKind,
) -> None:
    post = RENDERER.render(letter(kind))
    first = html.unescape(re.sub(r"<[^>]*>", "", body(post, "html").partition("<body")[2]))
    preview = first.partition(">")[2].strip()[:150]
    assert preview.replace("\xa0", "").replace("\u200c", "") == "Details inside."
    assert "\n\n\n" not in body(post)


def test_a_moved_letter_names_the_old_time_only_where_it_is_known() -> None:
    known = RENDERER.render(letter(LetterKind.MOVED, was_at=START - timedelta(days=1)))
    unknown = RENDERER.render(letter(LetterKind.MOVED))
    for kind in ("plain", "html"):
        assert "Until now it was on Monday 8 June at 5:30pm." in body(known, kind)
        assert "Until now" not in body(unknown, kind)


@pytest.mark.parametrize("kind", [LetterKind.CANCELLED, LetterKind.COACH_CANCELLED])
def test_a_cancelled_letter_does_not_say_who_acted_or_how_to_join(kind: LetterKind) -> None:
    post = RENDERER.render(letter(kind))
    for text in (body(post), seen(body(post, "html"))):
        assert "does not take place" in text
        assert "meet.example" not in text
        assert re.search(r"\b(you|they|has|have) cancelled", text) is None


def test_a_confirmation_of_what_was_paid_is_the_receipt() -> None:
    free = RENDERER.render(letter())
    paid = RENDERER.render(letter(paid="€90 on Monday 1 June", receipt="4f2a9c1e"))
    for kind in ("plain", "html"):
        assert "Paid" not in body(free, kind)
        for fact in ("Paid: €90 on Monday 1 June", "Reference: 4f2a9c1e"):
            assert fact in seen(body(paid, kind))
    assert paid.subject == free.subject


def test_a_cancelled_letter_tells_what_goes_back_where_something_was_paid() -> None:
    kind = LetterKind.CANCELLED
    free = seen(body(RENDERER.render(letter(kind)), "html"))
    part = RENDERER.render(letter(kind, paid="€90 on Monday 1 June", back="€45"))
    none = RENDERER.render(letter(kind, paid="€90 on Monday 1 June"))
    assert "goes back" not in free
    for which in ("plain", "html"):
        assert "€45 goes back to the card you paid with. It takes 5 to 10 days" in body(part, which)
        assert "nothing goes back" in body(none, which)


MONEY_KINDS = (LetterKind.REFUNDED, LetterKind.TOO_LATE)


@pytest.mark.parametrize("kind", MONEY_KINDS)
def test_a_letter_of_money_names_the_amount_inside_and_never_outside(kind: LetterKind) -> None:
    post = RENDERER.render(letter(kind, back="€90"))
    assert "90" not in post.subject
    for text in (body(post), seen(body(post, "html"))):
        assert "€90" in text
        assert "5 to 10 days" in text


def test_who_paid_too_late_is_shown_the_nearest_times_and_where_to_choose() -> None:
    pick = "https://practice.example/sessions/session"
    nearest = (START - timedelta(hours=1), START + timedelta(days=1))
    post = RENDERER.render(
        letter(LetterKind.TOO_LATE, back="€90", nearest=nearest, link="", pick_href=pick)
    )
    for text in (body(post), seen(body(post, "html"))):
        assert "Tuesday 9 June at 4:30pm" in text
        assert "Wednesday 10 June at 5:30pm" in text
        assert ZONE in text
        assert pick in text
    none = RENDERER.render(letter(LetterKind.TOO_LATE, link="", pick_href=pick))
    assert "Other times are free" in body(none)


def test_a_coach_reads_what_was_paid_and_what_goes_back() -> None:
    booked = RENDERER.render(letter(LetterKind.COACH_BOOKED, paid="€90"))
    cancelled = RENDERER.render(letter(LetterKind.COACH_CANCELLED, paid="€90", back="€45"))
    for kind in ("plain", "html"):
        assert "Paid: €90" in body(booked, kind)
        assert "Paid: €90. €45 goes back." in seen(body(cancelled, kind))
        assert "Paid" not in body(RENDERER.render(letter(LetterKind.COACH_BOOKED)), kind)


def test_a_link_letter_lists_every_appointment_or_the_one_page() -> None:
    other = "https://practice.example/a/ZZmQ0kVx3TzR7bWn5LdYZZ"
    links = (LinkTo(START, PRIVATE), LinkTo(START + timedelta(days=7), other))
    post = RENDERER.render(letter(LetterKind.LINK, links=links))
    for text in (body(post), seen(body(post, "html"))):
        for fact in ("Tuesday 9 June at 5:30pm", "Tuesday 16 June", ZONE, PRIVATE, other):
            assert fact in text
    assert f"\n{PRIVATE}\n" in body(RENDERER.render(letter(LetterKind.LINK, links=())))


def test_a_letter_tells_the_time_in_its_readers_zone_and_year() -> None:
    tokyo = letter(zone=ZoneInfo("Asia/Tokyo"), now=START - timedelta(days=200))
    post = RENDERER.render(tokyo)
    assert post.subject == "Your appointment on Wednesday 10 June 2026"
    assert "Wednesday 10 June 2026, 1:30 to 2am" in body(post)
    assert "UTC+9" in body(post)


def test_long_links_survive_the_encoding() -> None:
    long = f"https://practice.example/a/{'aB3=%2F_-' * 20}?x=1&y=é"
    post = RENDERER.render(letter(link=long))
    assert f"\n{long}\n" in body(post)
    assert html.escape(long) in body(post, "html")


def test_names_are_escaped_in_html_and_left_alone_in_text() -> None:
    post = RENDERER.render(letter(to_name="<b>Sam & co</b>"))
    assert "Hello <b>Sam & co</b>," in body(post)
    assert "Hello &lt;b&gt;Sam &amp; co&lt;/b&gt;," in body(post, "html")


def test_a_way_to_join_that_is_no_web_or_phone_address_is_not_made_a_link() -> None:
    script = RENDERER.render(letter(join_href="javascript:alert(1)"))
    phone = RENDERER.render(letter(join_href="tel:+442079460000"))
    assert 'href="javascript' not in body(script, "html")
    assert 'href="tel:+442079460000"' in body(phone, "html")


def test_nothing_is_fetched_and_no_colour_is_forced() -> None:
    for path in sorted(TEMPLATES.rglob("*.html")):
        source = path.read_text(encoding="utf-8")
        assert re.search(r"<(img|link|script|iframe|table)|url\(|@import|color:", source) is None


HOSTILE = [
    "Sam\r\nBcc: evil@x.example",
    "Sam\nTo: evil@x.example",
    "Sam\u2028Bcc: evil@x.example",
    "Sam\x85Bcc: evil@x.example\x0b\x0c\x1c",
    "evil@x.example, Sam",
    'Sam" <evil@x.example>, "',
    "=?utf-8?q?x=2C_evil=40x=2Eexample?=",
    "x" * 60 + ", evil@x.example, " + "y" * 40,
    "ü" * 60 + ", evil@x.example, " + "ß" * 40,
    "\ud800\u202eSam\u200b",
    "名前 " * 40,
    "\\",
    "",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_cannot_add_a_header_or_a_reader(name: str) -> None:
    changes: dict[str, Any] = {
        "to_name": name,
        "from_name": name,
        "coach_name": name,
    }
    post = RENDERER.render(letter(**changes))
    message = opened(post)
    assert [a.addr_spec for a in message["To"].addresses] == [SAM]
    assert [a.addr_spec for a in message["From"].addresses] == [MAYA]
    assert len(message.keys()) == 9
    assert message["Bcc"] is None
    assert message.defects == []


@given(name=st.text(max_size=200))
def test_no_name_at_all_adds_a_reader(name: str) -> None:
    post = RENDERER.render(letter(to_name=name, from_name=name))
    message = opened(post)
    assert [a.addr_spec for a in message["To"].addresses] == [SAM]
    assert [a.addr_spec for a in message["From"].addresses] == [MAYA]
    assert len(message.keys()) == 9


def test_a_name_outside_of_ascii_arrives_as_it_is() -> None:
    post = RENDERER.render(letter(to_name="Zoë Łukasz 名前"))
    assert post.raw.isascii()
    assert opened(post)["To"].addresses[0].display_name == "Zoë Łukasz 名前"


def test_a_domain_outside_of_ascii_is_written_in_its_ascii_form() -> None:
    post = RENDERER.render(letter(to_address="sam@bücher.example"))
    assert post.to_address == "sam@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address", ["säm@client.example", "sam", "", "@client.example", "sam@", "a b@c.example",
                "sam@client.example, evil@x.example", "sam@client.example\r\nBcc: e@x.example",
                f"sam@{'x' * 70}.example", "sam@a..example"]
)  # fmt: skip
def test_an_address_that_no_letter_reaches_is_refused_and_not_quoted(address: str) -> None:
    with pytest.raises(MailRefused) as caught:
        RENDERER.render(letter(to_address=address))
    assert "client" not in str(caught.value)


def test_the_longest_address_stays_whole() -> None:
    address = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example"
    post = RENDERER.render(letter(to_address=address, to_name="Sam Long"))
    assert opened(post)["To"].addresses[0].addr_spec == address


def with_invite(**changes: object) -> Letter:
    return letter(entry=entry(**changes))


def test_an_invite_is_the_last_alternative_and_a_file_with_the_same_bytes() -> None:
    post = RENDERER.render(with_invite())
    message = opened(post)
    assert message.get_content_type() == "multipart/mixed"
    alternative, file = message.iter_parts()
    kinds = [part.get_content_type() for part in alternative.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert file.get_content_type() == "application/ics"
    assert file.get_filename() == "invite.ics"
    assert file.get_payload(decode=True) == calendar_of(post.raw)
    calendar = list(alternative.iter_parts())[2]
    assert calendar.get_content_disposition() is None
    assert calendar["Content-Transfer-Encoding"] == "base64"
    assert calendar.get_param("method") == "REQUEST"


def test_a_letter_rendered_again_carries_the_same_message_id_and_words() -> None:
    first, second = RENDERER.render(with_invite()), RENDERER.render(with_invite())
    assert first.message_id == second.message_id
    assert body(first) == body(second)
    assert calendar_of(first.raw) == calendar_of(second.raw)


def test_the_date_is_the_moment_of_sending() -> None:
    message = message_from_bytes(RENDERER.render(letter(now=END)).raw, policy=policy.default)
    assert message["Date"].datetime == END
