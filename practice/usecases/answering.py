"""What a coach does with what waits for her: wishes for other times, letters that came back."""

from sqlalchemy import update

from practice.domain.refusal import NotAllowed, NotFound
from practice.domain.roles import Right, Seat
from practice.models.outbox import LetterState, OutboxLetter
from practice.models.time_request import TimeRequest
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools
from practice.queries.desk_letters import is_for_desk_of


def mark_answered(seat: Seat, request_id: int, *, tools: Tools) -> None:
    """Note that a wish for another time was answered; a second press changes nothing.

    Raises NotFound, Busy.
    """
    seat.require(Right.DIARY)
    now = tools.clock.now()

    def act() -> None:
        with unit_of_work() as session:
            wish = session.get(TimeRequest, request_id)
            if wish is None or wish.coach_id != seat.coach_id:
                raise NotFound("There is no such request at your desk.")
            wish.answered_at = wish.answered_at or now

    persistently(act)


def send_again(seat: Seat, letter_id: int, *, tools: Tools) -> None:
    """Put a letter that could not be delivered back into the post, with all its tries.

    Raises NotFound, NotAllowed (it has not come back), Busy.
    """
    seat.require(Right.DIARY)
    now = tools.clock.now()

    def act() -> None:
        with unit_of_work() as session:
            if not is_for_desk_of(session, letter_id, seat.coach_id):
                raise NotFound("There is no such letter at your desk.")
            # Asked of the database in one statement: a worker may hold the letter meanwhile.
            back = session.execute(
                update(OutboxLetter)
                .where(OutboxLetter.id == letter_id, OutboxLetter.state == LetterState.DEAD)
                .values(state=LetterState.WAITING, attempts=0, due_at=now, why="")
                .returning(OutboxLetter.id)
            ).first()
            if back is None:
                raise NotAllowed(
                    "This letter has not come back, so there is nothing to send again."
                )

    persistently(act)
