"""Rows of the people strand at their plainest, for tests: what matters is given, the rest says nothing."""

import datetime as dt
import itertools
import types
import typing as t

from vigie.kernel.table import of
from vigie.rows.base import Size
from vigie.rows.copies import Layer, Remnant
from vigie.rows.people import Account, Event, Mention, Message, Payment, Post, Profile
from vigie.steps.fingerprints.people_identifiers import identifiers
from vigie.steps.groups.people_persons import Persons, persons
from vigie.steps.matches.people_bonds import Bonding, bonds

FORUM, SHOP, BOARD = (one * 16 for one in (b"F", b"S", b"B"))
DAY = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
NO_COPIES = of(Layer), of(Remnant)
_NUMBER = itertools.count(1)


def made(row, **given):
    """A row with the columns given; each is a row of the dump of its own unless it says which."""
    given = {"platform": FORUM, "relation": row.table(), "number": next(_NUMBER), **given}
    return row.make(**{name: given.get(name, plain(hint)) for name, hint in hints(row).items() if name != "key"})


def hints(row):
    return {n: h for n, h in t.get_type_hints(row, include_extras=True).items() if n in row.__struct_fields__}


def plain(hint, width=0):
    if t.get_origin(hint) is t.Annotated:
        base, *notes = t.get_args(hint)
        return plain(base, next((one.bytes for one in notes if isinstance(one, Size)), width))
    if t.get_origin(hint) in (t.Union, types.UnionType):
        return None
    return b"." * width if hint is bytes else hint()


def account(id_, name="", email="", platform=FORUM, **given):
    return made(Account, id=str(id_), name=name, email=email, platform=platform, **given)


def named(rows):
    """The identifiers of these rows."""
    kinds = (Account, Profile, Mention, Post, Message, Payment, Event, Layer, Remnant)
    return identifiers(*(of(kind, [one for one in rows if type(one) is kind]) for kind in kinds))


def bound(rows, **settings):
    """What is shared, and the bonds, of these rows."""
    shared, made_bonds = bonds(named(rows), Bonding(**settings))
    return shared.rows(), made_bonds


def sets(rows, **settings):
    """Accounts of each person, as sets of (platform, account)."""
    accounts = of(Account, [one for one in rows if type(one) is Account])
    _, aliases = persons(accounts, bound(rows, **settings)[1], *NO_COPIES, Persons())
    out = {}
    for one in aliases:
        out.setdefault(one.person, set()).add((one.platform, one.account))
    return sorted(map(sorted, out.values()))
