"""Looking a text in doubt up in Twilio's list of messages."""

from datetime import UTC, datetime, timedelta

from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from messaging.providers.base import CannotTell, Outgoing

EARLIER = timedelta(minutes=2)
"""How far Twilio's clock may be behind ours."""
LATER = timedelta(minutes=10)
"""How long after our call its copy may have been made: our longest time-outs and its clock."""
SETTLED = timedelta(minutes=5)
"""How long Twilio's list may lag behind what it has taken; an absence means nothing sooner."""
MOST = 200
"""Messages to one number that are looked through, the newest first."""


async def find_message(client: Client, m: Outgoing, now: datetime) -> MessageInstance | None:
    """The one message to `m.to` with the words of `m` that was made about `m.at`; None when there is none.

    Raises `CannotTell` when there are more, when the same words are listed at another time only (one of the clocks may
    be wrong), when the list does not reach back to that moment, and when there is none so soon after the call
    (`SETTLED`).
    """
    listed = await client.messages.list_async(to=m.to, limit=MOST, page_size=MOST)
    outgoing = [one for one in listed if str(one.direction or "").startswith("outbound")]
    same = [one for one in outgoing if one.body == m.body]
    close = [one for one in same if m.at - EARLIER <= _made(one) <= m.at + LATER]
    if len(close) > 1:
        raise CannotTell(f"Twilio lists {len(close)} texts that could be this one.")
    if close:
        return close[0]
    if same:
        raise CannotTell("Twilio lists these words at another time. Check the clock of this server.")
    if len(listed) >= MOST and min(map(_made, listed)) > m.at - EARLIER:
        raise CannotTell("Twilio's list of texts to this number does not reach back far enough.")
    if now < m.at + LATER + SETTLED:
        raise CannotTell("Twilio's list may not show the newest texts yet. Ask again later.")
    return None


def _made(message: MessageInstance) -> datetime:
    made = message.date_created
    if not isinstance(made, datetime):
        raise CannotTell("Twilio's list cannot be read.")
    return made if made.tzinfo else made.replace(tzinfo=UTC)
