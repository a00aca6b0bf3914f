"""What two accounts are compared by where no identifier ties them: comparisons, their levels, and blocking rules.

Written as Splink has them: SQL over the columns of two records (``candidates.known``), those of one end in ``_l``, of
the other in ``_r``. A pair is at the first level whose condition it meets, asked from the highest. Writing style is
not among them, and shall not be.
"""

import typing as t

import msgspec


class Level(msgspec.Struct, frozen=True):
    """One answer."""

    sql: str
    """Its condition; ``""``: whatever meets none of those above."""
    text: str
    """What it means, for people."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One question to two accounts, and the answers there are."""

    name: str
    unknown: str = "false"
    """Condition: one of them does not say, which weighs nothing; asked first."""
    levels: tuple[Level, ...]
    """From 0 (they differ)."""
    guess: tuple[float, ...]
    """Share of pairs of one person at each level, as long as nothing is learnt: a guess."""
    listed: tuple[int, ...] = ()
    """Levels all of whose pairs a blocking rule lists, so that how many pairs of two people reach them is counted."""

    @property
    def asked(self) -> tuple[tuple[int, Level], ...]:
        """Its levels with their numbers, from the highest."""
        return tuple(reversed(tuple(enumerate(self.levels))))

    @property
    def sql(self) -> str:
        """SQL of the level of a pair; -1: unknown."""
        cases = " ".join(f"when {level.sql} then {n}" for n, level in self.asked if level.sql)
        return f"case when {self.unknown} then -1 {cases} else 0 end"


_FEW: t.Final = "greatest(crowd_l, crowd_r) <= 3"
_MET: t.Final = "list_has_any(meetings_l, meetings_r)"
_ZONES: t.Final = "(zone_l <> '' and zone_r <> '' and contains(zone_l, '/') = contains(zone_r, '/'))"
_LANGUAGES: t.Final = "(language_l <> '' and language_r <> '')"
COMPARISONS: t.Final = (
    # Handle and address in one: two people who come upon the same handle make the same address of it.
    Comparison(
        name="name",
        unknown="bare_l = '' or bare_r = ''",
        levels=(
            Level("", "their handles, and what stands before the @ of their addresses, differ"),
            Level("jaro_winkler_similarity(bare_l, bare_r) >= 0.92", "their handles are alike (Jaro-Winkler 0.92)"),
            Level("stem_l <> '' and stem_l = stem_r", "their handles have the same letters, as those of others have"),
            Level(
                f"stem_l <> '' and stem_l = stem_r and {_FEW}",
                "their handles have the same letters, and hardly anybody else's has",
            ),
            Level(
                f"{_FEW} and (bare_l = bare_r or local_l <> '' and local_l in (local_r, bare_r)"
                " or local_r <> '' and local_r = bare_l)",
                "handle or name before the @ are the same, and hardly anybody else has it",
            ),
        ),
        guess=(0.5, 0.1, 0.1, 0.1, 0.2),
        listed=(3, 4),
    ),
    Comparison(
        name="ip",
        unknown="not seen_l or not seen_r",
        levels=(
            Level("", "no address of both within days"),
            Level(
                _MET,
                "an address of both within days, in a network from which others come: a carrier's, a school's",
            ),
            Level(
                "list_has_any(quiet_l, quiet_r)",
                "one address of both within days, that few others used, nor its neighbours",
            ),
            Level(
                "len(list_intersect(quiet_l, quiet_r)) >= 2",
                "several addresses of both within days, that few others used, nor their neighbours",
            ),
        ),
        guess=(0.5, 0.1, 0.2, 0.2),
        listed=(1, 2, 3),
    ),
    Comparison(
        name="hours",
        unknown="hours_l is null or hours_r is null",
        levels=(
            Level("", "they are there at other hours"),
            Level("list_cosine_similarity(hours_l, hours_r) >= 0.8", "they are there at similar hours (cosine 0.8)"),
            Level("list_cosine_similarity(hours_l, hours_r) >= 0.95", "they are there at the same hours (cosine 0.95)"),
        ),
        guess=(0.2, 0.4, 0.4),
    ),
    # Whoever shares an address shares a country: that both are of one is said by the address.
    Comparison(
        name="zone",
        unknown=f"coalesce({_MET}, false) or not {_ZONES} and not {_LANGUAGES}",
        levels=(
            Level("", "neither time zone nor language is the same"),
            Level(
                f"{_ZONES} and zone_l = zone_r or {_LANGUAGES} and language_l = language_r",
                "of time zone and language one is the same",
            ),
            Level(
                f"(not {_ZONES} or zone_l = zone_r) and (not {_LANGUAGES} or language_l = language_r)",
                "time zone and language are the same, as far as both say them",
            ),
        ),
        guess=(0.1, 0.3, 0.6),
    ),
    Comparison(
        name="born",
        unknown="born_l = '' or born_r = ''",
        levels=(
            Level("", "they state other birthdays"),
            Level("born_l = born_r", "they state the same birthday"),
        ),
        guess=(0.3, 0.7),
        listed=(1,),
    ),
    Comparison(
        name="registered",
        unknown="day_l is null or day_r is null",
        levels=(
            Level("", "registered at other times"),
            Level("abs(day_l - day_r) <= 7", "registered within a week"),
            Level("abs(day_l - day_r) <= 1", "registered within a day"),
        ),
        guess=(0.8, 0.1, 0.1),
    ),
    Comparison(
        name="site",
        unknown="site_l = '' or site_r = ''",
        levels=(
            Level("", "they state other websites"),
            Level("site_l = site_r", "they state the same website"),
        ),
        guess=(0.5, 0.5),
        listed=(1,),
    ),
    Comparison(
        name="mention",
        levels=(
            Level("", "they write no contact in common"),
            Level(
                "list_has_any(contacts_l, contacts_r)",
                "both write one contact that hardly anybody else writes, and neither says that it is theirs",
            ),
            Level(
                "list_has_any(owned_l, owned_r)",
                "one writes a contact that the other holds as theirs, outside a quotation, and hardly anybody else"
                " does",
            ),
        ),
        guess=(0.8, 0.1, 0.1),
        listed=(1, 2),
    ),
)
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
