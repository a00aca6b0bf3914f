"""Makes ``src/vigie/rows/country_codes.py`` anew.

``python docs/country_codes.py > src/vigie/rows/country_codes.py`` with Babel (BSD-3-Clause; the names, currencies and
languages in it are CLDR's, Unicode License v3) and tzdata's ``iso3166.tab`` and ``zone.tab`` (public domain).
"""  # noqa: INP001 - docs is a folder of pages and scripts, not a package

import sys
from pathlib import Path

from babel import Locale
from babel.core import get_global

TZ = Path("/usr/share/zoneinfo")
SHARED = {"USD", "EUR"}
BEYOND = {
    "XK": ("Kosovo", "Kosovo", "A code that users assign; not of ISO 3166-1. Say which authority is meant."),
    "AN": ("Netherlands Antilles", "Antilles néerlandaises",
           "Dissolved in 2010: today Curaçao, Sint Maarten or the Caribbean Netherlands. A person decides."),
    "FX": ("Metropolitan France", "France métropolitaine", "Withdrawn in 1997: today France. A person decides."),
}  # fmt: skip
HEAD = '''"""Codes of countries with their names, and what points to one: currencies, time zones, languages.

Made by ``docs/country_codes.py``. Names, currencies and languages are those of CLDR (© Unicode, Inc., Unicode License
v3); which codes there are, and the zones, of tzdata's ``iso3166.tab`` and ``zone.tab`` (public domain).
"""

import typing as t


class Named(t.NamedTuple):
    """Names of a country."""

    english: str
    french: str
    remark: str
    """Where the code is no country of ISO 3166-1 today: what a person has to know."""

'''


def main() -> None:
    """Print the module."""
    english, french = Locale("en").territories, Locale("fr").territories
    codes = [line.split("\t")[0] for line in (TZ / "iso3166.tab").read_text().splitlines() if not line.startswith("#")]
    named = {code: (_plain(english[code]), _plain(french[code]), "") for code in codes} | BEYOND
    _say(HEAD)
    _say("COUNTRIES: t.Final = {\n    code: Named(*line.split('|'))\n    for code, line in {")
    for code, names in sorted(named.items()):
        _say(f'        "{code}": "{"|".join(names)}",{"  # noqa: E501" if len("|".join(names)) > 100 else ""}')
    _say("    }.items()\n}")
    _say('"""ISO 3166-1 as of tzdata, and three codes that police meet beside it."""\n')
    _words(
        "CURRENCIES", currencies(), "A currency that is tender in one country, or mostly in the one it is named for."
    )
    _words("LANGUAGES", languages(), "A language that is official in one country only.")
    _words("ZONES", zones(), "A time zone and the country it lies in.")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _plain(name: str) -> str:
    """Return a name with an apostrophe that every keyboard has."""
    return name.replace("\u2019", "'")


def currencies() -> dict[str, str]:
    """Return those that point to one country."""
    used: dict[str, set[str]] = {}
    for land, known in get_global("territory_currencies").items():
        for code, _, end, tender in known:
            if end is None and tender:
                used.setdefault(code, set()).add(land)
    found = {code: next(iter(lands)) if len(lands) == 1 else code[:2] for code, lands in used.items()}
    return {code: land for code, land in found.items() if code not in SHARED and land in used[code] and code[0] != "X"}


def languages() -> dict[str, str]:
    """Return those that are official in one country."""
    spoken: dict[str, set[str]] = {}
    for land, known in get_global("territory_languages").items():
        for code, facts in known.items():
            if facts["official_status"] in ("official", "de_facto_official"):
                spoken.setdefault(code, set()).add(land)
    return {code: next(iter(lands)) for code, lands in spoken.items() if len(lands) == 1 and "_" not in code}


def zones() -> dict[str, str]:
    """Return the zones of ``zone.tab``."""
    lines = [line.split("\t") for line in (TZ / "zone.tab").read_text().splitlines() if not line.startswith("#")]
    return {line[2]: line[0] for line in lines}


def _words(name: str, table: dict[str, str], about: str) -> None:
    lands: dict[str, list[str]] = {}
    for one, land in sorted(table.items()):
        lands.setdefault(land, []).append(one)
    _say(f"{name}: t.Final = {{\n    one: land\n    for land, some in {{")
    for land, some in sorted(lands.items()):
        _say(f'        "{land}": "{" ".join(some)}",{"  # noqa: E501" if len(" ".join(some)) > 100 else ""}')
    _say(f'    }}.items()\n    for one in some.split()\n}}\n"""{about}"""\n')


if __name__ == "__main__":
    main()
