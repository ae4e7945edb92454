"""Add the desk: other calendars, notes, couples, sessions, second factors, a chained journal.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

from practice.domain.client import search_key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


HAPPENINGS = (
    "DONE", "NOT_DONE", "NOTE_WRITTEN", "NOTE_CHANGED", "LINKED", "UNLINKED", "EXPORTED",
    "PERSON_ERASED", "SIGNED_IN", "SIGNED_OUT", "FACTOR_SET", "FACTOR_REMOVED", "CODE_USED",
    "RESET_ASKED", "SESSION_ENDED", "ACCOUNT_MADE", "ROLE_CHANGED", "ACCOUNT_CLOSED", "FEED_MADE",
    "FEED_REVOKED", "CALENDAR_ADDED", "CALENDAR_CHANGED", "CALENDAR_REMOVED", "FORGOTTEN",
)  # fmt: skip


def add_columns(table: str, *columns: sa.Column) -> None:
    """Add columns to a filled table: the old rows get the default, new ones the model's."""
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)
    with op.batch_alter_table(table) as batch:
        for column in columns:
            if not column.nullable:
                batch.alter_column(column.name, existing_type=column.type, server_default=None)


def let_clients_be_found() -> None:
    """Fill in what clients are searched by: names and addresses without case and accents."""
    clients = sa.table(
        "clients", *map(sa.column, ("id", "name", "address")), sa.column("search_key")
    )
    bind = op.get_bind()
    rows = bind.execute(sa.select(clients.c.id, clients.c.name, clients.c.address)).all()
    filled = [{"row": row.id, "key": search_key(row.name, row.address)} for row in rows]
    if filled:
        fill = clients.update().where(clients.c.id == sa.bindparam("row"))
        bind.execute(fill.values(search_key=sa.bindparam("key")), filled)


def forget_what_is_new() -> None:
    """Delete the rows that the house before this cannot read."""
    op.execute("DELETE FROM outbox WHERE kind IN ('coach_reset', 'coach_calendar')")
    op.execute("DELETE FROM links WHERE purpose IN ('reset', 'feed')")
    happenings = ", ".join(f"'{name}'" for name in HAPPENINGS)
    op.execute(f"DELETE FROM journal WHERE happening IN ({happenings})")  # noqa: S608
    op.execute("DELETE FROM keys.person_keys WHERE id IN (SELECT key_id FROM clients)")


def begin_chains() -> None:
    """Begin the chains of the journal: the house's own, 0, and one for each coach."""
    heads = sa.table(
        "journal_heads", sa.column("chain"), sa.column("number"), sa.column("link", sa.LargeBinary)
    )
    coaches = op.get_bind().execute(sa.text("SELECT id FROM coaches")).scalars().all()
    rows = [{"chain": chain, "number": 0, "link": bytes(32)} for chain in (0, *coaches)]
    if coaches:
        op.bulk_insert(heads, rows)


