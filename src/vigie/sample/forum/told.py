"""What a writer of a dump hands back, so that the truth about it can be said."""

import datetime as dt
import typing as t

import msgspec

from vigie.rows.people_truth import TruthPayment
from vigie.sample.forum.activity import Ints
from vigie.sample.forum.payments import Paid
from vigie.sample.forum.scene import Scene
from vigie.sample.forum.speech import Mention
from vigie.sample.forum.world import Forum


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What writing one platform's dump brought to light."""

    forum: Forum
    dump: str
    """Locator."""
    ids: Ints
    """Number in the dump of each account, that of deleted ones too."""
    posts: Ints
    """Posts of each account."""
    uploads: Ints
    """Files of each account."""
    mentions: list[Mention]
    per_message: int = 1
    """Numbers that each message takes: where the reader has a copy and the author another, the reader's is named."""
    hidden: tuple[int, ...] = ()
    """Staff that the platform's tables do not name."""
    payments: tuple[TruthPayment, ...] = ()
    rows: dict[str, int]
    """Rows of each table."""

    @classmethod
    def of(
        cls,
        scene: Scene,
        dump: str,
        ids: Ints,
        rows: dict[str, int],
        *,
        per_message: int = 1,
        payments: tuple[TruthPayment, ...] = (),
    ) -> t.Self:
        """Return what writing a platform showed."""
        return cls(
            forum=scene.forum,
            dump=dump,
            ids=ids,
            posts=scene.counts,
            uploads=scene.uploads,
            mentions=scene.speech.mentions,
            hidden=tuple(scene.hidden.tolist()),
            rows=rows,
            payments=payments,
            per_message=per_message,
        )


def truth_of(paid: t.Sequence[Paid], dump: str, ids: Ints) -> tuple[TruthPayment, ...]:
    """Return the truth about payments; ``ids``: number in the dump of each account."""
    return tuple(
        TruthPayment.make(
            dump=dump,
            payment=str(one.number + 1),
            account=str(ids[one.account]),
            at=dt.datetime.fromtimestamp(one.at, dt.UTC),
            amount=one.amount,
            currency=one.currency,
            processor=one.processor,
            address=one.address,
            direction=one.direction,
        )
        for one in paid
    )
