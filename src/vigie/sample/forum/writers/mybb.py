"""MyBB 1.8, as mariadb-dump with ``--hex-blob`` writes its database."""

import datetime as dt
import typing as t
from collections.abc import Iterator

import numpy as np

from vigie.sample.forum import bbcode
from vigie.sample.forum.activity import SECTIONS, Ints, Posts, blocks, section
from vigie.sample.forum.acts import agents
from vigie.sample.forum.addresses import packed
from vigie.sample.forum.attached import MIMES, Attached, Files
from vigie.sample.forum.dump import MARIADB_DUMP, Dump, Values, schema
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.letters import letters
from vigie.sample.forum.members import ADMINISTRATOR, NEVER, SINCE, UNTIL, Members, Reveal
from vigie.sample.forum.scene import Scene, cut, pieces, placed
from vigie.sample.forum.told import Told
from vigie.sample.forum.world import Forum

Part: t.TypeAlias = dict[str, Values]
GROUPS = ("Guests", "Registered", "Super Moderators", "Administrators", "Awaiting Activation", "Moderators", "Banned",
          "VIP")  # fmt: skip
REGISTERED, SUPER_MODERATORS, ADMINISTRATORS, MODERATORS, BANNED, VIP = 2, 3, 4, 6, 7, 8
BOARDS = ("Landscapes", "Gardens", "Weather", "Stones", "Rivers", "Orchards", "Lanterns", "Harbours", "Staff")
FIRST_BOARD = 2
DONE = ("Post Deleted", "Edited Post", "Thread Closed", "Thread Moved", "User Warned", "Posts Approved")
LANGUAGES = {"en": "english", "fr": "french", "de": "deutsch_du", "es": "espanol", "it": "italiano", "pl": "polish"}
HASH = "." * 32
"""In place of a password's hash: of the right length, and of nothing."""


def user_ids(members: Members, account: Ints) -> Ints:
    """Return ``uid`` of accounts; 0 of guests and of accounts that were deleted."""
    nobody = (account < 0) | members.deleted[np.maximum(account, 0)]
    return np.asarray(np.where(nobody, 0, account + 1))


def write(out: t.IO[bytes], forum: Forum, files: Files, dump: str) -> Told:
    """Write the whole database. ``files`` gives the attachments anew at each call; ``dump``: locator of it."""
    scene = Scene(forum, files)
    rows = _Writer(out, scene).write()
    # Each message stands twice: with its reader, and with its author
    return Told.of(scene, dump, 1 + np.arange(forum.members.size), rows, per_message=2)


def paths(part: Attached) -> list[str]:
    """Return where files lie below the platform's folder."""
    return [f"uploads/{name}" for name in attach_names(part)]


def attach_names(part: Attached) -> list[str]:
    """Return ``attachname``: month, then who, when, and a random number."""
    months = [f"{dt.datetime.fromtimestamp(at, dt.UTC):%Y%m}" for at in part.at.tolist()]
    who, when = (part.account + 1).tolist(), part.at.tolist()
    return [
        f"{month}/post_{uid}_{at}_{token}.attach"
        for month, uid, at, token in zip(months, who, when, part.token, strict=True)
    ]


