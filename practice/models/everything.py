"""All mapped classes at once, for whoever needs the whole picture: migrations and the app."""

from practice.models.accounts import Role, User
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.coach import Coach
from practice.models.concern import Concern
from practice.models.consent import Consent, ConsentText
from practice.models.couple import Couple
from practice.models.desk_session import DeskSession, RecoveryCode
from practice.models.hours import DateException, ExceptionHours, WeeklyHours
from practice.models.intake import Intake, IntakeSection
from practice.models.invitation import Invitation
from practice.models.journal import JournalEntry, JournalHead
from practice.models.key_mark import KeyMark, KeyRing
from practice.models.link import Link
from practice.models.note import Note, NoteEdit
from practice.models.occupancy import Block, Occupancy
from practice.models.offering import Offering
from practice.models.outbox import OutboxLetter
from practice.models.payment import HeardNotice, Payment, Refund
from practice.models.person_key import PersonKey
from practice.models.practice import Practice
from practice.models.sitting import Sitting
from practice.models.source import BusySpan, CalendarSource
from practice.models.throttle import Bucket
from practice.models.time_request import TimeRequest

EVERYTHING = (
    Block,
    Booking,
    BookingPerson,
    Bucket,
    BusySpan,
    CalendarSource,
    Client,
    Coach,
    Concern,
    Consent,
    ConsentText,
    Couple,
    DateException,
    DeskSession,
    ExceptionHours,
    HeardNotice,
    Intake,
    IntakeSection,
    Invitation,
    JournalEntry,
    JournalHead,
    KeyMark,
    KeyRing,
    Link,
    Note,
    NoteEdit,
    Occupancy,
    Offering,
    OutboxLetter,
    Payment,
    PersonKey,
    Practice,
    RecoveryCode,
    Refund,
    Role,
    Sitting,
    TimeRequest,
    User,
    WeeklyHours,
)
