"""A practice with a long past: bookings with all that belongs to them, made by the database."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import NullPool, create_engine, text

_QUARTER_SECONDS = 900
_CLIENTS_SHARE = 10

_NUMBERS = """
WITH RECURSIVE past(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM past WHERE i < {count})
"""
_CLIENTS = """
INSERT INTO clients (name, address, address_key, search_key, created_at)
{numbers} SELECT 'Sam', 'past-' || i || '@mail.example', 'past-' || i || '@mail.example',
    'sam past-' || i || '@mail.example', {first}
FROM past WHERE i <= {clients}
"""
_BOOKINGS = """
INSERT INTO bookings (uid, coach_id, offering_id, status, who, starts_at, ends_at, zone, sequence,
    created_at, confirmed_at, held_at, held_by, held_from, request_key, offering_name,
    buffer_before_minutes, buffer_after_minutes,
    move_cutoff_minutes, cancel_cutoff_minutes, price_minor, currency, place_kind, place_detail,
    full_refund_hours, part_refund_hours, part_refund_percent, most_refund_percent, made_by)
{numbers} SELECT 'past-' || i, 1, 1, 'confirmed', 'me', {starts}, {ends}, 'Europe/London', 0,
    {first}, {first}, {first}, 'browser-' || i, 'caller-' || i % {clients}, 'key-' || i,
    'Free 30-minute chat', 0, 0, 0, 0, 0, 'EUR', 'video', '',
    24, 0, 0, 100, 'client'
FROM past
"""
_OCCUPANCIES = """
INSERT INTO occupancies (coach_id, booking_id, status, starts_at, ends_at,
    pad_before_minutes, pad_after_minutes)
SELECT coach_id, id, status, starts_at, ends_at, 0, 0 FROM bookings ORDER BY starts_at
"""
_PEOPLE = """
INSERT INTO booking_people (booking_id, client_id, role, name, zone, wants_invite, wants_reminder,
    called, letters_ok, mailbox_shared)
SELECT id, 1 + id % {clients}, 'booker', 'Sam', zone, FALSE, TRUE, '', TRUE, FALSE FROM bookings
"""
_LINKS = """
INSERT INTO links (purpose, token_hash, token_sealed, booking_id, person_id, created_at)
SELECT 'appointment', {hashed}, {hashed}, booking_id, id, {first} FROM booking_people
"""
_LETTERS = """
INSERT INTO outbox (reference, dedupe, kind, booking_id, person_id, coach_id, sequence, state,
    due_at, created_at, attempts, sent_at, why)
SELECT '{kind}-' || id, '{kind}:' || id, '{kind}', booking_id, {reader}, 0, 'sent',
    {first}, {first}, 1, {first}, '' FROM booking_people
"""
_JOURNAL = """
INSERT INTO journal (at, happening, actor, coach_id, booking_id, starts_at)
SELECT created_at, 'BOOKED', 'client', coach_id, id, starts_at FROM bookings
"""


def add_past(url: str, count: int, *, clients: int = 0) -> None:
    """Add so many past bookings, one each quarter of an hour until ten days ago.

    Of so many clients, or of a tenth.

    No coach works around the clock; the days before today are left out, so that the page does not
    load a week such as nobody has.
    """
    sqlite = url.startswith("sqlite")
    until = datetime.now(UTC).replace(hour=0, minute=0, second=0) - timedelta(days=10)
    begin = int(until.timestamp()) - (count + 1) * _QUARTER_SECONDS

    def at(second: str) -> str:
        if sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', {second}, 'unixepoch')"
        return f"to_timestamp({second})"

    words = {
        "numbers": _NUMBERS.format(count=count),
        "clients": clients or max(count // _CLIENTS_SHARE, 1),
        "first": at(str(begin)),
        "starts": at(f"{begin} + i * {_QUARTER_SECONDS}"),
        "ends": at(f"{begin} + (i + 1) * {_QUARTER_SECONDS}"),
        "hashed": "randomblob(32)" if sqlite else "sha256(convert_to('past-' || id, 'UTF8'))",
    }
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection, connection.begin():
        if sqlite:
            connection.execute(text("PRAGMA cache_size = -600000"))  # kB: the indexes fit in memory
        for statement in (_CLIENTS, _BOOKINGS, _OCCUPANCIES, _PEOPLE, _LINKS, _JOURNAL):
            connection.execute(text(statement.format(**words)))
        for kind, reader in (("confirmation", "id, NULL"), ("coach_booked", "NULL, 1")):
            connection.execute(text(_LETTERS.format(kind=kind, reader=reader, **words)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # PostgreSQL does this by itself in time; on SQLite nobody ever does.
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)" if sqlite else "ANALYZE"))
