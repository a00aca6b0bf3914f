"""A platform of its own making, as ``pg_dump`` writes its PostgreSQL database: only a mapping can tell what is what."""

import typing as t
from collections.abc import Iterator

import numpy as np

from vigie.sample.forum import bbcode
from vigie.sample.forum.activity import Ints, Posts, blocks, section
from vigie.sample.forum.acts import ACTIONS, agents
from vigie.sample.forum.addresses import texts
from vigie.sample.forum.attached import Attached, Files
from vigie.sample.forum.copied import Copied
from vigie.sample.forum.dump import Values, schema
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.letters import letters
from vigie.sample.forum.members import ADMINISTRATOR, NEVER, SINCE, UNTIL, Reveal
from vigie.sample.forum.payments import payments
from vigie.sample.forum.scene import Scene, cut, pieces, placed
from vigie.sample.forum.told import Told, truth_of
from vigie.sample.forum.world import Forum

Part: t.TypeAlias = dict[str, Values]
BOARDS = ("plains", "gardens", "skies", "stones", "rivers", "orchards", "lanterns", "harbours", "cellar")
FIRST = 1_001
"""Number of the first member: the platform began to count there."""
LOGINS = 5
"""Log-ins that it keeps of each member at most."""
YEAR_S = 365 * 86_400
HASH = "$argon2id$v=19$m=65536,t=3,p=4$" + "." * 22 + "$" + "." * 43
"""In place of a password's hash: of the right form, and of nothing."""


def write(out: t.IO[bytes], forum: Forum, files: Files, dump: str) -> Told:
    """Write the whole database. ``files`` gives the attachments anew at each call; ``dump``: locator of it."""
    scene = Scene(forum, files)
    writer = _Writer(out, scene)
    rows = writer.write()
    ids = FIRST + np.arange(forum.members.size)
    return Told.of(scene, dump, ids, rows, payments=truth_of(writer.paid, dump, ids))


def paths(part: Attached) -> list[str]:
    """Return where files lie below the platform's folder."""
    return [f"media/{token[:2]}/{token[2:]}.{ending}" for token, ending in zip(part.token, part.ending, strict=True)]


