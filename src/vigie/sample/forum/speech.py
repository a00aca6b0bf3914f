"""What posts and messages say, before any software puts its marks round it."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from vigie.sample.forum.activity import Ints, Posts
from vigie.sample.forum.crowd import Crowd
from vigie.sample.forum.identities import shown
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.members import Members, Reveal
from vigie.sample.forum.words import prose

HARD = (
    'it\'s "quoted" \\ back; -- no comment /* nor this */',
    "line one\nline two\r\nline three\tend",
    "\u5c71\u3068\u5ddd \U0001f33f\U0001f3d4 caf\u00e9",
    "),('1','2'); a & b < c > d",
    "\u05d4\u05e2\u05de\u05e7 \u202ertl\u202c 100% _under_ NULL \\N",
    "GrÃ¼Ã\x9fe aus dem SÃ¼den",
)
EVERY = 50
"""Of so many posts, one ends in something that is hard to read: quotes, line ends, emoji, doubly encoded text."""
QUOTED_AGAIN = 0.6
"""Share of posts with an identifier that somebody else quotes, where somebody answers."""
INTRO = {
    "email": "write to", "jabber": "jabber:", "telegram": "telegram", "session": "session id", "tox": "tox:",
    "pgp": "my key:\n", "btc": "btc", "eth": "eth", "xmr": "monero", "phone": "phone",
}  # fmt: skip


class Mention(msgspec.Struct, frozen=True):
    """An identifier that stands somewhere: of the account that wrote it, or of another that it quotes."""

    account: int
    kind: str
    place: str
    number: int
    """Of the post or message, from 0; -1: in the account's own row."""
    owner: int
    """Account whose identifier it is."""


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What the posts of a block say."""

    bodies: list[str]
    quotes: dict[int, int]
    """Place of a post in the block -> place of the one that it quotes."""
    marked: list[int]
    """Places of bodies that hold more than letters, spaces and full stops."""


class Speech:
    """Gives texts to the posts of one platform, and keeps who showed which identifier where."""

    def __init__(self, crowd: Crowd, members: Members) -> None:
        self._crowd, self._members = crowd, members
        self._prose = prose(crowd.seed)
        self._language = crowd.land[members.person]
        self._native = crowd.native[members.person]
        self._waiting: dict[str, dict[int, list[Reveal]]] = {"post": {}, "message": {}}
        for one in members.reveals:
            if one.place in self._waiting:
                self._waiting[one.place].setdefault(one.account, []).append(one)
        self._has: dict[str, NDArray[np.bool_]] = {}
        for place, some in self._waiting.items():
            self._has[place] = np.zeros(members.size + 1, bool)
            self._has[place][list(some)] = True
        self.mentions: list[Mention] = []

    def bodies(self, account: Ints, first: Ints, sentences: Ints) -> list[str]:
        """Return a text for each post: sentences of its language, letters, spaces and full stops only."""
        out = self._prose["en"].cut(first, sentences)
        native = np.flatnonzero(np.where(account >= 0, self._native[account], False) & (first % 10 < 8))
        language = self._language[account[native]]
        for one in np.unique(language).tolist():
            some = native[language == one]
            texts = self._prose[LANDS[one].language].cut(first[some], sentences[some])
            for at, text in zip(some.tolist(), texts, strict=True):
                out[at] = text
        return out

    def posts(self, posts: Posts) -> Spoken:
        """Return what a block of posts says."""
        out = self.bodies(posts.account, posts.first, posts.sentences)
        hard = np.flatnonzero(posts.first % EVERY == 0).tolist()
        for at in hard:
            out[at] += " " + HARD[int(posts.first[at]) // EVERY % len(HARD)]
        quotes = {at: int(posts.quotes[at]) for at in np.flatnonzero(posts.quotes >= 0).tolist()}
        shown = self.reveal("post", posts.account, out, posts.number)
        for at, _ in shown:
            later = np.flatnonzero((posts.topic[at + 1 :] == posts.topic[at]) & (posts.account[at + 1 :] >= 0))
            if len(later) and posts.mark[at] % 100 < 100 * QUOTED_AGAIN:
                answer = at + 1 + int(later[0])
                if posts.account[answer] != posts.account[at]:
                    quotes[answer] = at
        by_place = dict(shown)
        for answer, at in quotes.items():
            if at in by_place and posts.account[answer] >= 0:
                who, number = int(posts.account[answer]), int(posts.number[answer])
                self.mentions += [Mention(who, one.kind, "post", number, one.account) for one in by_place[at]]
        return Spoken(bodies=out, quotes=quotes, marked=sorted({*hard, *by_place}))

    def reveal(self, place: str, account: Ints, texts: list[str], number: Ints) -> list[tuple[int, list[Reveal]]]:
        """Add to texts the identifiers that wait for their author; return where, and which."""
        done = []
        for at in np.flatnonzero(self._has[place][account]).tolist():
            who = int(account[at])
            if who < 0 or not self._has[place][who]:
                continue
            some = self._waiting[place].pop(who)
            self._has[place][who] = False
            for one in some:
                texts[at] += f"\n{INTRO[one.kind]} {self.written(one)}"
            self.mentions += [Mention(who, one.kind, place, int(number[at]), who) for one in some]
            done.append((at, some))
        return done

    def own(self) -> dict[int, list[Reveal]]:
        """Return what stands in the rows of accounts: also what found no post or message. A deleted one has no row."""
        out: dict[int, list[Reveal]] = {}
        for one in self._members.reveals:
            if one.place in ("signature", "profile"):
                out.setdefault(one.account, []).append(one)
        for some in self._waiting.values():
            for account, waiting in some.items():
                out.setdefault(account, []).extend(Reveal(account, one.kind, "signature") for one in waiting)
        self._waiting = {place: {} for place in self._waiting}
        out = {account: some for account, some in out.items() if not self._members.deleted[account]}
        for account, stand in out.items():
            self.mentions += [Mention(account, one.kind, one.place, -1, account) for one in stand]
        return out

    def lines(self, some: Sequence[Reveal], between: str = "\n") -> str:
        """Return several of an account's identifiers as it writes them."""
        return between.join(map(self.written, some))

    def line(self, some: Sequence[Reveal]) -> str:
        """Return them on one line, for a field of a profile."""
        return self.lines(some, " / ")

    def written(self, one: Reveal) -> str:
        """Return an identifier as its person writes it."""
        person = int(self._members.person[one.account])
        return shown(self._crowd.seed, person, one.kind, LANDS[self._crowd.land[person]].code)
