"""Found the practice: everything that the first release remembers.

Revision: 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


NO_OVERLAP = "occupancies_no_overlap"

POSTGRESQL = f"""
ALTER TABLE occupancies ADD CONSTRAINT {NO_OVERLAP} EXCLUDE USING gist (
    int8range(coach_id, coach_id, '[]') WITH &&,
    tstzrange(starts_at, ends_at, '[)') WITH &&
)
"""

SQLITE = """
CREATE TRIGGER {name}_on_{verb} BEFORE {when} ON occupancies
BEGIN
    SELECT RAISE(ABORT, '{name}') WHERE EXISTS (
        SELECT 1 FROM occupancies
        WHERE coach_id = NEW.coach_id AND ends_at > NEW.starts_at AND starts_at < NEW.ends_at{but}
    );
END
"""


def guard_occupancies() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL)
        return
    moved = "UPDATE OF coach_id, starts_at, ends_at"
    for verb, when, but in (("insert", "INSERT", ""), ("update", moved, " AND id <> OLD.id")):
        op.execute(SQLITE.format(name=NO_OVERLAP, verb=verb, when=when, but=but))


def upgrade() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=320), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("address_key", name=op.f("uq_clients_address_key")),
    )
    op.create_table(
        "coaches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("photo", sa.LargeBinary(), nullable=True),
        sa.Column("photo_type", sa.String(length=40), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("place_kind", sa.String(length=20), nullable=False),
        sa.Column("place_detail", sa.String(length=500), nullable=False),
        sa.Column("wants_reminders", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaches")),
        sa.UniqueConstraint("slug", name=op.f("uq_coaches_slug")),
    )
    op.create_table(
        "offerings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=500), nullable=False),
        sa.Column("length_minutes", sa.Integer(), nullable=False),
        sa.Column("step_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), nullable=False),
        sa.Column("notice_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=True),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.Column("weekly_cap", sa.Integer(), nullable=True),
        sa.Column("move_cutoff_minutes", sa.Integer(), nullable=False),
        sa.Column("cancel_cutoff_minutes", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("place_kind", sa.String(length=20), nullable=True),
        sa.Column("place_detail", sa.String(length=500), nullable=False),
        sa.Column("questionnaire", sa.String(length=20), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length_minutes BETWEEN 5 AND 720", name=op.f("ck_offerings_length")),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_offerings_price")),
        sa.CheckConstraint("step_minutes BETWEEN 5 AND 720", name=op.f("ck_offerings_step")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offerings")),
        sa.UniqueConstraint("slug", name=op.f("uq_offerings_slug")),
    )
    op.create_table(
        "practices",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("headline", sa.String(length=200), nullable=False),
        sa.Column("lead", sa.String(length=400), nullable=False),
        sa.Column("privacy_text", sa.Text(), nullable=False),
        sa.Column("help_lines", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.String(length=200), nullable=False),
        sa.Column("sender_address", sa.String(length=320), nullable=False),
        sa.Column("calendar_title", sa.String(length=200), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("put_off", sa.JSON(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_practices_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practices")),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("permissions", sa.UnicodeText(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
    )
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    op.create_table(
        "blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["coach_id"],
            ["coaches.id"],
            name=op.f("fk_blocks_coach_id_coaches"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.create_index("ix_blocks_coach_id", ["coach_id"], unique=False)

    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=64), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=10), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=True),
        sa.Column("held_by", sa.String(length=64), nullable=True),
        sa.Column("held_from", sa.String(length=64), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_from_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.String(length=20), nullable=True),
        sa.Column("offering_name", sa.String(length=200), nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), nullable=False),
        sa.Column("move_cutoff_minutes", sa.Integer(), nullable=False),
        sa.Column("cancel_cutoff_minutes", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("place_kind", sa.String(length=20), nullable=False),
        sa.Column("place_detail", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "status IN ('held', 'pending', 'confirmed', 'cancelled', 'expired', 'done', 'no_show')",
            name=op.f("ck_bookings_status"),
        ),
        sa.CheckConstraint("who IN ('me', 'both')", name=op.f("ck_bookings_who")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_bookings_order")),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_bookings_coach_id_coaches")
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_bookings_offering_id_offerings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("request_key", name=op.f("uq_bookings_request_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_bookings_uid")),
    )
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bookings_coach_id_starts_at", ["coach_id", "starts_at"], unique=False
        )
        batch_op.create_index(
            "ix_bookings_expired",
            ["held_at"],
            unique=False,
            sqlite_where=sa.text("status = 'expired'"),
            postgresql_where=sa.text("status = 'expired'"),
        )
        batch_op.create_index("ix_bookings_coach_id_held_by", ["coach_id", "held_by"], unique=False)
        batch_op.create_index(
            "ix_bookings_coach_id_held_from", ["coach_id", "held_from"], unique=False
        )

    op.create_table(
        "date_exceptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["coach_id"],
            ["coaches.id"],
            name=op.f("fk_date_exceptions_coach_id_coaches"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_date_exceptions")),
        sa.UniqueConstraint("coach_id", "on", name=op.f("uq_date_exceptions_coach_id_on")),
    )
    op.create_table(
        "offering_coaches",
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["coach_id"],
            ["coaches.id"],
            name=op.f("fk_offering_coaches_coach_id_coaches"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"],
            ["offerings.id"],
            name=op.f("fk_offering_coaches_offering_id_offerings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("offering_id", "coach_id", name=op.f("pk_offering_coaches")),
    )
    op.create_table(
        "time_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("message_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_time_requests_coach_id_coaches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_requests")),
        sa.UniqueConstraint("reference", name=op.f("uq_time_requests_reference")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=True),
        sa.Column("create_datetime", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_users_coach_id_coaches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_users_fs_uniquifier")),
    )
    op.create_table(
        "weekly_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= opens_minute AND opens_minute < closes_minute", name=op.f("ck_weekly_hours_order")
        ),
        sa.CheckConstraint("closes_minute <= 1440", name=op.f("ck_weekly_hours_within_a_day")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["coach_id"],
            ["coaches.id"],
            name=op.f("fk_weekly_hours_coach_id_coaches"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_hours")),
    )
    with op.batch_alter_table("weekly_hours", schema=None) as batch_op:
        batch_op.create_index("ix_weekly_hours_coach_id", ["coach_id"], unique=False)

    op.create_table(
        "booking_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("wants_invite", sa.Boolean(), nullable=False),
        sa.Column("wants_reminder", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('booker', 'partner')", name=op.f("ck_booking_people_role")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_booking_people_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_booking_people_client_id_clients")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_people")),
        sa.UniqueConstraint("booking_id", "role", name=op.f("uq_booking_people_booking_id_role")),
    )
    with op.batch_alter_table("booking_people", schema=None) as batch_op:
        batch_op.create_index("ix_booking_people_client_id", ["client_id"], unique=False)

    op.create_table(
        "exception_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("exception_id", sa.Integer(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= opens_minute AND opens_minute < closes_minute",
            name=op.f("ck_exception_hours_order"),
        ),
        sa.CheckConstraint("closes_minute <= 1440", name=op.f("ck_exception_hours_within_a_day")),
        sa.ForeignKeyConstraint(
            ["exception_id"],
            ["date_exceptions.id"],
            name=op.f("fk_exception_hours_exception_id_date_exceptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exception_hours")),
    )
    with op.batch_alter_table("exception_hours", schema=None) as batch_op:
        batch_op.create_index("ix_exception_hours_exception_id", ["exception_id"], unique=False)

    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happening", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=20), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=True),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_journal_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_journal_coach_id_coaches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_booking_id", ["booking_id"], unique=False)
        batch_op.create_index("ix_journal_coach_id_at", ["coach_id", "at"], unique=False)

    op.create_table(
        "occupancies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("block_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pad_before_minutes", sa.Integer(), nullable=False),
        sa.Column("pad_after_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'held') = (held_until IS NOT NULL)", name=op.f("ck_occupancies_held_until")
        ),
        sa.CheckConstraint(
            "status IN ('held', 'pending', 'confirmed', 'blocked')",
            name=op.f("ck_occupancies_status"),
        ),
        sa.CheckConstraint(
            "(booking_id IS NULL) <> (block_id IS NULL)", name=op.f("ck_occupancies_one_cause")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occupancies_order")),
        sa.ForeignKeyConstraint(
            ["block_id"],
            ["blocks.id"],
            name=op.f("fk_occupancies_block_id_blocks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_occupancies_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_occupancies_coach_id_coaches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancies")),
    )
    with op.batch_alter_table("occupancies", schema=None) as batch_op:
        batch_op.create_index("ix_occupancies_block_id", ["block_id"], unique=False)
        batch_op.create_index(
            "ix_occupancies_blocked",
            ["coach_id", "starts_at"],
            unique=False,
            sqlite_where=sa.text("block_id IS NOT NULL"),
            postgresql_where=sa.text("block_id IS NOT NULL"),
        )
        batch_op.create_index("ix_occupancies_booking_id", ["booking_id"], unique=False)
        batch_op.create_index(
            "ix_occupancies_coach_id_ends_at", ["coach_id", "ends_at"], unique=False
        )
        batch_op.create_index(
            "ix_occupancies_coach_id_held_until",
            ["coach_id", "held_until"],
            unique=False,
            sqlite_where=sa.text("held_until IS NOT NULL"),
            postgresql_where=sa.text("held_until IS NOT NULL"),
        )

    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_user_roles_role_id_roles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_roles")),
    )
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(length=128), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_links_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["booking_people.id"], name=op.f("fk_links_person_id_booking_people")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_links_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_links_token_hash")),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index("ix_links_booking_id", ["booking_id"], unique=False)
        batch_op.create_index("ix_links_person_id", ["person_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("dedupe", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("coach_id", sa.Integer(), nullable=True),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'leased', 'sent', 'dropped', 'dead')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_outbox_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_outbox_client_id_clients")
        ),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_outbox_coach_id_coaches")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["booking_people.id"], name=op.f("fk_outbox_person_id_booking_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_outbox_dedupe")),
        sa.UniqueConstraint("reference", name=op.f("uq_outbox_reference")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_booking_id", ["booking_id"], unique=False)
        batch_op.create_index("ix_outbox_state_due_at", ["state", "due_at"], unique=False)
    guard_occupancies()


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_state_due_at")
        batch_op.drop_index("ix_outbox_booking_id")

    op.drop_table("outbox")
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_index("ix_links_person_id")
        batch_op.drop_index("ix_links_booking_id")

    op.drop_table("links")
    op.drop_table("user_roles")
    with op.batch_alter_table("occupancies", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_occupancies_coach_id_held_until",
            sqlite_where=sa.text("held_until IS NOT NULL"),
            postgresql_where=sa.text("held_until IS NOT NULL"),
        )
        batch_op.drop_index("ix_occupancies_coach_id_ends_at")
        batch_op.drop_index("ix_occupancies_booking_id")
        batch_op.drop_index(
            "ix_occupancies_blocked",
            sqlite_where=sa.text("block_id IS NOT NULL"),
            postgresql_where=sa.text("block_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_occupancies_block_id")

    op.drop_table("occupancies")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_coach_id_at")
        batch_op.drop_index("ix_journal_booking_id")

    op.drop_table("journal")
    with op.batch_alter_table("exception_hours", schema=None) as batch_op:
        batch_op.drop_index("ix_exception_hours_exception_id")

    op.drop_table("exception_hours")
    with op.batch_alter_table("booking_people", schema=None) as batch_op:
        batch_op.drop_index("ix_booking_people_client_id")

    op.drop_table("booking_people")
    with op.batch_alter_table("weekly_hours", schema=None) as batch_op:
        batch_op.drop_index("ix_weekly_hours_coach_id")

    op.drop_table("weekly_hours")
    op.drop_table("users")
    op.drop_table("time_requests")
    op.drop_table("offering_coaches")
    op.drop_table("date_exceptions")
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.drop_index("ix_bookings_coach_id_held_from")
        batch_op.drop_index("ix_bookings_coach_id_held_by")
        batch_op.drop_index(
            "ix_bookings_expired",
            sqlite_where=sa.text("status = 'expired'"),
            postgresql_where=sa.text("status = 'expired'"),
        )
        batch_op.drop_index("ix_bookings_coach_id_starts_at")

    op.drop_table("bookings")
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.drop_index("ix_blocks_coach_id")

    op.drop_table("blocks")
    op.drop_table("throttles")
    op.drop_table("roles")
    op.drop_table("practices")
    op.drop_table("offerings")
    op.drop_table("coaches")
    op.drop_table("clients")
