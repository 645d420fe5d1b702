"""Marks sentences of pure rooms for translation. Pure: the edge translates."""


def _(sentence: str) -> str:
    """The sentence itself; its name lets the collection of sentences find it."""
    return sentence
