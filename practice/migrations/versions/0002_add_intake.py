"""Add intake: what people write before they talk, their keys, and how they may be reached.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def add_columns(table: str, *columns: sa.Column) -> None:
    """Add columns to a filled table: the old rows get the default, new ones the model's."""
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)
    with op.batch_alter_table(table) as batch:
        for column in columns:
            if not column.nullable:
                batch.alter_column(column.name, existing_type=column.type, server_default=None)


def forget_what_is_new() -> None:
    """Delete the rows that the house before this has no place for, or cannot read."""
    # Of several who joined a booking, one could be its partner there: the first.
    joined_later = (
        "SELECT later.id FROM booking_people later JOIN booking_people first"
        " ON first.booking_id = later.booking_id AND first.role = 'partner'"
        " WHERE later.role = 'partner' AND later.id > first.id"
    )
    for table, is_new in (
        ("outbox", "kind IN ('sign_in', 'invitation')"),
        ("links", "purpose IN ('way-back', 'invitation')"),
    ):
        op.execute(f"DELETE FROM {table} WHERE {is_new} OR person_id IN ({joined_later})")  # noqa: S608
    op.execute("DELETE FROM journal WHERE happening = 'ERASED'")
    op.execute(f"DELETE FROM booking_people WHERE id IN ({joined_later})")  # noqa: S608


