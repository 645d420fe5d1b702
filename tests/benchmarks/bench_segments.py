"""Measuring texts beside smsutil, in one run on the same texts: `python -m tests.benchmarks.bench_segments`."""

import time
from collections.abc import Callable

import smsutil

from messaging.text.plain import to_plain
from messaging.text.segments import measure

LONG = "Chị Hạnh ơi, thai 12 tuần: mời chị đến Trạm Y tế xã Tân Hòa khám thai và xét nghiệm máu. Mang theo sổ khám. "
TEXTS = {
    "one part without diacritics": to_plain(LONG),
    "with diacritics": LONG,
    "three parts without diacritics": to_plain(LONG * 4),
    "five parts with diacritics": LONG * 3,
    "parts with escape pairs": to_plain(LONG * 2) + "[1] {2} ~3 €",
    "parts with emoji": LONG + "👶🏽👩‍⚕️" * 4,
}


def rate(work: Callable[[str], object], text: str, seconds: float = 0.3) -> float:
    """Calls per second, the best of five stretches."""
    best = 0.0
    for _ in range(5):
        calls, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds / 5:
            for _ in range(20):
                work(text)
            calls += 20
        best = max(best, calls / (time.perf_counter() - start))
    return best


def main() -> None:
    for name, text in TEXTS.items():
        assert measure(text).segments == len(smsutil.split(text).parts)
        print(f"{name:34} {rate(measure, text) / rate(smsutil.split, text):7.1f} times smsutil")


if __name__ == "__main__":
    main()
