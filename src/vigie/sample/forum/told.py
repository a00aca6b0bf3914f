"""What a writer of a dump hands back, so that the truth about it can be said."""

import msgspec

from vigie.rows.people_truth import TruthPayment
from vigie.sample.forum.activity import Ints
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
