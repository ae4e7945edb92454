"""What people of the demo wrote before their talks, and shared, by the same acts as real ones."""

from practice.domain.questionnaire import Answer
from practice.domain.writing import Start, WayBack
from practice.models.booking import BookingPerson
from practice.models.consent import current_consent
from practice.models.invitation import link_to_join
from practice.models.sitting import sitting_of
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.appointment import person_of
from practice.usecases.intake import agree, save_section, share
from practice.usecases.inviting import Joining, join, make_link
from practice.usecases.sittings import begin

_Written = dict[str, dict[str, Answer]]

_SAM: _Written = {
    "brings": {
        "now": "2",
        "different": (
            "That we can talk about money on a Sunday without one of us leaving the kitchen."
        ),
        "worthwhile": "One thing to try before our visit to my sister.",
    },
    "growing": {
        "growing-me": "sometimes",
        "growing-partner": "not-sure",
        "growing-ahead": "yes",
        "growing-ahead-more": "We have been kinder since the summer.",
    },
    "safe": {"safe-needs": "sometimes", "safe-mind": "same"},
    "hopes": {
        "goals": ("talking", "control"),
        "next-step": "Asking for ten quiet minutes after supper.",
    },
}
_PRIYA: _Written = {
    "brings": {"now": "3", "different": "More laughing. We used to cook together."},
}
_NOT_SHARED: _Written = {"support": {"helped": "Walking by the canal."}}


def write_some(alone: str, couple: str, zone: str, *, tools: Tools) -> None:
    """Write for who comes alone, and for a couple of whom one wrote and the other did not.

    Both are named by the tokens of their private links.
    """
    _write(alone, _SAM | _NOT_SHARED, shared=_SAM, tools=tools)
    _write(couple, _PRIYA, shared=_PRIYA, tools=tools)
    make_link(couple, "demo", tools=tools)
    link = link_to_join(reading(), person_of(couple, tools=tools).booking.id)
    if link is not None:
        joining = Joining("Arun", "arun@mail.example", zone)
        join(link.token(tools.vault), joining, "demo", tools=tools)


def _write(token: str, written: _Written, *, shared: _Written, tools: Tools) -> None:
    # Coming back by mailed codes: a passcode would cost the demo a slow hash.
    start = Start("full", WayBack.CODE)
    sitting = begin(token, start, "demo", tools=tools).token
    person: BookingPerson = person_of(token, tools=tools)
    meant = sitting_of(reading(), sitting).intake.reference
    agree(sitting, current_consent(reading(), person).version, meant=meant, tools=tools)
    for section, answers in written.items():
        save_section(sitting, section, answers, {}, done=True, tools=tools)
    for section in shared:
        share(sitting, section, meant=meant, tools=tools)
