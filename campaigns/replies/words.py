"""What a machine answers: short, plain, without a name or a topic, and never a congratulation or a condolence.

They are answers to what somebody has just written, in the language and script of her phone. An operator that sends
registered texts only registers them like the others (`content.registration`).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.conf import settings

from campaigns.content import parameters
from campaigns.content.rendering import PLAIN, for_phone
from campaigns.local import kinds
from campaigns.models import Parameter
from campaigns.schedule.sendtime import Hours, is_open, local_day
from recipients.models import Person

WORDS = {
    "noted": {
        "vi": "Đã ghi nhận ngày {day}. Cán bộ y tế sẽ liên hệ để ghi thêm.",
        "en": "Noted for {day}. Health staff will contact you for the details.",
    },
    "visit": {"vi": "Đã ghi nhận ngày {day}. Cảm ơn đã báo tin.", "en": "Noted for {day}. Thank you for telling us."},
    "which_day": {
        "vi": "Chúng tôi chưa đọc được ngày. Hãy soạn: SINH ngày tháng năm, ví dụ SINH {example}.",
        "en": "We could not read the day. Please write: SINH day month year, for example SINH {example}.",
    },
    "whose": {"vi": "Tin này là của ai? Trả lời {choices}.", "en": "Whom is this about? Answer {choices}."},
    "will_call": {
        "vi": "Đã nhận tin nhắn. Cán bộ y tế sẽ gọi lại.",
        "en": "We have your message. Health staff will call back.",
    },
    "will_call_within_a_day": {
        "vi": "Đã nhận yêu cầu. Cán bộ y tế sẽ gọi lại trong vòng 24 giờ.",
        "en": "We have your request. Health staff will call back within 24 hours.",
    },
    "with_you": {
        "vi": "Chúng tôi đã nhận tin và tạm dừng mọi tin nhắn. Cán bộ y tế sẽ liên hệ trong ngày.",
        "en": "We have your message and have paused all others. Health staff will contact you within a day.",
    },
    "help": {
        "vi": "Hỏi về sức khỏe: gọi {phone}. Muốn được gọi lại, soạn GOI LAI. Ngừng nhận tin, soạn TC.",
        "en": "Questions about health: call {phone}. To be called back, write GOI LAI. To stop, write STOP.",
    },
    "help_in_hours": {
        "vi": "Hỏi về sức khỏe: gọi {phone} ({hours}). Muốn được gọi lại, soạn GOI LAI. Ngừng nhận tin, soạn TC.",
        "en": "Questions about health: call {phone} ({hours}). To be called back, write GOI LAI. To stop, write STOP.",
    },
    "urgent": {"vi": "Cần ngay, gọi {phone}.", "en": "If it is urgent, call {phone}."},
}
"""By name and language."""
WITH_URGENT = frozenset({"noted", "will_call", "will_call_within_a_day", "with_you"})
"""What `urgent` follows where a number to call is known."""
ALWAYS_THERE = "115"
"""The ambulance: whom to call when the hotline sleeps."""


def say(what: str, people: Sequence[Person], *, needed_at: datetime | None = None, **values: str) -> str:
    """An answer in the language and script of the people on a number; with whom to call in need at that moment, where
    it is one of WITH_URGENT, the moment is given and a number is known.

    English where all of them read English, else Vietnamese; without diacritics unless all phones show them.
    """
    phone = _in_need(people, needed_at) if needed_at and what in WITH_URGENT else ""
    sentences = [_words(what, people).format(**values)]
    if phone:
        sentences.append(_words("urgent", people).format(phone=phone))
    with_marks = people and all(person.script != PLAIN for person in people)
    return for_phone(" ".join(sentences), "" if with_marks else PLAIN)


def everything() -> Iterator[tuple[str, str]]:
    """Name and words, with {places}, of every answer that `say` can give, in each language: `noted/urgent/vi`."""
    for what, languages in WORDS.items():
        for language, words in languages.items():
            if what != "urgent":
                yield f"{what}/{language}", words
            if what in WITH_URGENT:
                yield f"{what}/urgent/{language}", f"{words} {WORDS['urgent'][language]}"


def call(people: Sequence[Person], moment: datetime) -> str:
    """The number to call: the hotline of the people's unit, else the phone of their station, else ""."""
    values = _values(people, moment)
    return values.get("hotline", "").strip() or values.get("sdt", "").strip()


def hours(people: Sequence[Person], moment: datetime) -> str:
    """When somebody answers there (the parameter `hotline_hours`); "" where nobody has set it."""
    found = _values(people, moment).get("hotline_hours", "").strip()
    return "24/24" if found == kinds.ALWAYS else found


def _in_need(people: Sequence[Person], moment: datetime) -> str:
    """The number to call at a moment: outside the hours of the hotline the ambulance's; "" where none is known."""
    values = _values(people, moment)
    kept = kinds.hours(values.get("hotline_hours", "").strip())
    if values.get("hotline", "").strip() and kept and not is_open(moment, Hours(*kept, settings.ZONE)):
        return ALWAYS_THERE
    return call(people, moment)


def day_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _values(people: Sequence[Person], moment: datetime) -> dict[str, str]:
    day = local_day(moment, settings.ZONE)
    if people:
        return parameters.values_for(people[:1], day)[people[0].pk]
    return {each.name: each.value for each in Parameter.objects.filter(unit=None) if each.counts_on(day)}


def _words(what: str, people: Sequence[Person]) -> str:
    language = "en" if people and all(person.language == "en" for person in people) else "vi"
    if not people and settings.DEFAULT_LANGUAGE_OF_TEXTS == "en":
        language = "en"
    return WORDS[what][language]
