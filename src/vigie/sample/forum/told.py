"""What a writer of a dump hands back, so that the truth about it can be said."""

import typing as t

import msgspec

from vigie.rows.people_truth import TruthPayment
from vigie.sample.forum.activity import Ints
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
    mentions: list[Mention]
    offset: int = 1
    """The first post, and the first message, has this number."""
    hidden: tuple[int, ...] = ()
    """Staff that the platform's tables do not name."""
    payments: tuple[TruthPayment, ...] = ()
    rows: dict[str, int]
    """Rows of each table."""

    @classmethod
    def of(
        cls, scene: Scene, dump: str, ids: Ints, rows: dict[str, int], payments: tuple[TruthPayment, ...] = ()
    ) -> t.Self:
        """Return what writing a platform showed."""
        return cls(
            forum=scene.forum,
            dump=dump,
            ids=ids,
            posts=scene.counts,
            mentions=scene.speech.mentions,
            hidden=tuple(scene.hidden.tolist()),
            rows=rows,
            payments=payments,
        )
