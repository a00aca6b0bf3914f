"""What is known of a chain before money is followed on it: services, CoinJoins, swaps, peel chains.

What steps and the desk share that trace. It depends on the chain, the tags and the case's own scripts alone.
"""

import re
import typing as t

import msgspec
import numpy as np
import numpy.typing as npt

from vigie.kernel.chain.chain import COINBASE, STUB, Chain
from vigie.kernel.stage import Count, Params
from vigie.kernel.table import Table, look
from vigie.numeric import coinjoin, peel, tainting
from vigie.numeric.coins import scripts as coins
from vigie.rows.money import SCRIPT_TYPES
from vigie.rows.tags import Tag, stops
from vigie.steps.cospent import LEAST_LEVEL, cospent, written

Ints = npt.NDArray[np.int64]
MEMO: t.Final = re.compile(
    rb"(?:=|s|swap)(?:<)?:([A-Za-z0-9.~/-]{1,60}):([A-Za-z0-9]{8,120})(?:[:/].*)?", re.IGNORECASE | re.DOTALL
)
"""A memo that orders a swap, as THORChain's documents have it (SWAP:ASSET:DESTADDR:LIM...)."""


class Stops(Params, frozen=True):
    """Settings of a trace: when it goes no further. Where each comes from: docs/money.md."""

    hops: Count = 20
    peel_hops: Count = 200
    """Beyond ``hops`` only the rest of peel chains is followed, as layer C, and not beyond this."""
    least_sat: Count = 1_000
    fan_out: Count = 50
    """A transaction of more outputs looks like a service's."""
    large_cluster: Count = 1_000
    """An untagged cluster of more scripts looks like a service's."""
    least_permille: t.Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    """What is of the payment, of an output's value."""
    most_days: Count = 0
    """Transactions of blocks further from the payment than this are not followed; 0: all are."""
    most_nodes: Count = 100_000
    """Outputs that the trace of one payment may come to."""

    def rules(self) -> tainting.Rules:
        """Return them as the loops take them."""
        return tainting.Rules(
            self.hops, self.peel_hops, self.least_sat, self.fan_out, self.least_permille, self.most_nodes
        )


class Named(t.NamedTuple):
    """Whose a script is said to be."""

    label: str
    actor: str
    layer: str
    """``B``: a tag is on it. ``C``: on another script of its cluster."""


