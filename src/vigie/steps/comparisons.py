"""What two accounts are compared by where no identifier ties them: comparisons, their levels, and blocking rules.

``x`` and ``y`` are rows of ``traits``; ``z`` is what they share of addresses, ``w`` of contacts: null where nothing.
Writing style is not among them, and shall not be.
"""

import typing as t

import msgspec


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One question to two accounts, and the answers there are."""

    name: str
    sql: str
    """Level, from 0 (they differ); -1: one of them does not say."""
    levels: tuple[str, ...]
    """What each means, for people."""
    guess: tuple[float, ...]
    """Share of pairs of one person at each level, as long as nothing is learnt: a guess."""
    listed: tuple[int, ...] = ()
    """Levels all of whose pairs a blocking rule lists, so that how many pairs of two people reach them is counted."""


COMPARISONS: t.Final = (
    # Handle and address in one: two people who come upon the same handle make the same address of it.
    Comparison(
        name="name",
        sql="""case when x.bare = '' or y.bare = '' then -1
            when greatest(x.crowd, y.crowd) <= 3 and (x.bare = y.bare or x.local <> '' and x.local in (y.local, y.bare)
                or y.local <> '' and y.local = x.bare) then 4
            when x.stem <> '' and x.stem = y.stem then if(greatest(x.crowd, y.crowd) <= 3, 3, 2)
            when jaro_winkler_similarity(x.bare, y.bare) >= 0.92 then 1 else 0 end""",
        levels=(
            "their handles, and what stands before the @ of their addresses, differ",
            "their handles are alike (Jaro-Winkler 0.92)",
            "their handles have the same letters, as those of others have",
            "their handles have the same letters, and hardly anybody else's has",
            "handle or name before the @ are the same, and hardly anybody else has it",
        ),
        guess=(0.5, 0.1, 0.1, 0.1, 0.2),
        listed=(3, 4),
    ),
    Comparison(
        name="ip",
        sql="""case when not x.seen or not y.seen then -1 when z.quiet is null then 0 else least(z.quiet, 2) + 1 end""",
        levels=(
            "no address of both within days",
            "an address of both within days, in a network from which others come: a carrier's, a school's",
            "one address of both within days, that few others used, nor its neighbours",
            "several addresses of both within days, that few others used, nor their neighbours",
        ),
        guess=(0.5, 0.1, 0.2, 0.2),
        listed=(1, 2, 3),
    ),
    Comparison(
        name="hours",
        sql="""case when x.hours is null or y.hours is null then -1
            when list_cosine_similarity(x.hours, y.hours) >= 0.95 then 2
            when list_cosine_similarity(x.hours, y.hours) >= 0.8 then 1 else 0 end""",
        levels=(
            "they are there at other hours",
            "they are there at similar hours (cosine 0.8)",
            "they are there at the same hours (cosine 0.95)",
        ),
        guess=(0.2, 0.4, 0.4),
    ),
    # Whoever shares an address shares a country: that both are of one is said by the address.
    Comparison(
        name="zone",
        sql="""case when z.quiet is not null or (not {zones} and not {languages}) then -1
            when (not {zones} or x.zone = y.zone) and (not {languages} or x.language = y.language) then 2
            when {zones} and x.zone = y.zone or {languages} and x.language = y.language then 1 else 0 end""".format(
            zones="(x.zone <> '' and y.zone <> '' and contains(x.zone, '/') = contains(y.zone, '/'))",
            languages="(x.language <> '' and y.language <> '')",
        ),
        levels=(
            "neither time zone nor language is the same",
            "of time zone and language one is the same",
            "time zone and language are the same, as far as both say them",
        ),
        guess=(0.1, 0.3, 0.6),
    ),
    Comparison(
        name="born",
        sql="case when x.born = '' or y.born = '' then -1 else (x.born = y.born)::int end",
        levels=("they state other birthdays", "they state the same birthday"),
        guess=(0.3, 0.7),
        listed=(1,),
    ),
    Comparison(
        name="registered",
        sql="""case when x.day is null or y.day is null then -1 when abs(x.day - y.day) <= 1 then 2
            when abs(x.day - y.day) <= 7 then 1 else 0 end""",
        levels=("registered at other times", "registered within a week", "registered within a day"),
        guess=(0.8, 0.1, 0.1),
    ),
    Comparison(
        name="site",
        sql="case when x.site = '' or y.site = '' then -1 else (x.site = y.site)::int end",
        levels=("they state other websites", "they state the same website"),
        guess=(0.5, 0.5),
        listed=(1,),
    ),
    Comparison(
        name="mention",
        sql="coalesce(w.own + 1, 0)",
        levels=(
            "they write no contact in common",
            "both write one contact that hardly anybody else writes, and neither says that it is theirs",
            "one writes a contact that the other holds as theirs, outside a quotation, and hardly anybody else does",
        ),
        guess=(0.8, 0.1, 0.1),
        listed=(1, 2),
    ),
)  # fmt: skip
LANGUAGES: t.Final = {
    "german": "de", "deutsch": "de", "spanish": "es", "espanol": "es", "dutch": "nl", "nederlands": "nl",
    "swedish": "sv", "polish": "pl", "polski": "pl", "portuguese": "pt", "czech": "cs", "danish": "da", "turkish": "tr",
    "chinese": "zh", "japanese": "ja", "ukrainian": "uk", "greek": "el", "croatian": "hr", "indonesian": "id",
}  # fmt: skip
"""Names of languages, as boards call them, that do not begin with their code (ISO 639-1)."""
MOST_LEVELS: t.Final = max(len(one.levels) for one in COMPARISONS)
BLOCKS: t.Final = {
    "name": ("name",),
    "ip": ("ip",),
    "born": ("born", "zone"),
    "site": ("site",),
    "mention": ("mention",),
}
"""Blocking rules, and which comparisons each of them answers by itself."""
NAMES: t.Final = ("name", "born", "site")
"""Comparisons of what a person chooses or is. Without one of them, or a contact, a resemblance is never ``likely``:
addresses and hours are those of a household as much as of a person."""
CONTACT: t.Final = "mention"
HOME: t.Final = "ip"
"""A household shares addresses, and writes down each other's contacts: without ``NAMES`` a contact must be enough for
``likely`` without what shared addresses weigh."""
