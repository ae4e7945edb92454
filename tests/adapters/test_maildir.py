"""Letters on disk: one finished file each, for the owner's eyes, once."""

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from practice.adapters.invites import IcalInvites
from practice.adapters.letter_renderer import JinjaLetters
from practice.adapters.maildir import DiskMailer
from practice.ports import MailDelayed, Post
from tests.adapters.letters import NOW, letter

RENDERER = JinjaLetters(IcalInvites())


def a_post(**changes: object) -> Post:
    return RENDERER.render(letter(**changes))  # type: ignore[arg-type]


def test_a_letter_becomes_one_file_with_exactly_its_bytes(tmp_path: Path) -> None:
    post = a_post()
    DiskMailer(tmp_path / "post" / "out").send(post)
    (path,) = (tmp_path / "post" / "out").iterdir()
    assert path.read_bytes() == post.raw
    assert path.name.startswith("20260601T090000Z_out-4k2j9-")
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_same_letter_sent_again_is_one_file(tmp_path: Path) -> None:
    mailer = DiskMailer(tmp_path)
    mailer.send(a_post())
    mailer.send(a_post(now=NOW + timedelta(minutes=5)))
    assert len(list(tmp_path.iterdir())) == 1


def test_message_ids_that_look_alike_are_different_files(tmp_path: Path) -> None:
    mailer, post = DiskMailer(tmp_path), a_post()
    ids = ["<a.b@x>", "<a-b@x>", "<a/b@x>", "<../../a b@x>", "<[!.]*?@x>", "<>", f"<{'l' * 300}@x>"]
    for message_id in ids:
        mailer.send(replace(post, message_id=message_id))
    assert len(list(tmp_path.glob("*.eml"))) == len(ids)
    assert list(tmp_path.parent.glob("*.eml")) == []


def test_names_sort_in_the_order_of_time(tmp_path: Path) -> None:
    mailer = DiskMailer(tmp_path)
    for hours in (2, 0, 1):
        mailer.send(a_post(now=NOW + timedelta(hours=hours), reference=f"out-{9 - hours}"))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name.split("_")[1][:5] for name in names] == ["out-9", "out-8", "out-7"]


def test_an_unfinished_file_of_a_crash_is_no_letter(tmp_path: Path) -> None:
    mailer, post = DiskMailer(tmp_path), a_post()
    mailer.send(post)
    (path,) = tmp_path.iterdir()
    path.rename(tmp_path / f".{path.name}.123")
    assert list(tmp_path.glob("[!.]*.eml")) == []
    mailer.send(post)
    assert [p.read_bytes() for p in tmp_path.glob("[!.]*.eml")] == [post.raw]


def test_a_folder_that_cannot_be_written_to_delays_the_letter(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(MailDelayed, match="folder cannot be written to"):
        DiskMailer(blocked).send(a_post())
