"""What somebody agrees to: five lines, then the practice's own, and a version for every word."""

import pytest

from practice.domain.consent import consent_text, version_of, whole


def test_the_consent_says_the_five_things_that_matter() -> None:
    lines = consent_text(coach="Maya", months=12)

    assert [line.partition(":")[0] for line in lines] == [
        *("What we keep", "Who reads it", "How long", "How to delete", "Limits"),
    ]
    assert "12 months" in lines[2]
    assert sum("Maya" in line for line in lines) == 3


def test_a_single_month_is_told_as_one() -> None:
    assert "1 month after your last appointment" in consent_text(coach="Maya", months=1)[2]


def test_the_practices_own_words_follow_where_there_are_any() -> None:
    lines = consent_text(coach="Maya", months=12, secrets=" I keep no secrets. \n", privacy=" ")

    assert lines[5:] == ("I keep no secrets.",)


@pytest.mark.parametrize(
    "other",
    [
        consent_text(coach="Ada", months=12),
        consent_text(coach="Maya", months=6),
        consent_text(coach="Maya", months=12, secrets="Said apart, kept apart."),
        consent_text(coach="Maya", months=12, privacy="Said apart, kept apart."),
    ],
)
def test_other_words_are_another_version(other: tuple[str, ...]) -> None:
    mine = version_of(whole(consent_text(coach="Maya", months=12)))

    assert mine == version_of(whole(consent_text(coach="Maya", months=12)))
    assert len(mine) == 64
    assert version_of(whole(other)) != mine
