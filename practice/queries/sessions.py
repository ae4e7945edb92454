"""The page of all that is offered, with what it costs and what a cancellation gives back."""

from dataclasses import dataclass

from practice.domain.assigning import with_whom
from practice.domain.cancelling import spoken_minutes
from practice.domain.refunding import spoken_terms
from practice.models.offered import all_shown, coaches_of
from practice.models.unit import reading


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of meeting as a visitor sees it; `terms` is "" for one that costs nothing.

    `whom` says with whom it is, "" where one and the same coach offers everything.
    """

    slug: str
    name: str
    about: str
    length: str
    price: str
    terms: str
    whom: str = ""

    @property
    def is_paid(self) -> bool:
        """Whether it costs anything."""
        return bool(self.terms)


def all_offers(*, with_paid: bool) -> tuple[Offer, ...]:
    """Return all that is shown and can be booked; `with_paid` tells whether money can be taken."""
    offers = []
    rows = all_shown(reading(), with_paid=with_paid)
    coaches = coaches_of(reading(), [row.id for row in rows])
    is_telling = len(set(coaches.values())) > 1 or any(len(all_) > 1 for all_ in coaches.values())
    for row in rows:
        terms = row.terms()
        offers.append(
            Offer(
                slug=row.slug,
                name=row.name,
                about=row.about,
                length=spoken_minutes(row.length_minutes),
                price=str(terms.price) if terms.is_paid else "free",
                terms=spoken_terms(terms.cancellation) if terms.is_paid else "",
                whom=with_whom(coaches[row.id]) if is_telling else "",
            )
        )
    return tuple(offers)
