"""Spelling of offsets: "12w6d" of gestation, "1m20d" or "180d" of age, "-2d" before an appointment."""

import re

from campaigns.schedule.timeline import Offset
from recipients.sentences import _


class OffsetError(ValueError):
    """What is written is no offset: `template` with `values` is the sentence."""

    def __init__(self, template: str, raw: str) -> None:
        self.template, self.values = template, {"raw": raw}
        super().__init__(template % self.values)


_OFFSET = re.compile(r"(?:(?P<unit>\d+)(?P<kind>[wm]))?(?:(?P<days>\d+)d)?|-(?P<before>[1-9]\d*)d")


def parse_offset(raw: str) -> Offset:
    """Offset of "12w6d" (weeks and days), "1m20d" (calendar months, then days), "180d" or "-2d" (days before).

    Days after weeks are 0-6 and after months 0-30, so that a slip of the key is seen.
    Raises OffsetError.
    """
    match = _OFFSET.fullmatch(raw)
    if not raw or match is None:
        raise OffsetError(_('"%(raw)s" is not an offset. Write for example 12w6d, 1m20d, 180d or -2d.'), raw)
    if match["before"]:
        return Offset(0, -int(match["before"]))
    unit, days = int(match["unit"] or 0), int(match["days"] or 0)
    if match["kind"] == "w":
        if days > 6:
            raise OffsetError(_('"%(raw)s" has more than 6 days after the weeks. Count a week more.'), raw)
        return Offset(0, unit * 7 + days)
    if match["kind"] == "m" and days > 30:
        raise OffsetError(_('"%(raw)s" has more than 30 days after the months. Count a month more.'), raw)
    return Offset(unit, days)


def format_offset(offset: Offset, anchor: str = "birth") -> str:
    """The shortest spelling that `parse_offset` reads back: weeks for gestation, else months, days."""
    if anchor == "gestation" and not offset.months and offset.days >= 0:
        weeks, days = divmod(offset.days, 7)
        return f"{weeks}w{days}d" if days else f"{weeks}w"
    if offset.months and offset.days:
        return f"{offset.months}m{offset.days}d"
    return f"{offset.months}m" if offset.months else f"{offset.days}d"