def upgrade() -> None:
    op.create_table(
        "journal_heads",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("link", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_journal_heads")),
    )
    begin_chains()
    op.create_table(
        "calendar_sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("shown", sa.String(length=300), nullable=False),
        sa.Column("url_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("when_old", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("good_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("known_from_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("known_until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picture", sa.String(length=32), nullable=False),
        sa.Column("etag", sa.String(length=300), nullable=False),
        sa.Column("modified", sa.String(length=100), nullable=False),
        sa.Column("trouble", sa.String(length=20), nullable=False),
        sa.Column("troubled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.String(length=4000), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "when_old IN ('keep', 'close')", name=op.f("ck_calendar_sources_when_old")
        ),
        sa.ForeignKeyConstraint(
            ["coach_id"],
            ["coaches.id"],
            name=op.f("fk_calendar_sources_coach_id_coaches"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_sources")),
        sa.UniqueConstraint("uid", name=op.f("uq_calendar_sources_uid")),
    )
    with op.batch_alter_table("calendar_sources") as batch:
        batch.create_index("ix_calendar_sources_coach_id", ["coach_id"], unique=False)
        batch.create_index("ix_calendar_sources_next_at", ["next_at"], unique=False)

    op.create_table(
        "couples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_couples_order")),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_couples_coach_id_coaches")
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["clients.id"], name=op.f("fk_couples_first_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["clients.id"], name=op.f("fk_couples_second_id_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_couples")),
        sa.UniqueConstraint(
            "coach_id", "first_id", "second_id", name=op.f("uq_couples_coach_id_first_id_second_id")
        ),
    )
    with op.batch_alter_table("couples") as batch:
        batch.create_index("ix_couples_first_id", ["first_id"], unique=False)
        batch.create_index("ix_couples_second_id", ["second_id"], unique=False)

    op.create_table(
        "busy_spans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_busy_spans_order")),
        sa.ForeignKeyConstraint(
            ["coach_id"],
            ["coaches.id"],
            name=op.f("fk_busy_spans_coach_id_coaches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["calendar_sources.id"],
            name=op.f("fk_busy_spans_source_id_calendar_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_spans")),
    )
    with op.batch_alter_table("busy_spans") as batch:
        batch.create_index("ix_busy_spans_coach_id_ends_at", ["coach_id", "ends_at"], unique=False)
        batch.create_index("ix_busy_spans_source_id", ["source_id"], unique=False)

    op.create_table(
        "desk_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_desk_sessions_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_desk_sessions_token_hash")),
    )
    with op.batch_alter_table("desk_sessions") as batch:
        batch.create_index("ix_desk_sessions_user_id", ["user_id"], unique=False)

    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_notes_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_notes_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_notes_coach_id_coaches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        sa.UniqueConstraint("uid", name=op.f("uq_notes_uid")),
    )
    with op.batch_alter_table("notes") as batch:
        batch.create_index("ix_notes_client_id_coach_id", ["client_id", "coach_id"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_recovery_codes_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    with op.batch_alter_table("recovery_codes") as batch:
        batch.create_index("ix_recovery_codes_user_id", ["user_id"], unique=False)

    op.create_table(
        "user_diaries",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coach_id"],
            ["coaches.id"],
            name=op.f("fk_user_diaries_coach_id_coaches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_user_diaries_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "coach_id", name=op.f("pk_user_diaries")),
    )
    op.create_table(
        "note_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"], ["notes.id"], name=op.f("fk_note_edits_note_id_notes"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_edits")),
        sa.UniqueConstraint("uid", name=op.f("uq_note_edits_uid")),
    )
    with op.batch_alter_table("note_edits") as batch:
        batch.create_index("ix_note_edits_note_id", ["note_id"], unique=False)

    with op.batch_alter_table("blocks") as batch:
        batch.add_column(sa.Column("every_weeks", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("until_on", sa.Date(), nullable=True))

    add_columns(
        "bookings", sa.Column("made_by", sa.String(20), nullable=False, server_default="client")
    )

    with op.batch_alter_table("clients") as batch:
        batch.add_column(sa.Column("key_id", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    add_columns(
        "clients", sa.Column("search_key", sa.String(600), nullable=False, server_default="")
    )
    let_clients_be_found()
    with op.batch_alter_table("clients") as batch:
        batch.create_index("ix_clients_search_key", ["search_key"], unique=False)
        batch.create_index(
            "ix_clients_erased_at",
            ["erased_at"],
            sqlite_where=sa.text("erased_at IS NOT NULL"),
            postgresql_where=sa.text("erased_at IS NOT NULL"),
        )

    add_columns(
        "coaches", sa.Column("feed_names", sa.String(10), nullable=False, server_default="initials")
    )

    with op.batch_alter_table("journal") as batch:
        batch.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("client_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("chain", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("number", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("digest", sa.LargeBinary(length=32), nullable=True))
        batch.add_column(sa.Column("link", sa.LargeBinary(length=32), nullable=True))
        batch.create_index("ix_journal_client_id", ["client_id"], unique=False)
        batch.create_unique_constraint(batch.f("uq_journal_chain_number"), ["chain", "number"])
        batch.create_foreign_key(
            batch.f("fk_journal_client_id_clients"), "clients", ["client_id"], ["id"]
        )
        batch.create_foreign_key(batch.f("fk_journal_user_id_users"), "users", ["user_id"], ["id"])

    with op.batch_alter_table("links") as batch:
        batch.add_column(sa.Column("coach_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_links_coach_id_coaches"), "coaches", ["coach_id"], ["id"]
        )

    add_columns(
        "offerings",
        sa.Column("confirmation_words", sa.String(1000), nullable=False, server_default=""),
        sa.Column("reminder_hours", sa.Integer(), nullable=False, server_default="24"),
    )

    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("source_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_outbox_source_id_calendar_sources"),
            "calendar_sources",
            ["source_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch.create_foreign_key(batch.f("fk_outbox_user_id_users"), "users", ["user_id"], ["id"])

    add_columns(
        "users",
        sa.Column("name", sa.String(200), nullable=False, server_default=""),
        sa.Column("totp_sealed", sa.LargeBinary(256), nullable=True),
        sa.Column("totp_since_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
    )


def downgrade() -> None:
    forget_what_is_new()
    with op.batch_alter_table("users") as batch:
        batch.drop_column("totp_step")
        batch.drop_column("totp_since_at")
        batch.drop_column("totp_sealed")
        batch.drop_column("name")

    with op.batch_alter_table("outbox") as batch:
        batch.drop_constraint(batch.f("fk_outbox_user_id_users"), type_="foreignkey")
        batch.drop_constraint(batch.f("fk_outbox_source_id_calendar_sources"), type_="foreignkey")
        batch.drop_column("source_id")
        batch.drop_column("user_id")

    with op.batch_alter_table("offerings") as batch:
        batch.drop_column("reminder_hours")
        batch.drop_column("confirmation_words")

    with op.batch_alter_table("links") as batch:
        batch.drop_constraint(batch.f("fk_links_coach_id_coaches"), type_="foreignkey")
        batch.drop_column("coach_id")

    with op.batch_alter_table("journal") as batch:
        batch.drop_constraint(batch.f("fk_journal_user_id_users"), type_="foreignkey")
        batch.drop_constraint(batch.f("fk_journal_client_id_clients"), type_="foreignkey")
        batch.drop_constraint(batch.f("uq_journal_chain_number"), type_="unique")
        batch.drop_index("ix_journal_client_id")
        batch.drop_column("link")
        batch.drop_column("digest")
        batch.drop_column("number")
        batch.drop_column("chain")
        batch.drop_column("client_id")
        batch.drop_column("user_id")

    with op.batch_alter_table("coaches") as batch:
        batch.drop_column("feed_names")

    with op.batch_alter_table("clients") as batch:
        batch.drop_index("ix_clients_erased_at")
        batch.drop_index("ix_clients_search_key")
        batch.drop_column("search_key")
        batch.drop_column("erased_at")
        batch.drop_column("key_id")

    with op.batch_alter_table("bookings") as batch:
        batch.drop_column("made_by")

    with op.batch_alter_table("blocks") as batch:
        batch.drop_column("until_on")
        batch.drop_column("every_weeks")

    with op.batch_alter_table("note_edits") as batch:
        batch.drop_index("ix_note_edits_note_id")

    op.drop_table("note_edits")
    op.drop_table("user_diaries")
    with op.batch_alter_table("recovery_codes") as batch:
        batch.drop_index("ix_recovery_codes_user_id")

    op.drop_table("recovery_codes")
    with op.batch_alter_table("notes") as batch:
        batch.drop_index("ix_notes_client_id_coach_id")

    op.drop_table("notes")
    with op.batch_alter_table("desk_sessions") as batch:
        batch.drop_index("ix_desk_sessions_user_id")

    op.drop_table("desk_sessions")
    with op.batch_alter_table("busy_spans") as batch:
        batch.drop_index("ix_busy_spans_source_id")
        batch.drop_index("ix_busy_spans_coach_id_ends_at")

    op.drop_table("busy_spans")
    with op.batch_alter_table("couples") as batch:
        batch.drop_index("ix_couples_second_id")
        batch.drop_index("ix_couples_first_id")

    op.drop_table("couples")
    with op.batch_alter_table("calendar_sources") as batch:
        batch.drop_index("ix_calendar_sources_next_at")
        batch.drop_index("ix_calendar_sources_coach_id")

    op.drop_table("calendar_sources")
    op.drop_table("journal_heads")