class _Writer:
    def __init__(self, out: t.IO[bytes], scene: Scene) -> None:
        self._scene, self._members, self._crowd = scene, scene.members, scene.crowd
        self._dump = Dump(out, MARIADB_DUMP, schema("mybb"), prefix="mybb_", database="board", at=UNTIL)

    def write(self) -> dict[str, int]:
        say, forum = self._dump.table, self._scene.forum
        say("adminlog", self._adminlog())
        say("adminoptions", [{"uid": self._ids(self._admins()), "permissions": "", "defaultviews": ""}])
        say("attachments", self._attachments())
        say("banfilters", [{"fid": [1, 2], "filter": ["198.51.100.*", "*@spam.example"], "type": [1, 3]}])
        say("banned", self._banned())
        say("forums", [_boards()])
        say("maillogs", self._mails())
        say("moderatorlog", self._moderatorlog())
        say("moderators", self._moderators())
        say("posts", self._posts(), next_id=forum.calendar.posts + 1)
        say("privatemessages", self._messages(), next_id=2 * forum.wanted.messages + 1)
        say("profilefields", [{"fid": [1, 2, 3], "name": ["Location", "Bio", "Contact"], "description": "",
                               "type": "text"}])  # fmt: skip
        say("reportedcontent", self._reports())
        say("reputation", self._reputation())
        say("searchlog", self._searches())
        say("sessions", self._sessions())
        say("settings", [{"sid": [1, 2], "name": ["bbname", "uploadspath"], "title": "",
                          "value": ["Gardens & weather", "./uploads"]}])  # fmt: skip
        say("threads", self._threads(), next_id=self._scene.topics.used + 1)
        own = self._scene.speech.own()
        say("userfields", self._fields(own))
        say("usergroups", [_groups()])
        say("users", self._users(own), next_id=self._members.size + 1)
        self._dump.end()
        return self._dump.rows

    def _ids(self, account: Ints) -> Ints:
        return user_ids(self._members, account)

    def _ips(self, account: Ints, at: Ints) -> list[bytes]:
        return packed(self._scene.addresses(account, at))

    def _admins(self) -> Ints:
        return np.flatnonzero(self._members.role == ADMINISTRATOR)

    def _adminlog(self) -> Iterator[Part]:
        who = np.repeat(self._admins(), 15)
        at = np.sort(self._scene.rng.integers(SINCE + 86_400, UNTIL, len(who)))
        yield {
            "uid": self._ids(who),
            "ipaddress": self._ips(who, at),
            "dateline": at,
            "module": [("config-settings", "user-users", "home-index")[i % 3] for i in range(len(who))],
            "action": [("change", "edit", "")[i % 3] for i in range(len(who))],
            "data": "a:0:{}",
        }

    def _attachments(self) -> Iterator[Part]:
        for part in self._scene.files():
            yield {
                "aid": part.number + 1,
                "pid": part.post + 1,
                "posthash": part.token,
                "uid": self._ids(part.account),
                "filename": part.name,
                "filetype": [MIMES.get(one, "application/octet-stream") for one in part.ending],
                "filesize": part.size,
                "attachname": attach_names(part),
                "downloads": part.downloads,
                "dateuploaded": part.at,
                "visible": 1,
            }

    def _banned(self) -> Iterator[Part]:
        made = self._scene.bans
        number = np.arange(len(made.account))
        yield {
            "uid": self._ids(made.account),
            "gid": BANNED,
            "oldgroup": REGISTERED,
            "oldadditionalgroups": "",
            "admin": self._ids(made.by),
            "dateline": made.at,
            "bantime": ["---" if one % 3 else "0-1-0" for one in number.tolist()],
            "lifted": np.where(number % 3, 0, made.at + 30 * 86_400),
            "reason": "board rules, point 4",
        }

    def _mails(self) -> Iterator[Part]:
        count = min(40, self._members.size // 4)
        stay = self._scene.standing()
        who, to = stay[1 : 1 + count], stay[2 : 2 + count]
        at = np.minimum(self._members.registered[to] + 90_000, UNTIL)
        yield {
            "mid": 1 + np.arange(count),
            "subject": "Your last post",
            "message": "Which granite was that?",
            "dateline": at,
            "fromuid": self._ids(who),
            "fromemail": [self._members.email[one] for one in who.tolist()],
            "touid": self._ids(to),
            "toemail": [self._members.email[one] for one in to.tolist()],
            "ipaddress": self._ips(who, at),
        }

    def _moderatorlog(self) -> Iterator[Part]:
        made = self._scene.acts
        yield {
            "uid": self._ids(made.account),
            "dateline": made.at,
            "fid": FIRST_BOARD + made.section,
            "tid": made.topic + 1,
            "pid": np.where(made.action < 2, made.post + 1, 0),
            "action": [DONE[one] for one in made.action.tolist()],
            "data": [f'a:1:{{s:3:"uid";i:{one};}}' for one in self._ids(made.target).tolist()],
            "ipaddress": self._ips(made.account, made.at),
        }

    def _moderators(self) -> Iterator[Part]:
        local = self._scene.moderators[1::2]
        yield {"mid": [1], "fid": FIRST_BOARD, "id": MODERATORS, "isgroup": 1, "caneditposts": 1}
        if len(local):
            yield {
                "mid": 2 + np.arange(len(local)),
                "fid": FIRST_BOARD + np.arange(len(local)) % SECTIONS,
                "id": self._ids(local),
                "caneditposts": 1,
                "candeleteposts": 1,
                "canviewips": 1,
            }

    def _posts(self) -> Iterator[Part]:
        for block in blocks(self._crowd, self._members, self._scene.forum.calendar):
            self._scene.take(block)
            ids, edited = self._ids(block.account), block.edited
            names = bbcode.names(self._scene, block.account.tolist())
            titles = self._scene.titles(block.topic)
            yield from cut(len(ids), {
                "pid": block.number + 1,
                "tid": block.topic + 1,
                "fid": FIRST_BOARD + section(block.topic),
                "subject": [f"{'' if first else 'RE: '}{one}"[:120]
                            for one, first in zip(titles, block.opens.tolist(), strict=True)],
                "uid": ids,
                "username": names,
                "dateline": block.at,
                "message": bbcode.written(self._scene, block, self._quote(block, names), "[/quote]\n"),
                "ipaddress": self._ips(block.account, block.at),
                "includesig": 1,
                "edituid": np.where(edited, ids, 0),
                "edittime": np.where(edited, block.at + 900, 0),
                "visible": np.where(block.hidden, -1, 1),
            })  # fmt: skip

    def _quote(self, block: Posts, names: list[str]) -> t.Callable[[int], str]:
        return lambda at: f"[quote=\"{names[at]}\" pid='{block.number[at] + 1}' dateline='{block.at[at]}']"

    def _messages(self) -> Iterator[Part]:
        """Write a copy for the reader (folder 1), and one that the author keeps (folder 2)."""
        for block in letters(self._crowd, self._members, self._scene.forum.wanted.messages):
            bodies = self._scene.speech.bodies(block.author, block.first, block.sentences)
            self._scene.speech.reveal("message", block.author, bodies, block.number)
            author, reader = self._ids(block.author), self._ids(block.reader)
            titles, ips = self._scene.titles(block.root + (1 << 40)), self._ips(block.author, block.at)
            kept = np.ones(2 * len(bodies), bool)
            kept[1::2] = block.first % 4 > 0
            row = np.repeat(np.arange(len(bodies)), 2)[kept]
            sent = np.tile([False, True], len(bodies))[kept]
            at = row.tolist()
            yield from cut(len(row), {
                "pmid": 2 * block.number[row] + 1 + sent,
                "uid": np.where(sent, author[row], reader[row]),
                "toid": reader[row],
                "fromid": author[row],
                "recipients": [_recipients(one) for one in reader[row].tolist()],
                "folder": 1 + sent,
                "subject": [titles[one][:120] for one in at],
                "message": [bodies[one] for one in at],
                "dateline": block.at[row],
                "status": np.where(sent, 1, row % 2),
                "readtime": np.where(row % 2, block.at[row] + 3_600, 0),
                "ipaddress": [ips[one] for one in at],
            })  # fmt: skip

    def _reports(self) -> Iterator[Part]:
        count, rng = max(5, self._scene.forum.calendar.posts // 800), self._scene.rng
        who = self._ids(rng.integers(0, self._members.size, count))
        at = np.sort(rng.integers(SINCE + 30 * 86_400, UNTIL, count))
        yield {
            "rid": 1 + np.arange(count),
            "id": 1 + rng.integers(0, self._scene.forum.calendar.posts, count),
            "uid": who,
            "reportstatus": rng.integers(0, 2, count),
            "reason": "This stands in the wrong board.",
            "type": "post",
            "reports": 1,
            "reporters": [f'a:1:{{i:0;s:{len(str(one))}:"{one}";}}' for one in who.tolist()],
            "dateline": at,
            "lastreport": at,
        }

    def _reputation(self) -> Iterator[Part]:
        count, rng = max(10, self._members.size // 10), self._scene.rng
        yield {
            "rid": 1 + np.arange(count),
            "uid": self._ids(rng.integers(0, self._members.size, count)),
            "adduid": self._ids(rng.integers(0, self._members.size, count)),
            "reputation": rng.integers(-1, 3, count),
            "dateline": np.sort(rng.integers(SINCE + 86_400, UNTIL, count)),
            "comments": "good stones",
        }

    def _searches(self) -> Iterator[Part]:
        who = np.flatnonzero(self._scene.share(92, np.arange(self._members.size)) < 0.05)
        for some in pieces(who):
            at = self._scene.seen[some]
            yield {
                "sid": self._scene.marks(93, some),
                "uid": self._ids(some),
                "dateline": at,
                "ipaddress": self._ips(some, at),
                "threads": "",
                "posts": "1,2",
                "resulttype": "posts",
                "querycache": "",
                "keywords": ["granite", "frost", "willow"][int(some[0]) % 3],
            }

    def _sessions(self) -> Iterator[Part]:
        recent = np.flatnonzero((self._scene.seen > UNTIL - 40 * 86_400) & (self._members.gone == NEVER))
        for who in pieces(recent):
            at = self._scene.seen[who]
            yield {
                "sid": self._scene.marks(85, who),
                "uid": self._ids(who),
                "ip": self._ips(who, at),
                "time": at,
                "location": "/showthread.php?tid=7",
                "useragent": agents(self._members, self._crowd.seed, who),
            }
        yield {"sid": ["bot=1", "0" * 32], "ip": [b"\xc6\x33\x64\x07", b"\x20\x01\x0d\xb8" + b"\0" * 11 + b"\7"],
               "time": UNTIL, "location": "/index.php", "useragent": ["curl/8.5.0", ""]}  # fmt: skip

    def _threads(self) -> Iterator[Part]:
        made = self._scene.topics
        for at in pieces(np.arange(made.used)):
            yield {
                "tid": at + 1,
                "fid": FIRST_BOARD + section(at),
                "subject": [one[:120] for one in self._scene.titles(at)],
                "uid": self._ids(made.account[at]),
                "username": bbcode.names(self._scene, made.account[at].tolist()),
                "dateline": made.opened[at],
                "firstpost": made.first[at] + 1,
                "lastpost": made.last_at[at],
                "lastposter": bbcode.names(self._scene, made.last_account[at].tolist()),
                "lastposteruid": self._ids(made.last_account[at]),
                "views": made.replies[at] * 17 + 3,
                "replies": made.replies[at],
                "closed": ["1" if one % 97 == 0 else "" for one in at.tolist()],
                "visible": 1,
            }

    def _fields(self, own: dict[int, list[Reveal]]) -> Iterator[Part]:
        extra = placed(own, "profile")
        for who in pieces(self._scene.standing()):
            says = self._scene.share(83, who) < 0.3
            lands = self._crowd.land[self._members.person[who]].tolist()
            yield {
                "ufid": self._ids(who),
                "fid1": [
                    LANDS[at].zone.partition("/")[2] if said else "" for at, said in zip(lands, says, strict=True)
                ],
                "fid2": "",
                "fid3": [self._scene.speech.line(extra.get(one, ())) for one in who.tolist()],
            }

    def _users(self, own: dict[int, list[Reveal]]) -> Iterator[Part]:
        members, signed = self._members, placed(own, "signature")
        for who in pieces(self._scene.standing()):
            lands = [LANDS[one] for one in self._crowd.land[members.person[who]].tolist()]
            registered, last = members.registered[who], np.maximum(self._scene.seen[who], self._scene.last[who])
            yield {
                "uid": self._ids(who),
                "username": [members.name[one] for one in who.tolist()],
                "password": HASH,
                "salt": "........",
                "loginkey": "." * 50,
                "email": [members.email[one] for one in who.tolist()],
                "postnum": self._scene.counts[who],
                "usergroup": self._groups(who),
                "additionalgroups": ["8" if one else "" for one in members.paid[who].tolist()],
                "regdate": registered,
                "lastactive": last,
                "lastvisit": last - 600,
                "lastpost": self._scene.last[who],
                "birthday": [f"{one % 28 + 1}-{one % 12 + 1}-19{70 + one % 30}" if one % 5 == 0 else ""
                             for one in who.tolist()],
                "signature": [self._scene.speech.lines(signed.get(one, ())) for one in who.tolist()],
                "buddylist": "",
                "ignorelist": "",
                "pmfolders": "1**$%%$2**$%%$3**$%%$4**",
                "notepad": "",
                "usernotes": "",
                "regip": self._ips(who, registered),
                "lastip": self._ips(who, last),
                "language": [LANGUAGES.get(land.language, "") for land in lands],
                "timezone": [
                    str(land.hours) if one % 4 else "0" for land, one in zip(lands, who.tolist(), strict=True)
                ],
            }  # fmt: skip

    def _groups(self, who: Ints) -> Ints:
        members = self._members
        group = np.full(len(who), REGISTERED)
        group[np.isin(who, self._scene.moderators[::2])] = SUPER_MODERATORS
        group[np.isin(who, self._scene.moderators[1::2])] = MODERATORS
        group[members.role[who] == ADMINISTRATOR] = ADMINISTRATORS
        group[members.gone[who] != NEVER] = BANNED
        return group


def _recipients(uid: int) -> str:
    return f'a:1:{{s:2:"to";a:1:{{i:0;s:{len(str(uid))}:"{uid}";}}}}'


def _boards() -> Part:
    number = np.arange(1, len(BOARDS) + 2)
    return {
        "fid": number,
        "name": ["All boards", *BOARDS],
        "description": "",
        "type": ["c"] + ["f"] * len(BOARDS),
        "pid": np.where(number == 1, 0, 1),
        "parentlist": ["1"] + [f"1,{one}" for one in number[1:].tolist()],
        "active": 1,
        "open": 1,
        "password": [""] * len(BOARDS) + ["." * 12],
        "rules": "",
    }


def _groups() -> Part:
    number = np.arange(1, len(GROUPS) + 1)
    return {
        "gid": number,
        "type": np.where(number == VIP, 2, 1),
        "title": GROUPS,
        "description": "",
        "isbannedgroup": number == BANNED,
        "canview": number != BANNED,
        "cancp": number == ADMINISTRATORS,
        "issupermod": (number == SUPER_MODERATORS) | (number == ADMINISTRATORS),
        "canmodcp": np.isin(number, (SUPER_MODERATORS, ADMINISTRATORS, MODERATORS)),
    }
