"""What stands before and after the words of a caller: the label of advertising, and how to stop."""

from messaging.text.plain import to_plain
from messaging.text.segments import GSM_7, measure


def with_label(words: str, label: str) -> str:
    """`words` beginning with `label` ("[QC]"), as the law wants of advertising (Decree 91/2020/ND-CP, art. 15).

    Not written twice, however the words spell it; an empty label adds nothing.
    """
    if not label or words.lstrip().casefold().startswith(label.casefold()):
        return words
    return f"{label} {words}"


def tail_for(words: str, stop: str) -> str:
    """What is put after `words` so that they end with `stop`, how to stop (art. 16: at the end of the text).

    - Begins with what joins it to them: a full stop where they have none, and a space.
    - Without diacritics where the words have none, or none that cost anything: the tail never makes a text of an old
      phone unreadable, nor one in GSM-7 two or three times as dear.
    - Both are tidy already. "" where there is nothing to say.
    """
    if not stop:
        return ""
    if to_plain(words) == words or measure(words).encoding == GSM_7:
        stop = to_plain(stop)
    return f"{'. ' if words[-1:].isalnum() else ' '}{stop}"
