"""Add payments: what is asked for, what goes back, what was heard, and what stands strange.

Revision: 0003, after 0002.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFUND_TERMS = ("full_refund_hours", "part_refund_hours", "part_refund_percent")
HAPPENINGS = (
    "PAYING", "PAID", "PAID_LATE", "PAID_TWICE", "PAID_STRANGELY", "PAYMENT_ENDED",
    "PAYMENT_FAILED", "REFUND_ASKED", "REFUNDED", "REFUND_FAILED", "DISPUTED", "NO_SHOW",
    "CAME_AFTER_ALL",
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


def forget_what_is_new() -> None:
    """Delete the rows that the house before this cannot read, and free what waited to be paid."""
    op.execute("DELETE FROM outbox WHERE kind IN ('refunded', 'too_late', 'payment_failed')")
    happenings = ", ".join(f"'{name}'" for name in HAPPENINGS)
    op.execute(f"DELETE FROM journal WHERE happening IN ({happenings})")  # noqa: S608
    op.execute("DELETE FROM occupancies WHERE status = 'pending'")
    op.execute("UPDATE bookings SET status = 'expired' WHERE status = 'pending'")


def refund_terms() -> list[sa.Column]:
    """Return the columns of an offering's, and a booking's, cancellation terms."""
    defaults = ("24", "0", "0")
    return [
        sa.Column(name, sa.Integer(), nullable=False, server_default=default)
        for name, default in zip(REFUND_TERMS, defaults, strict=True)
    ]


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("session", sa.String(length=255), nullable=True),
        sa.Column("intent", sa.String(length=255), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("session_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_minor", sa.Integer(), nullable=True),
        sa.Column("received_currency", sa.String(length=3), nullable=True),
        sa.Column("learnt_by", sa.String(length=20), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispute", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "state IN ('opening', 'open', 'processing', 'paid', 'expired', 'failed', 'strange')",
            name=op.f("ck_payments_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payments_amount")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_payments_booking_id_bookings")
        ),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_payments_coach_id_coaches")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("booking_id", "attempt", name=op.f("uq_payments_booking_id_attempt")),
        sa.UniqueConstraint("intent", name=op.f("uq_payments_intent")),
        sa.UniqueConstraint("reference", name=op.f("uq_payments_reference")),
        sa.UniqueConstraint("session", name=op.f("uq_payments_session")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index("ix_payments_coach_id_paid_at", ["coach_id", "paid_at"], unique=False)
        batch_op.create_index(
            "ix_payments_undecided",
            ["opened_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('opening', 'open', 'processing')"),
            postgresql_where=sa.text("state IN ('opening', 'open', 'processing')"),
        )

    op.create_table(
        "concerns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("coach_id", sa.Integer(), nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=255), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["coach_id"], ["coaches.id"], name=op.f("fk_concerns_coach_id_coaches")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_concerns_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concerns")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_concerns_dedupe")),
    )
    with op.batch_alter_table("concerns", schema=None) as batch_op:
        batch_op.create_index("ix_concerns_settled_at", ["settled_at"], unique=False)

    op.create_table(
        "heard_notices",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_heard_notices_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard_notices")),
    )
    with op.batch_alter_table("heard_notices", schema=None) as batch_op:
        batch_op.create_index("ix_heard_notices_heard_at", ["heard_at"], unique=False)

    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("dedupe", sa.String(length=200), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("refund", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=64), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'leased', 'done', 'failed')", name=op.f("ck_refunds_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_refunds_dedupe")),
        sa.UniqueConstraint("reference", name=op.f("uq_refunds_reference")),
        sa.UniqueConstraint("refund", name=op.f("uq_refunds_refund")),
    )
    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.create_index("ix_refunds_payment_id", ["payment_id"], unique=False)
        batch_op.create_index("ix_refunds_state_due_at", ["state", "due_at"], unique=False)

    add_columns(
        "bookings",
        *refund_terms(),
        sa.Column("most_refund_percent", sa.Integer(), nullable=False, server_default="100"),
    )
    add_columns("offerings", *refund_terms())
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refund_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_outbox_refund_id_refunds"), "refunds", ["refund_id"], ["id"]
        )
    add_columns(
        "practices",
        sa.Column("uid", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("statement", sa.String(length=22), nullable=False, server_default="APPOINTMENT"),
    )
    op.execute(sa.text("UPDATE practices SET uid = :uid").bindparams(uid=secrets.token_hex(16)))


def downgrade() -> None:
    forget_what_is_new()
    with op.batch_alter_table("practices", schema=None) as batch_op:
        batch_op.drop_column("statement")
        batch_op.drop_column("uid")

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_outbox_refund_id_refunds"), type_="foreignkey")
        batch_op.drop_column("refund_id")

    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.drop_column("most_refund_percent")
    for table in ("offerings", "bookings"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in reversed(REFUND_TERMS):
                batch_op.drop_column(name)

    with op.batch_alter_table("refunds", schema=None) as batch_op:
        batch_op.drop_index("ix_refunds_state_due_at")
        batch_op.drop_index("ix_refunds_payment_id")

    op.drop_table("refunds")
    with op.batch_alter_table("heard_notices", schema=None) as batch_op:
        batch_op.drop_index("ix_heard_notices_heard_at")

    op.drop_table("heard_notices")
    with op.batch_alter_table("concerns", schema=None) as batch_op:
        batch_op.drop_index("ix_concerns_settled_at")

    op.drop_table("concerns")
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_payments_undecided",
            sqlite_where=sa.text("state IN ('opening', 'open', 'processing')"),
            postgresql_where=sa.text("state IN ('opening', 'open', 'processing')"),
        )
        batch_op.drop_index("ix_payments_coach_id_paid_at")

    op.drop_table("payments")
