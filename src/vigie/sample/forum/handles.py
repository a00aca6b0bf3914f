"""Names of accounts: rare ones that one person takes along, ones made for a single platform, and common ones."""

from vigie.sample.forum.mixing import below

FIRST = (
    "amber", "quiet", "north", "velvet", "copper", "misty", "silver", "hollow", "early", "cedar", "frosty",
    "golden", "rusty", "windy", "mossy", "stony", "cloudy", "dusty", "humid", "sandy", "snowy", "sunny", "rainy",
    "leafy", "woody", "salty", "shady", "chalky", "marble", "ivory", "russet", "indigo", "olive", "auburn",
    "cobalt", "scarlet",
)  # fmt: skip
SECOND = (
    "fox", "granite", "heron", "lantern", "meadow", "orchard", "pebble", "river", "summit", "thunder", "willow",
    "otter", "falcon", "harbour", "glacier", "thistle", "bramble", "juniper", "badger", "beacon", "canyon", "delta",
    "ember", "fjord", "grove", "heath", "island", "jetty", "kestrel", "lagoon", "maple", "nettle", "oak",
)  # fmt: skip
COMMON = ("north", "raven", "shadow", "wolf", "storm", "blue", "alex1", "nemo", "phoenix", "ghost")
"""Names that anybody takes: on two platforms they tell nothing."""
STRANGE = (
    "=1+1", "@SUM(A1:A9)", "+north", "-7east", '=HYPERLINK("https://example.org")', "<b>meadow</b>", "O'Hara & sons",
    "\u05e0\u05d4\u05e8 \u05e9\u05e7\u05d8", "\u0648\u0627\u062f\u064a \u0627\u0644\u0635\u0641", "back\\slash",
    "caf\u00e9 \u2615", "\u202etxet", "\u7fd4\u304f\u9ce5", "Z\u00fcrich \U0001f33f", "tab\there",
    "M\u00c3\u00bcller-Garten", "for\u00c3\u00aat", "pe\u00c3\u00b1a",
)  # fmt: skip
"""Formulas for spreadsheets, markup, quotes, text from right to left, an override of direction, emoji; the last three
are UTF-8 that was read as Latin-1 and written as UTF-8 again, as careless moves between servers leave it."""


def handle(seed: int, person: int) -> str:
    """Return the name that a person takes along: nobody else has it."""
    drawn = int(below(len(FIRST) * len(SECOND), seed, 51, person))
    return f"{FIRST[drawn % len(FIRST)]}-{SECOND[drawn // len(FIRST)]}-{person + 100}"


def names(seed: int, platform: int, count: int) -> list[str]:
    """Return names of accounts of a platform that stand on none other, each once."""
    drawn = below(len(FIRST) * len(SECOND), seed, 52, platform, range(count)).tolist()
    letter = "abcdefghij"[platform]
    return [f"{FIRST[one % len(FIRST)]}{SECOND[one // len(FIRST)]}{letter}{at}" for at, one in enumerate(drawn)]
