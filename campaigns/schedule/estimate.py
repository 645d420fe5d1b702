"""How many people a broadcast is for, how many it can reach now, and about how many SMS parts that takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef

from campaigns.content import parameters, rendering
from campaigns.schedule.audience import receivers
from messaging.models import OptOut
from messaging.text.segments import measure
from recipients.consent import consented
from recipients.models import Person


@dataclass(frozen=True)
class Estimate:
    """`people`: in the audience. `reachable`: of them, with an open number and consent. `wordless`: of these, those
    for whom there are no words (a phone that others read, and no discreet text). `parts`: SMS parts for the rest."""

    people: int = 0
    reachable: int = 0
    wordless: int = 0
    parts: int = 0


def estimate(audience: Mapping[str, Any], texts: Mapping[str, rendering.Wording], on: date) -> Estimate:
    """Counts of an audience as the facts of now have it on the local day `on`; `texts` by language.

    Parts are those of the text of one person for each language, script and kind of phone, with her own values, times
    the people of that kind: names of another length may move a few of them over the edge of a part.
    """
    meant = receivers(audience, on)
    reachable = meant.filter(
        consented(),
        ~Exists(OptOut.objects.filter(number=OuterRef("phone"), ended_at=None)),
        phone__isnull=False,
    )
    kinds = list(
        reachable.order_by()
        .values("language", "script", "discreet", "phone_holder")
        .annotate(count=Count("pk"), somebody=Min("pk"))
    )
    examples = Person.objects.in_bulk([kind["somebody"] for kind in kinds])
    values = parameters.values_for(examples.values(), on)
    wordless = parts = 0
    for kind in kinds:
        discreet = rendering.needs_discretion(kind["discreet"], kind["phone_holder"])
        chosen = rendering.choose(texts, kind["language"], discreet)
        if chosen is None:
            wordless += kind["count"]
            continue
        body = _filled(chosen[0], values.get(kind["somebody"], {}))
        parts += kind["count"] * measure(rendering.for_phone(body, kind["script"])).segments
    return Estimate(meant.count(), sum(kind["count"] for kind in kinds), wordless, parts)


def _filled(body: str, values: Mapping[str, str]) -> str:
    """The text with the values that there are; what is missing stays as it is written."""
    known = {name: values.get(name) or f"({name})" for name in rendering.placeholders(body)}
    return rendering.render(body, known)