def upgrade() -> None:
    op.create_table(
        "consent_texts",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_consent_texts")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # On SQLite this schema is the attached file keys.db.
        op.execute("CREATE SCHEMA IF NOT EXISTS keys")
    op.create_table(
        "person_keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(length=256), nullable=False),
        sa.Column("master_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_keys")),
        schema="keys",
    )
    op.create_table(
        "key_rings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_rings")),
        schema="keys",
    )
    op.create_table(
        "key_marks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("master_id", sa.String(length=16), nullable=False),
        sa.Column("ring_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_key_marks_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_marks")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_invitations_booking_id_bookings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_invitations_booking_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_invitations_reference")),
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index("ix_invitations_sent_at", ["sent_at"], unique=False)

    op.create_table(
        "intakes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("way_back", sa.String(length=10), nullable=False),
        sa.Column("passcode_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("private_key_id", sa.String(length=32), nullable=False),
        sa.Column("keep_months", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("way_back IN ('passcode', 'code')", name=op.f("ck_intakes_way_back")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["booking_people.id"], name=op.f("fk_intakes_person_id_booking_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intakes")),
        sa.UniqueConstraint("reference", name=op.f("uq_intakes_reference")),
    )
    with op.batch_alter_table("intakes", schema=None) as batch_op:
        batch_op.create_index("ix_intakes_person_id", ["person_id"], unique=False)

    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["intake_id"], ["intakes.id"], name=op.f("fk_consents_intake_id_intakes")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["booking_people.id"], name=op.f("fk_consents_person_id_booking_people")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["consent_texts.version"], name=op.f("fk_consents_version_consent_texts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index("ix_consents_intake_id", ["intake_id"], unique=False)
        batch_op.create_index("ix_consents_person_id", ["person_id"], unique=False)

    op.create_table(
        "intake_sections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("draft_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["intake_id"], ["intakes.id"], name=op.f("fk_intake_sections_intake_id_intakes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_sections")),
        sa.UniqueConstraint(
            "intake_id", "section", name=op.f("uq_intake_sections_intake_id_section")
        ),
    )
    op.create_table(
        "sittings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("came_back", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["intake_id"], ["intakes.id"], name=op.f("fk_sittings_intake_id_intakes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sittings")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sittings_token_hash")),
    )
    with op.batch_alter_table("sittings", schema=None) as batch_op:
        batch_op.create_index("ix_sittings_intake_id", ["intake_id"], unique=False)
        batch_op.create_index("ix_sittings_last_seen_at", ["last_seen_at"], unique=False)

    with op.batch_alter_table("links") as batch:
        batch.create_index(
            "ix_links_expires_at",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("expires_at IS NOT NULL"),
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        )

    add_columns(
        "booking_people",
        sa.Column("called", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("letters_ok", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("mailbox_shared", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("mailbox_was_shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("letters_from_minute", sa.Integer(), nullable=True),
        sa.Column("letters_until_minute", sa.Integer(), nullable=True),
        sa.Column("contact_set_at", sa.DateTime(timezone=True), nullable=True),
    )
    with op.batch_alter_table("booking_people", schema=None) as batch_op:
        batch_op.drop_constraint("uq_booking_people_booking_id_role", type_="unique")
        batch_op.create_index("ix_booking_people_booking_id", ["booking_id"], unique=False)
        batch_op.create_index(
            "uq_booking_people_booker",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("role = 'booker'"),
            postgresql_where=sa.text("role = 'booker'"),
        )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.create_index("ix_journal_person_id", ["person_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_journal_person_id_booking_people"),
            "booking_people",
            ["person_id"],
            ["id"],
        )

    add_columns(
        "offerings",
        sa.Column("intake_cutoff_minutes", sa.Integer(), nullable=False, server_default="0"),
    )
    add_columns(
        "practices",
        sa.Column("leave_href", sa.String(length=500), nullable=False, server_default=""),
        sa.Column("secrets_text", sa.Text(), nullable=False, server_default=""),
        sa.Column("keep_answers_months", sa.Integer(), nullable=False, server_default="12"),
        sa.Column("safety_approved_by", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("safety_extras", sa.JSON(), nullable=False, server_default="[]"),
    )


def downgrade() -> None:
    with op.batch_alter_table("sittings", schema=None) as batch_op:
        batch_op.drop_index("ix_sittings_last_seen_at")
        batch_op.drop_index("ix_sittings_intake_id")

    op.drop_table("sittings")
    op.drop_table("intake_sections")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index("ix_consents_person_id")
        batch_op.drop_index("ix_consents_intake_id")

    op.drop_table("consents")
    with op.batch_alter_table("intakes", schema=None) as batch_op:
        batch_op.drop_index("ix_intakes_person_id")

    op.drop_table("intakes")
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index("ix_invitations_sent_at")

    op.drop_table("invitations")
    op.drop_table("key_marks")
    op.drop_table("key_rings", schema="keys")
    op.drop_table("person_keys", schema="keys")
    op.drop_table("consent_texts")

    with op.batch_alter_table("links") as batch:
        batch.drop_index("ix_links_expires_at")

    with op.batch_alter_table("practices", schema=None) as batch_op:
        batch_op.drop_column("safety_extras")
        batch_op.drop_column("safety_approved_by")
        batch_op.drop_column("keep_answers_months")
        batch_op.drop_column("secrets_text")
        batch_op.drop_column("leave_href")

    with op.batch_alter_table("offerings", schema=None) as batch_op:
        batch_op.drop_column("intake_cutoff_minutes")

    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_journal_person_id_booking_people"), type_="foreignkey"
        )
        batch_op.drop_index("ix_journal_person_id")
        batch_op.drop_column("person_id")

    forget_what_is_new()
    with op.batch_alter_table("booking_people", schema=None) as batch_op:
        batch_op.drop_index("uq_booking_people_booker")
        batch_op.drop_index("ix_booking_people_booking_id")
        batch_op.create_unique_constraint(
            "uq_booking_people_booking_id_role", ["booking_id", "role"]
        )
    with op.batch_alter_table("booking_people", schema=None) as batch_op:
        batch_op.drop_column("contact_set_at")
        batch_op.drop_column("letters_until_minute")
        batch_op.drop_column("letters_from_minute")
        batch_op.drop_column("mailbox_was_shared_at")
        batch_op.drop_column("mailbox_shared")
        batch_op.drop_column("letters_ok")
        batch_op.drop_column("called")
