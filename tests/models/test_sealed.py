"""Sealed sections: what was typed is what is read, in its own place, and nothing else is."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.refusal import Unreadable
from practice.models.intake import Intake
from practice.models.sealed import Copy, Document, open_document, seal_document
from practice.models.vault import DataVault

KEY = DataVault(bytes(range(32)), "a key")
INTAKE = Intake(reference="first")
HERS = Document({"hope": "A canary sings at dusk.", "signs": ("one", "two")}, done=True)

# Surrogates too: a browser can send half of a pair, and it must not cost the rest.
texts = st.text(st.characters(exclude_categories=()))
answers = st.dictionaries(texts, texts | st.lists(texts).map(tuple))


@given(answers, st.booleans(), st.sampled_from(["draft", "shared"]))
def test_what_was_sealed_is_what_is_opened(
    given_answers: dict[str, str | tuple[str, ...]], done: bool, copy: Copy
) -> None:
    document = Document(given_answers, done)

    sealed = seal_document(document, KEY, intake=INTAKE, section="hopes", copy=copy)

    assert open_document(sealed, KEY, intake=INTAKE, section="hopes", copy=copy) == document


@pytest.mark.parametrize(("is_private", "block"), [(False, 1024), (True, 4096)])
def test_a_length_tells_whole_blocks_only(block: int, *, is_private: bool) -> None:
    def lengths(*texts: str) -> set[int]:
        return {
            len(
                seal_document(
                    Document({"signs": text}),
                    KEY,
                    intake=INTAKE,
                    section="safe",
                    copy="draft",
                    is_private=is_private,
                )
            )
            for text in texts
        }

    (short,) = lengths("", "trust", "harder", "x" * (block - 40))
    (long,) = lengths("x" * block, "x" * (2 * block - 40))
    assert long - short == block


def test_nothing_kept_is_an_empty_document() -> None:
    empty = open_document(None, KEY, intake=INTAKE, section="hopes", copy="draft")

    assert empty == Document({}, done=False)


def test_nothing_of_an_answer_shows_in_what_is_kept() -> None:
    sealed = seal_document(HERS, KEY, intake=INTAKE, section="hopes", copy="draft")

    assert b"canary" not in sealed
    assert b"hope" not in sealed


def test_no_altered_byte_and_no_missing_end_goes_unseen() -> None:
    sealed = seal_document(HERS, KEY, intake=INTAKE, section="hopes", copy="draft")
    altered = [
        sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))
    ]
    cut = [sealed[:length] for length in range(len(sealed))]

    for wrong in [*altered, *cut, sealed + b"\0"]:
        with pytest.raises(Unreadable):
            open_document(wrong, KEY, intake=INTAKE, section="hopes", copy="draft")


PLACES: list[tuple[str, str, Copy]] = [
    ("first", "hopes", "draft"),
    ("first", "hopes", "shared"),
    ("first", "support", "draft"),
    ("second", "hopes", "draft"),
]


@pytest.mark.parametrize(("sealed_at", "opened_at"), [*permutations(PLACES, 2)])
def test_what_lies_in_anothers_place_does_not_open(
    sealed_at: tuple[str, str, Copy], opened_at: tuple[str, str, Copy]
) -> None:
    reference, section, copy = sealed_at
    sealed = seal_document(
        HERS, KEY, intake=Intake(reference=reference), section=section, copy=copy
    )
    reference, section, copy = opened_at

    with pytest.raises(Unreadable):
        open_document(sealed, KEY, intake=Intake(reference=reference), section=section, copy=copy)


def test_another_key_opens_nothing() -> None:
    sealed = seal_document(HERS, KEY, intake=INTAKE, section="hopes", copy="draft")

    with pytest.raises(Unreadable):
        open_document(
            sealed,
            DataVault(bytes(32), "another"),
            intake=INTAKE,
            section="hopes",
            copy="draft",
        )