class Followed:
    """A chain that is ready to be traced on."""

    def __init__(self, chain: Chain, tags: Table[Tag], own: t.Iterable[bytes], settings: Stops) -> None:
        """``own``: scripts of the case's own wallets. They are no service, and the size of their clusters is no matter.

        A trace that left them ends where it comes to them again.
        """
        self.chain, self.settings = chain, settings
        own = sorted(set(own))
        found = cospent(chain, tags, own)
        label = np.asarray(found.label, np.int64)
        mine = chain.script_numbers(own)
        mine = mine[mine > 0]
        self._claims = _claims(tags)
        numbers = chain.script_numbers(list(self._claims))
        self._direct = {int(n): script for n, script in zip(numbers, self._claims, strict=True) if n > 0}
        tagged = np.array(sorted(self._direct), np.int64)
        self._by_cluster: dict[int, int] = {}
        for number in sorted(self._direct, key=lambda one: (self._claims[self._direct[one]].order, one)):
            self._by_cluster.setdefault(int(label[number]), number)
        self._label = label
        ours = np.zeros(len(label), np.bool_)
        ours[label[mine]] = True
        marks = np.zeros(len(label), np.uint8)
        sizes = np.bincount(label, minlength=len(label))
        marks[(sizes > settings.large_cluster)[label]] |= tainting.LARGE
        named = np.zeros(len(label), np.bool_)
        named[label[tagged]] = True
        marks[named[label]] |= tainting.SERVICE_BY_CLUSTER
        marks[ours[label]] = 0
        marks[0] = 0
        marks[tagged] |= tainting.SERVICE
        marks[mine] = tainting.OWN
        self.script_marks = marks
        kind = found.shape & coinjoin.KIND
        tx_marks = np.where((kind != coinjoin.NOTHING) & (kind != coinjoin.WHIRLPOOL_TX0), tainting.JOIN, 0)
        tx_marks = tx_marks.astype(np.uint8)
        flags = np.asarray(chain.tx_flags)
        tx_marks[flags & COINBASE != 0] |= tainting.COINBASE
        tx_marks[flags & STUB != 0] |= tainting.STUB
        tx_marks[swaps(chain)] |= tainting.SWAP
        tx_marks |= peels(chain)
        self.tx_marks = tx_marks
        self.graph = tainting.Graph(
            chain.tx_in, chain.tx_out, chain.prev_low, chain.prev_high, chain.out_value, chain.out_spender,
            chain.out_script, tx_marks, marks, chain.scoped,
        )  # fmt: skip

    def named(self, script: int) -> Named | None:
        """Return whose a script is said to be, where a trace ends at it."""
        marks = int(self.script_marks[script])
        if marks & tainting.SERVICE:
            claim = self._claims[self._direct[script]]
            return Named(claim.label, claim.actor, "B")
        if marks & tainting.SERVICE_BY_CLUSTER:
            claim = self._claims[self._direct[self._by_cluster[int(self._label[script])]]]
            return Named(claim.label, claim.actor, "C")
        return None

    def payer(self, out: int) -> int:
        """Return the first output that is a service's among those which made this one; -1: none is."""
        tx = int(self.chain.tx_of(np.array([out]))[0])
        before = self.chain.prev(int(self.chain.tx_in[tx]), int(self.chain.tx_in[tx + 1]))
        before = before[before < len(self.chain.out_script)]
        tagged = before[self.script_marks[self.chain.out_script[before]] & 3 != 0]
        return int(tagged[0]) if len(tagged) else -1

    def window(self, outs: Ints) -> tuple[Ints, Ints]:
        """Return between which transactions each payment is followed: by its distance in days."""
        n_tx = len(self.chain.tx_out) - 1
        first, until = np.zeros(len(outs), np.int64), np.full(len(outs), n_tx, np.int64)
        if not self.settings.most_days or not len(self.chain.heights):
            return first, until
        # Times of blocks do not ascend; the highest so far does.
        times = np.maximum.accumulate(self.chain.times().astype(np.int64))
        starts = np.asarray(self.chain.block_tx, np.int64)
        here = times[np.maximum(self.chain.block_of(self.chain.tx_of(outs)), 0)]
        span = self.settings.most_days * 86_400
        first = starts[np.searchsorted(times, here - span, "left")]
        until = starts[np.searchsorted(times, here + span, "right")]
        return first, until

    def addresses(self, numbers: npt.NDArray[t.Any]) -> list[str]:
        """Return the address of each script."""
        distinct, back = np.unique(numbers, return_inverse=True)
        texts = np.empty(len(distinct), object)
        kinds = np.asarray(self.chain.script_type)[distinct]
        for kind in np.unique(kinds).tolist():
            at = np.flatnonzero(kinds == kind)
            raw = [self.chain.script(one) for one in distinct[at].tolist()]
            if len({(len(one), one[:1]) for one in raw}) == 1 and kind:
                matrix = np.frombuffer(b"".join(raw), np.uint8).reshape(len(raw), -1)
                texts[at] = coins.addresses(matrix, SCRIPT_TYPES[kind], self.chain.network)
            else:
                texts[at] = [coins.address(one, self.chain.network) if one else "" for one in raw]
        return [str(one) for one in texts[back]]


class _Claim(t.NamedTuple):
    order: tuple[t.Any, ...]
    label: str
    actor: str


def _claims(tags: Table[Tag]) -> dict[bytes, _Claim]:
    """Return the strongest tag of each script that says it is a service's: by source, then the newest."""
    found: dict[bytes, _Claim] = {}
    for one in look("select * from t where octet_length(script) > 0", t=tags):
        if one["confidence_level"] >= LEAST_LEVEL and stops(one["tag_type"], one["category"], one["concepts"]):
            when = one["lastmod"]
            order = (-one["confidence_level"], -when.timestamp() if when else 0.0, one["label"], one["key"])
            claim = _Claim(order, one["label"], one["actor"])
            found[one["script"]] = min(found.get(one["script"], claim), claim)
    return found


def memo(script: bytes) -> bytes | None:
    """Return the memo of an OP_RETURN output that orders a swap; None: it is none."""
    at = 2 if len(script) > 2 and 1 <= script[1] <= 75 else 3
    if len(script) <= at:
        return None
    data = script[at:]
    return data if script[:1] == b"\x6a" and len(data) == script[at - 1] and MEMO.fullmatch(data) else None


def swaps(chain: Chain) -> Ints:
    """Return the transactions whose memo orders a swap into another currency."""
    numbers = np.flatnonzero(np.asarray(chain.script_type) == SCRIPT_TYPES.index("op_return"))
    starts = np.asarray(chain.script_start, np.int64)
    numbers = numbers[np.diff(starts)[numbers] >= 10]
    first = starts[numbers]
    begins = np.isin(chain.scripts[first + 2], list(b"=sS")) | np.isin(chain.scripts[first + 3], list(b"=sS"))
    wanted = [one for one in numbers[begins].tolist() if memo(chain.script(one))]
    return chain.tx_of(chain.outputs_of(wanted)) if wanted else np.empty(0, np.int64)


def peels(chain: Chain) -> npt.NDArray[np.uint8]:
    """Mark steps of peel chains, see ``numeric.peel``."""
    rest = peel.rests(written(chain))
    return np.where(rest < 0, 0, tainting.PEEL | np.where(rest == 1, tainting.REST_IS_1, 0)).astype(np.uint8)
