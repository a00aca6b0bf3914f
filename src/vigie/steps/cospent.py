"""What steps share that ask who spends together: clusters of a whole chain, without CoinJoins and tagged merges."""

import typing as t

import numpy as np
import numpy.typing as npt

from vigie.kernel.chain.chain import Chain
from vigie.kernel.table import Table, look
from vigie.numeric import change, coinjoin, cospend, payjoin
from vigie.rows.clusters import JOINS
from vigie.rows.money import SCRIPT_TYPES
from vigie.rows.payments import Watched
from vigie.rows.tags import Tag

NEVER_TYPES: t.Final = ("unknown", "multisig", "anchor", "op_return")
"""Types of scripts that say nothing of who spends: bare sets of keys, and what anybody may spend, or nobody."""
MOST_GROWN: t.Final = 10_000
"""So many scripts one transaction may add to the largest cluster that it joins. Deposits are swept by hundreds."""
LEAST_LEVEL: t.Final = 20
"""Tags of at least this level count: they keep clusters apart, stop traces and say whom to ask. Below are guesses of
other clusterings, with their errors: they are shown and decide nothing. One number for all: it is no setting."""
WHY: t.Final = ("", "coinjoin", "tagged", "grows", "anyone_can_pay", "payjoin")
"""By the codes of ``numeric.cospend``, and one more."""
PAYJOIN: t.Final = 5
_KINDS: t.Final = ("", "whirlpool", "wasabi1", "wasabi11", "wabisabi", "joinmarket", "whirlpool_tx0", "ambiguous")
"""By the codes of ``numeric.coinjoin``."""
if _KINDS[1:] != JOINS:
    raise ValueError("rows.clusters and numeric.coinjoin have other kinds of CoinJoins")


class Cospent(t.NamedTuple):
    """Who spends together on a chain."""

    label: npt.NDArray[np.uint32]
    """uint32[scripts]: the cluster of each script, named by the smallest script number in it."""
    became: npt.NDArray[np.uint8]
    """uint8[transactions]: place in ``WHY``; 0: it was not withheld."""
    shape: npt.NDArray[np.uint8]
    """uint8[transactions]: as ``numeric.coinjoin`` gives it."""

    def join(self, tx: int) -> str:
        """Return the kind of CoinJoin that a transaction looks like; ``""``: none."""
        return _KINDS[self.shape[tx] & coinjoin.KIND]

    def labelled(self, tx: int) -> bool:
        """Tell whether the shape is so exact that it is called that."""
        return bool(self.shape[tx] & coinjoin.LABEL)

    def why(self, tx: int) -> str:
        """Return why a transaction was withheld, as ``rows.clusters.Withheld`` says it; ``""``: it was not."""
        return WHY[self.became[tx]]


class Services(t.NamedTuple):
    """Scripts of a chain that tags say are somebody's."""

    script: npt.NDArray[np.int64]
    """Numbers of scripts, ascending, each once."""
    service: npt.NDArray[np.int64]
    """Place of its name in ``names``, from 1."""
    names: list[str]
    """The actor, or the label where no actor is named; of contradicting tags all, with `` / ``."""


def cospent(chain: Chain, tags: Table[Tag], own: t.Iterable[bytes] = ()) -> Cospent:
    """Cluster all scripts of a chain by what is spent together.

    ``own``: scripts of the case's wallets (``owned``): whoever paid them by PayJoin is not of their cluster. It depends
    on nothing but the chain, the tags and these.
    """
    shape = coinjoin.shapes(made(chain), SCRIPT_TYPES.index("op_return"))
    kind = shape & coinjoin.KIND
    skip = ((kind != coinjoin.NOTHING) & (kind != coinjoin.WHIRLPOOL_TX0)).astype(np.uint8)
    held = _payjoins(chain, own)
    skip[held] = 1
    named = services(chain, tags)
    guard = cospend.Guard(named.script, named.service, MOST_GROWN)
    found = cospend.clusters(spends(chain), skip, guard)
    found.became[held[kind[held] == coinjoin.NOTHING]] = PAYJOIN
    return Cospent(found.label, found.became, shape)


def owned(watched: Table[Watched], network: str) -> list[bytes]:
    """Return the scripts of the case's own wallets, and those that its orders are paid to."""
    return [one["script"] for one in look(f"select script from w where own and network = '{network}'", w=watched)]


def _payjoins(chain: Chain, own: t.Iterable[bytes]) -> npt.NDArray[np.int64]:
    numbers = chain.script_numbers(sorted(set(own)))
    numbers = numbers[numbers > 0]
    if not len(numbers):
        return np.empty(0, np.int64)
    mine = np.zeros(len(chain.script_type), np.bool_)
    mine[numbers] = True
    return payjoin.payjoins(written(chain), mine, chain.outputs_of(numbers.tolist()))


def spends(chain: Chain) -> cospend.Spends:
    """Return what is spent, for ``numeric.cospend``."""
    never = np.isin(np.asarray(chain.script_type), [SCRIPT_TYPES.index(one) for one in NEVER_TYPES])
    tx_in, low, high, signs, script = (np.asarray(getattr(chain, name)) for name in cospend.Spends._fields[:-1])
    return cospend.Spends(tx_in, low, high, signs, script, ~never)


def made(chain: Chain) -> coinjoin.Made:
    """Return what transactions make, for ``numeric.coinjoin``."""
    return coinjoin.Made(*(np.asarray(getattr(chain, name)) for name in coinjoin.Made._fields))


def written(chain: Chain) -> change.Written:
    """Return how transactions are written, for ``numeric.change``, ``numeric.peel`` and ``numeric.payjoin``."""
    return change.Written(*(np.asarray(getattr(chain, name)) for name in change.Written._fields))


def services(chain: Chain, tags: Table[Tag]) -> Services:
    """Return whose scripts of the chain are said to be, by tags on addresses that name an actor.

    A mention, event or attribute is no claim of whose it is. Scripts of which tags say different names have one name
    of their own: they join no one else's.
    """
    said: dict[bytes, set[str]] = {}
    for tag in tags:
        if tag.script and tag.tag_type == "actor" and tag.confidence_level >= LEAST_LEVEL:
            said.setdefault(tag.script, set()).add(tag.actor or tag.label)
    scripts = list(said)
    numbers = chain.script_numbers(scripts)
    held = sorted(
        (int(n), " / ".join(sorted(said[script]))) for n, script in zip(numbers, scripts, strict=True) if n > 0
    )
    names = sorted({name for _, name in held})
    place = {name: number for number, name in enumerate(names, 1)}
    return Services(
        np.array([number for number, _ in held], np.int64), np.array([place[name] for _, name in held], np.int64), names
    )
