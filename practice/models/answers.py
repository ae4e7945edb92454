"""What an intake holds, opened: for its writer all of it, for the coach what was shared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from practice.domain.questionnaire import Answer, Questionnaire, with_extras, without_private
from practice.domain.refusal import NotFound
from practice.models.consent import Consent, consents_of
from practice.models.intake import Intake, IntakeSection
from practice.models.intakes import living_intakes, safety_is_on
from practice.models.keys import opened
from practice.models.practice import Practice
from practice.models.questionnaires import shipped
from practice.models.sealed import Copy, Document, open_document, seal_document
from practice.ports import Vault


def whole_of(intake: Intake) -> Questionnaire:
    """Return all that an intake's version may ask, whatever the practice has switched on."""
    return shipped(intake.questionnaire, intake.version)


def asked(session: Session, intake: Intake) -> Questionnaire:
    """Return what an intake asks as the practice has set it: extras, and the private section."""
    practice = session.get_one(Practice, 1)
    questionnaire = with_extras(whole_of(intake), practice.safety_extras)
    return questionnaire if safety_is_on(practice) else without_private(questionnaire)


class Folder:
    """One intake, section by section: as its writer left it, and as it was shared.

    Of its two keys each is opened when it is first needed: whoever reads what is open never holds
    the private one. Reading raises NotFound where the key is destroyed, and Unreadable where
    something was altered.
    """

    def __init__(self, session: Session, intake: Intake, *, vault: Vault) -> None:
        self.intake = intake
        self._session = session
        self._vault = vault
        self._private = {section.id for section in whole_of(intake).sections if section.is_private}
        self._keys: dict[str, Vault] = {}

    def draft(self, section: str) -> Document:
        """Return a section as its writer left it."""
        row = self._row(section)
        return self._open(row.draft_sealed if row else None, section, "draft")

    def drafts(self) -> dict[str, Document]:
        """Return every section in which something was saved, private ones too."""
        return {row.section: self.draft(row.section) for row in self.intake.sections}

    def shared(self, section: str) -> Document:
        """Return the copy of a section that the coach may read."""
        row = self._row(section)
        return self._open(row.shared_sealed if row else None, section, "shared")

    def saved_at(self, section: str) -> datetime | None:
        """Return when a section was last saved."""
        row = self._row(section)
        return row.saved_at if row else None

    def shared_at(self, section: str) -> datetime | None:
        """Return when a section was last shared, or None where it is not."""
        row = self._row(section)
        return row.shared_at if row else None

    def first_shared_at(self, *, is_private: bool) -> datetime | None:
        """Return when something was shared first, private or not; taken back, it still was."""
        firsts = (
            row.first_shared_at
            for row in self.intake.sections
            if (row.section in self._private) is is_private
        )
        return min((at for at in firsts if at is not None), default=None)

    def keep_draft(self, section: str, document: Document, now: datetime) -> None:
        """Keep a section as its writer left it."""
        sealed = self._seal(document, section, "draft")
        row = self._row(section)
        if row is None:
            row = IntakeSection(section=section)
            self.intake.sections.append(row)
        row.draft_sealed, row.saved_at = sealed, now

    def keep_shared(self, section: str, answers: Mapping[str, Answer], at: datetime | None) -> None:
        """Keep what of a saved section the coach may read; nothing at all where it is empty."""
        row = self._row(section)
        if row is None:
            return
        document = Document(dict(answers), done=True)
        row.shared_sealed = self._seal(document, section, "shared") if answers else None
        row.shared_at = at if answers else None
        row.first_shared_at = row.first_shared_at or row.shared_at

    def _row(self, section: str) -> IntakeSection | None:
        return next((row for row in self.intake.sections if row.section == section), None)

    def _key(self, section: str) -> Vault:
        is_private = section in self._private
        key_id = self.intake.private_key_id if is_private else self.intake.key_id
        if key_id not in self._keys:
            self._keys[key_id] = _opened(self._session, key_id, self._vault)
        return self._keys[key_id]

    def _open(self, sealed: bytes | None, section: str, copy: Copy) -> Document:
        key = self._key(section)
        return open_document(sealed, key, intake=self.intake, section=section, copy=copy)

    def _seal(self, document: Document, section: str, copy: Copy) -> bytes:
        key = self._key(section)
        return seal_document(
            document,
            key,
            intake=self.intake,
            section=section,
            copy=copy,
            is_private=section in self._private,
        )


def unshare_all(intake: Intake) -> None:
    """Take every copy of an intake away that its coach may read, the private one too."""
    for row in intake.sections:
        row.shared_sealed = row.shared_at = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What one person shared of one intake: by section, the answers and when, in their order.

    `questionnaire` is the version that was answered, and `agreed` the consent that it rests on.
    """

    questionnaire: Questionnaire
    sections: Mapping[str, Document]
    shared_at: Mapping[str, datetime]
    agreed: Consent


def readable_sections(session: Session, person_id: int, *, vault: Vault) -> list[Shared]:
    """Return what a coach may read of a person, newest intake first; never what is private."""
    return _readable(session, person_id, vault, is_private=False)


def readable_private(session: Session, person_id: int, *, vault: Vault) -> list[Shared]:
    """Return the private notes that a person shared, newest first: behind their own click only."""
    return _readable(session, person_id, vault, is_private=True)


def _readable(session: Session, person_id: int, vault: Vault, *, is_private: bool) -> list[Shared]:
    intakes = living_intakes(session, person_id)
    agreed = consents_of(session, [intake.id for intake in intakes])
    found = []
    for intake in intakes:
        consent = agreed.get(intake.id)
        if consent is None or not consent.is_given:
            continue
        shared = _shared(session, intake, consent, vault, is_private=is_private)
        if shared.sections:
            found.append(shared)
    return found


def _shared(
    session: Session, intake: Intake, consent: Consent, vault: Vault, *, is_private: bool
) -> Shared:
    questionnaire = whole_of(intake)
    there = {row.section: row.shared_at for row in intake.sections if row.shared_at is not None}
    wanted = [
        section.id
        for section in questionnaire.sections
        if section.is_private is is_private and section.id in there
    ]
    folder = Folder(session, intake, vault=vault) if wanted else None
    return Shared(
        questionnaire=questionnaire,
        sections={name: folder.shared(name) for name in wanted} if folder else {},
        shared_at={name: there[name] for name in wanted},
        agreed=consent,
    )


def _opened(session: Session, key_id: str, vault: Vault) -> Vault:
    key = opened(session, key_id, vault=vault)
    if key is None:
        raise NotFound("There is nothing at this address.")
    return key