class _Writer:
    def __init__(self, out: t.IO[bytes], scene: Scene) -> None:
        self._scene, self._members, self._crowd = scene, scene.members, scene.crowd
        self.paid = payments(scene)
        self._dump = Copied(out, schema("custom"), owner="plains", token="q" * 63)

    def write(self) -> dict[str, int]:
        say = self._dump.table
        say("bans", self._bans())
        say("boards", [{"board_no": 1 + np.arange(len(BOARDS)), "label": BOARDS,
                        "gate": [None] * (len(BOARDS) - 1) + ["." * 12]}])  # fmt: skip
        say("complaints", self._complaints())
        say("dm", self._messages())
        say("entries", self._entries())
        say("logins", self._logins())
        say("members", self._rows(self._scene.speech.own()))
        say("orders", self._orders())
        say("payouts", self._payouts())
        say("staff_log", self._log())
        say("threads", self._threads())
        say("uploads", self._uploads())
        self._dump.end()
        return self._dump.rows

    def _ids(self, account: Ints) -> list[int | None]:
        """Return ``member_no`` of accounts; none of guests and of accounts that were deleted."""
        nobody = (account < 0) | self._members.deleted[np.maximum(account, 0)]
        return [None if none else one + FIRST for one, none in zip(account.tolist(), nobody.tolist(), strict=True)]

    def _ips(self, account: Ints, at: Ints) -> list[str]:
        return texts(self._scene.addresses(account, at))

    def _bans(self) -> Iterator[Part]:
        made = self._scene.bans
        forever = (np.arange(len(made.at)) % 3 > 0).tolist()
        yield {
            "ban_no": 1 + np.arange(len(made.at)),
            "member_no": self._ids(made.account),
            "by_member": self._ids(made.by),
            "since": iso(made.at),
            "until": [None if one else end for one, end in zip(forever, iso(made.at + 30 * 86_400), strict=True)],
            "why": "rules, 4",
        }

    def _complaints(self) -> Iterator[Part]:
        count, rng = max(5, self._scene.forum.calendar.posts // 800), self._scene.rng
        yield {
            "complaint_no": 1 + np.arange(count),
            "member_no": self._ids(rng.integers(0, self._members.size, count)),
            "entry_no": 1 + rng.integers(0, self._scene.forum.calendar.posts, count),
            "filed_on": iso(np.sort(rng.integers(SINCE + 30 * 86_400, UNTIL, count))),
            "body": "Wrong board.",
        }

    def _messages(self) -> Iterator[Part]:
        for block in letters(self._crowd, self._members, self._scene.forum.wanted.messages):
            bodies = self._scene.speech.bodies(block.author, block.first, block.sentences)
            self._scene.speech.reveal("message", block.author, bodies, block.number)
            yield from cut(len(bodies), {
                "dm_no": block.number + 1,
                "thread_key": block.root + 1,
                "sender": self._ids(block.author),
                "receiver": self._ids(block.reader),
                "sent_on": iso(block.at),
                "from_ip": self._ips(block.author, block.at),
                "subject": self._scene.titles(block.root + (1 << 40)),
                "body": bodies,
            })  # fmt: skip

    def _entries(self) -> Iterator[Part]:
        for block in blocks(self._crowd, self._members, self._scene.forum.calendar):
            self._scene.take(block)
            names = bbcode.names(self._scene, block.account.tolist())
            changed = zip(block.edited.tolist(), iso(block.at + 900), strict=True)
            yield from cut(len(names), {
                "entry_no": block.number + 1,
                "thread_no": block.topic + 1,
                "member_no": self._ids(block.account),
                "handle": names,
                "written_on": iso(block.at),
                "from_ip": self._ips(block.account, block.at),
                "body": self._bodies(block, names),
                "removed": block.hidden.tolist(),
                "changed_on": [said if one else None for one, said in changed],
            })  # fmt: skip

    def _bodies(self, block: Posts, names: list[str]) -> list[str]:
        """Return entries in HTML: what is quoted stands in a quote of its own before them."""
        spoken = self._scene.speech.posts(block)
        for at in spoken.marked:
            spoken.bodies[at] = html(spoken.bodies[at]).replace("\n", "<br>\n")
        out = [f"<p>{one}</p>" for one in spoken.bodies]
        for at, other in spoken.quotes.items():
            said = f'<blockquote data-entry="{block.number[other] + 1}" data-by="{html(names[other])}">'
            out[at] = f"{said}<p>{spoken.bodies[other]}</p></blockquote>\n{out[at]}"
        return out

    def _logins(self) -> Iterator[Part]:
        number = 1
        for who in pieces(self._scene.standing()):
            many = 1 + (self._scene.share(94, who) * LOGINS).astype(np.int64)
            account = np.repeat(who, many)
            back = self._scene.share(95, number + np.arange(len(account)))
            since, last = self._members.registered[account], self._scene.seen[account]
            at = since + (back * (last - since)).astype(np.int64)
            yield {
                "login_no": number + np.arange(len(account)),
                "member_no": self._ids(account),
                "at": iso(at),
                "ip": self._ips(account, at),
                "agent": agents(self._members, self._crowd.seed, account),
                "ok": (back < 0.95).tolist(),
            }
            number += len(account)

    def _rows(self, own: dict[int, list[Reveal]]) -> Iterator[Part]:
        members, signed, extra = self._members, placed(own, "signature"), placed(own, "profile")
        speech = self._scene.speech
        for who in pieces(self._scene.standing()):
            lands = [LANDS[one] for one in self._crowd.land[members.person[who]].tolist()]
            said = self._scene.share(96, who).tolist()
            ends = iso(members.registered[who] + 2 * YEAR_S)
            yield {
                "member_no": self._ids(who),
                "handle": [members.name[one] for one in who.tolist()],
                "mail": [members.email[one] for one in who.tolist()],
                "pass_hash": HASH,
                "role": self._roles(who),
                "status": ["banned" if one else "ok" for one in (members.gone[who] != NEVER).tolist()],
                "joined_on": iso(members.registered[who]),
                "last_login": iso(self._scene.seen[who]),
                "signup_ip": self._ips(who, members.registered[who]),
                "locale": [f"{land.language}_{land.code}" if one < 0.8 else "en_US"
                           for land, one in zip(lands, said, strict=True)],
                "tz": [land.zone if one < 0.7 else None for land, one in zip(lands, said, strict=True)],
                "vip_until": [end if one else None for end, one in zip(ends, members.paid[who].tolist(), strict=True)],
                "contact": [speech.line(extra[one]) if one in extra else None for one in who.tolist()],
                "about": "",
                "footer": [speech.lines(signed.get(one, ())) for one in who.tolist()],
            }  # fmt: skip

    def _roles(self, who: Ints) -> list[str]:
        out = np.full(len(who), "member", dtype=object)
        out[self._members.paid[who]] = "vip"
        out[np.isin(who, self._scene.moderators)] = "mod"
        out[self._members.role[who] == ADMINISTRATOR] = "admin"
        return list(out.tolist())

    def _orders(self) -> Iterator[Part]:
        some = [one for one in self.paid if one.direction == "in"]
        yield {
            "order_no": [one.number + 1 for one in some],
            "member_no": self._ids(np.array([one.account for one in some], np.int64)),
            "placed_on": iso(np.array([one.at for one in some], np.int64)),
            "amount": [one.amount for one in some],
            "currency": [one.currency for one in some],
            "method": [one.processor for one in some],
            "wallet": [one.address or None for one in some],
            "txid": [one.transaction for one in some],
            "payer": [one.payer or None for one in some],
            "status": [one.status for one in some],
        }

    def _payouts(self) -> Iterator[Part]:
        some = [one for one in self.paid if one.direction == "out"]
        yield {
            "payout_no": [one.number + 1 for one in some],
            "member_no": self._ids(np.array([one.account for one in some], np.int64)),
            "sent_on": iso(np.array([one.at for one in some], np.int64)),
            "amount": [one.amount for one in some],
            "currency": [one.currency for one in some],
            "wallet": [one.address for one in some],
            "txid": [one.transaction for one in some],
        }

    def _log(self) -> Iterator[Part]:
        made = self._scene.acts
        yield {
            "log_no": 1 + np.arange(len(made.at)),
            "member_no": self._ids(made.account),
            "did": [f"entry.{ACTIONS[one]}" for one in made.action.tolist()],
            "target": self._ids(made.target),
            "entry_no": made.post + 1,
            "thread_no": made.topic + 1,
            "at": iso(made.at),
            "ip": self._ips(made.account, made.at),
        }

    def _threads(self) -> Iterator[Part]:
        made = self._scene.topics
        for at in pieces(np.arange(made.used)):
            yield {
                "thread_no": at + 1,
                "board_no": section(at) + 1,
                "member_no": self._ids(made.account[at]),
                "handle": bbcode.names(self._scene, made.account[at].tolist()),
                "headline": self._scene.titles(at),
                "opened_on": iso(made.opened[at]),
            }

    def _uploads(self) -> Iterator[Part]:
        for part in self._scene.files():
            yield {
                "upload_no": part.number + 1,
                "member_no": self._ids(part.account),
                "entry_no": part.post + 1,
                "stored_as": paths(part),
                "orig_name": part.name,
                "bytes": part.size,
                "sha1": part.sha1,
                "put_on": iso(part.at),
                "hits": part.downloads,
            }


def iso(at: Ints) -> list[str | None]:
    """Return times as the platform writes them; none where the time is not known."""
    texts_ = np.datetime_as_string(at.astype("datetime64[s]")).tolist()
    return [f"{said}Z" if known else None for said, known in zip(texts_, at.tolist(), strict=True)]


def html(text: str) -> str:
    """Return a text as HTML has it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
