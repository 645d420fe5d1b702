"""People around one phone: those who care, twins, neighbours, a pause with words instead, and a flood."""

from datetime import datetime

from campaigns.schedule import pauses
from recipients import events, registry
from recipients.models import Caregiver, Child, Person
from tests.schedule.oracle import Held
from tests.schedule.slow_ledger import Care, Reader, Subject
from tests.schedule.world import World
from tests.timelines import Line, publish


class Household(World):
    WEEKS = [270, 270, 84]
    """The third shares a phone with the first, and one who cares may share hers."""
    KINDS = ("birth", "gestation", "flood")

    def __init__(self, *drawn) -> None:
        super().__init__(*drawn)
        publish([Line("sub")], code="instead", anchor="hand")
        self.carers: dict[int, tuple[Reader, Person]] = {}
        self.cares: list[tuple[int, Care, Caregiver]] = []
        self.handed_over = False
        """Between a pass and the last check."""

    def register(self, which: int, now: datetime) -> None:
        super().register(which, now)
        hers, pregnancy = self.subject(which), self.women[which]
        flood = Subject(f"{hers.name}, flood", hers.woman, "flood", hers.anchor, of=hers)
        self.follow(flood, pregnancy.pk, pregnancy.mother_id)

    def born(self, subject: Subject, child: Child, which: int) -> None:
        """Who cares for the pregnancy cares for its children, with the same word of hers."""
        super().born(subject, child, which)
        for care in self.subject(which).cares:
            if not care.ended:
                there = Caregiver.objects.get(child=child, person=self.carers[which][1])
                self.cared_for(which, subject, Care(care.reader, care.role, care.word), there)

    def cared_for(self, which: int, about: Subject, care: Care, caregiver: Caregiver) -> None:
        about.cares.append(care)
        self.cares.append((which, care, caregiver))
        name = f"{about.name}, {care.reader.name}"
        beside = Subject(name, care.reader, about.kind, about.anchor, of=about, care=care)
        self.follow(beside, caregiver.pregnancy_id or caregiver.child_id, caregiver.person_id)

    def children(self, which: int) -> list[Child]:
        return list(Child.objects.filter(mother=self.women[which].mother, died_on=None).order_by("pk"))

    def _somebody_cares(self, which: int, by: int, now: datetime) -> None:
        if which in self.carers:
            return
        her, name = self.subject(which), ["Nam", "Sau", "Tu"][which]
        role, word = ["husband", "husband", "grandmother"][by % 3], by % 4 > 0
        phone = her.woman.phone if by % 5 == 0 and her.woman.phone else f"+8490300000{which}"
        person = None
        about = [{"child": child} for child in self.children(which)] or [{"pregnancy": self.women[which]}]
        for each in about:
            caregiver = registry.register_caregiver(
                role=role, now=now, source="page", name=name, phone=phone, consent=person is None, person=person,
                agreed_by_mother=word, **each,
            )  # fmt: skip
            person = caregiver.person
            reader, _there = self.carers.setdefault(which, (Reader(name, phone), person))
            kind = "birth" if caregiver.child_id else "gestation"
            subject = self.named(kind, caregiver.child_id or caregiver.pregnancy_id, which)
            self.cared_for(which, subject, Care(reader, role, word), caregiver)

    def care(self, which: int, by: int) -> tuple[Care, Caregiver] | None:
        hers = [(care, caregiver) for mother, care, caregiver in self.cares if mother == which]
        if not hers:
            return None
        care, caregiver = hers[by % len(hers)]
        caregiver.refresh_from_db()
        return care, caregiver

    def _word(self, which: int, by: int, now: datetime) -> None:
        if found := self.care(which, by):
            events.agree_to_care(found[1], agrees=by % 3 > 0, now=now, source="page")
            found[0].word = by % 3 > 0

    def _care_ends(self, which: int, by: int, now: datetime) -> None:
        if found := self.care(which, by):
            events.end_care(found[1], now=now, source="page")
            found[0].ended = True

    def _in_her_place(self, which: int, by: int, now: datetime) -> None:
        for care, caregiver in [found for found in [self.care(which, by), self.care(which, by + 1)] if found]:
            if caregiver.child_id and not self.unclear(which, care):
                events.set_main(caregiver, main=True, now=now, source="page")
                care.main = True

    def _steps_back(self, which: int, by: int, now: datetime) -> None:
        if (found := self.care(which, by)) and found[0].main and not self.unclear(which, found[0]):
            events.set_main(found[1], main=False, now=now, source="page")
            found[0].main = False

    def unclear(self, which: int, care: Care) -> bool:
        """Words that name another are on their way to the phone that both have."""
        return self.handed_over and care.reader.phone == self.subject(which).woman.phone

    def _child_dies(self, which: int, by: int, now: datetime) -> None:
        for child in self.children(which)[by % 2 :][:1]:
            events.child_death(child, on=now.date(), now=now, source="page")
            self.named("birth", child.pk, which).ended = "ended_loss"

    def _who_cares_stops(self, which: int, by: int, now: datetime) -> None:
        if which in self.carers:
            reader, person = self.carers[which]
            (events.stop_person if reader.agrees else events.resume_person)(person, now=now, source="page")
            reader.agrees = not reader.agrees

    def _pause(self, which: int, by: int, now: datetime) -> None:
        self.hold(which, by, now, instead=False)

    def _pause_with_words(self, which: int, by: int, now: datetime) -> None:
        self.hold(which, by, now, instead=True)

    def hold(self, which: int, by: int, now: datetime, *, instead: bool) -> None:
        """A topic, or a person: the mother or who cares."""
        since, words = now.replace(tzinfo=None), "sub" if instead else ""
        reader, person = self.carers.get(which if by % 2 else -1) or (None, None)
        if by % 5 < 3:
            topic = ["anc", "iron", "outcome", "flood"][abs(by) % 4]
            pauses.pause(topic=topic, why="Chờ", now=now, substitute=words)
            self.slow.paused.append(Held(since, topic=topic, instead=instead))
        elif which in self.women:
            reader, person = reader or self.subject(which).woman, person or self.women[which].mother
            pauses.pause(person=person, why="Chờ", now=now, substitute=words)
            self.slow.paused.append(Held(since, person=reader.name, instead=instead))

    def happen(self, kind: str, which: int, by: int, now: datetime) -> None:
        super().happen(kind, which % 3, by, now)
