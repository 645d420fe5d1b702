"""A text as phones show it: filled in, in both spellings, with its size as operators count it. Pure."""

from dataclasses import dataclass

from campaigns.content import rendering
from campaigns.content.files import SampleValues
from messaging.text.segments import measure

MARKED = "diacritics"


@dataclass(frozen=True)
class Spelling:
    """One form in which a text leaves. `parts` and `units` with usual values, `most_*` with the longest."""

    script: str
    body: str
    longest_body: str
    parts: int
    units: int
    most_parts: int
    most_units: int


def spellings(body: str, values: SampleValues) -> list[Spelling]:
    """The text without and with diacritics; one entry, named "", where both are the same.

    Raises MissingValue for a placeholder that has no value.
    """
    usual, longest = rendering.render(body, values.usual), rendering.render(body, values.longest)
    both = [_spelling(script, usual, longest) for script in (rendering.PLAIN, MARKED)]
    if both[0].body == both[1].body and both[0].longest_body == both[1].longest_body:
        return [_spelling("", usual, longest)]
    return both


def _spelling(script: str, usual: str, longest: str) -> Spelling:
    shown, worst = rendering.for_phone(usual, script), rendering.for_phone(longest, script)
    size, most = measure(shown), measure(worst)
    return Spelling(script, shown, worst, size.segments, size.units, most.segments, most.units)
