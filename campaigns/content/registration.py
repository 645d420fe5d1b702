"""The words of the live campaigns and the automatic answers, as they are registered with the operators of a route."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain

from campaigns.content import regions, rendering
from campaigns.content.files import load_sample_values
from campaigns.content.library import FOLDER
from campaigns.replies import words
from campaigns.schedule.live import LiveCampaign, live_campaigns
from messaging.incoming import confirmations
from messaging.models import MessageClass, Route
from messaging.registration import texts
from messaging.registration.texts import AUTOMATIC, Submitted, Wording

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def submit_live_words(route: Route, now: datetime) -> Submitted:
    """Put every text that may leave now on the list for the operators of `route`, and say what became of it.

    - The automatic answers and the confirmations of a STOP or a wrong number; then the live campaigns.
    - Each language, the ordinary and the discreet words, in the words of each region, as they are and without
      diacritics.
    - {ten}, {coso}... become {1}, {2}... in the order of the text; invented values go with them as samples.
    - Words that several steps share are registered once, under the first name.
    """
    everything = chain(confirmations.wordings(), answers(), wordings(live_campaigns()))
    return texts.submit(route, everything, now)


def answers() -> Iterator[Wording]:
    """Every automatic answer, like `auto/noted/urgent/vi/plain`."""
    samples = {
        "phone": load_sample_values(FOLDER).usual["hotline"], "hours": "7:00-17:00", "day": "21/11/2026",
        "example": "21112026", "choices": "1 (Lan), 2 (Hoa)",
    }  # fmt: skip
    for name, body in words.everything():
        yield from _scripts(f"{AUTOMATIC}{name}", body, samples, MessageClass.SERVICE)


def wordings(live: Mapping[int, LiveCampaign]) -> Iterator[Wording]:
    """Name and words of every text, like `iron/week-20/vi/discreet/plain` or, where the regions say it differently,
    `.../vi/south`; in the order of campaigns and timelines."""
    samples = load_sample_values(FOLDER).usual
    for campaign in sorted(live.values(), key=lambda each: each.campaign.code):
        for step in campaign.steps.values():
            for text in sorted(step.texts.all(), key=lambda each: each.language):
                for kind, body in (("", text.body), ("/discreet", text.discreet_body)):
                    name = f"{campaign.campaign.code}/{step.key}/{text.language}{kind}"
                    for region, form in regions.forms(body).items():
                        whole = f"{name}/{region}" if region else name
                        yield from _scripts(whole, form, samples, campaign.campaign.message_class, text.language)


def _scripts(
    name: str, body: str, usual: Mapping[str, str], message_class: str, language: str = ""
) -> Iterator[Wording]:
    """The form with diacritics and, where it differs, the one without."""
    if not body.strip():
        return
    places = {placeholder: place for place, placeholder in enumerate(rendering.placeholders(body), start=1)}
    words = rendering.for_phone(_PLACEHOLDER.sub(lambda found: f"{{{places[found[1]]}}}", body), "")
    plain = rendering.for_phone(words, rendering.PLAIN)
    samples = [usual.get(placeholder, placeholder) for placeholder in places]
    yield Wording(name, words, tuple(samples), message_class, language, usual)
    if plain != words:
        unmarked = (rendering.for_phone(sample, rendering.PLAIN) for sample in samples)
        yield Wording(f"{name}/plain", plain, tuple(unmarked), message_class, language, usual)
