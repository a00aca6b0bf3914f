"""phpBB 3.3, as mysqldump writes its database."""

import typing as t
from collections.abc import Iterator, Sequence

import numpy as np

from vigie.sample.forum.activity import SECTIONS, Ints, blocks, section
from vigie.sample.forum.acts import ACTIONS, agents
from vigie.sample.forum.addresses import texts
from vigie.sample.forum.attached import MIMES, Attached, Files, within
from vigie.sample.forum.dump import MYSQLDUMP, Dump, Values, schema
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.letters import letters
from vigie.sample.forum.members import ADMINISTRATOR, NEVER, SINCE, UNTIL, Members
from vigie.sample.forum.scene import Scene, cut, pieces, placed
from vigie.sample.forum.told import Told
from vigie.sample.forum.world import Forum

Part: t.TypeAlias = dict[str, Values]
BOTS = ("AdsBot [Google]", "Baidu [Spider]", "Bing [Bot]", "Google [Bot]", "Yahoo [Bot]", "YandexBot")
GUEST, FOUNDER, FIRST_BOARD = 1, 2, 2
GUESTS, REGISTERED, COPPA, MODERATORS, ADMINISTRATORS, BOT_GROUP, NEWLY, VIP = range(1, 9)
GROUPS = ("GUESTS", "REGISTERED", "REGISTERED_COPPA", "GLOBAL_MODERATORS", "ADMINISTRATORS", "BOTS",
          "NEWLY_REGISTERED", "VIP members")  # fmt: skip
ROLES = ("ROLE_ADMIN_STANDARD", "ROLE_ADMIN_FORUM", "ROLE_ADMIN_USERGROUP", "ROLE_ADMIN_FULL", "ROLE_USER_FULL",
         "ROLE_USER_STANDARD", "ROLE_USER_LIMITED", "ROLE_USER_NOPM", "ROLE_USER_NOAVATAR", "ROLE_MOD_FULL",
         "ROLE_MOD_STANDARD", "ROLE_MOD_SIMPLE", "ROLE_MOD_QUEUE", "ROLE_FORUM_FULL",
         "ROLE_FORUM_STANDARD")  # fmt: skip
"""As the installer numbers them from 1."""
OPTIONS = ("a_", "a_board", "a_user", "a_ban", "m_", "m_edit", "m_delete", "m_ban", "m_warn", "f_", "f_read", "f_post",
           "f_attach", "u_", "u_viewprofile", "u_sendpm")  # fmt: skip
BOARDS = ("Welcome", "Landscapes", "Gardens", "Weather", "Stones", "Rivers", "Orchards", "Lanterns", "Back room")
OPERATIONS = ("LOG_DELETE_POST", "LOG_POST_EDITED", "LOG_LOCK", "LOG_MOVE", "LOG_USER_WARNING", "LOG_POST_APPROVED")
HASH = "$2y$10$" + "." * 53
"""In place of a password's hash: of the right form, and of nothing."""
TALKATIVE = 2.0
"""Weight above which accounts fill in their profile."""
_HTML = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))
_APART = "\x02"


def user_ids(members: Members, account: Ints) -> Ints:
    """Return ``user_id`` of accounts; guests and accounts that were deleted have that of the guest."""
    nobody = (account < 0) | members.deleted[np.maximum(account, 0)]
    return np.asarray(np.where(nobody, GUEST, _numbers(account)))


def _numbers(account: Ints) -> Ints:
    """Return the numbers that accounts have, or had: the founder comes before the bots, all others after them."""
    return account + np.where(account > 0, FOUNDER + len(BOTS), FOUNDER)


def write(out: t.IO[bytes], forum: Forum, files: Files, dump: str) -> Told:
    """Write the whole database. ``files`` gives the attachments anew at each call; ``dump``: locator of it."""
    scene = Scene(forum, files)
    rows = _Writer(out, scene).write()
    ids = _numbers(np.arange(forum.members.size))
    return Told.of(scene, dump, ids, rows)


def paths(part: Attached) -> list[str]:
    """Return where files lie below the platform's folder."""
    return [f"files/{name}" for name in physical(part)]


class _Writer:
    def __init__(self, out: t.IO[bytes], scene: Scene) -> None:
        self._scene, self._forum, self._speech = scene, scene.forum, scene.speech
        self._members, self._crowd = scene.members, scene.crowd
        self._dump = Dump(out, MYSQLDUMP, schema("phpbb"), prefix="phpbb_", database="forum", at=UNTIL)
        self._names = np.array(html(scene.members.name), dtype=object)

    def write(self) -> dict[str, int]:
        say = self._dump.table
        say("acl_groups", self._acl_groups())
        say("acl_options", [{"auth_option_id": _upto(OPTIONS), "auth_option": OPTIONS, "is_global": 1}],
            next_id=len(OPTIONS) + 1)  # fmt: skip
        say("acl_roles", [{"role_id": _upto(ROLES), "role_name": ROLES, "role_description": "",
                           "role_type": [f"{one.split('_')[1][0].lower()}_" for one in ROLES]}])  # fmt: skip
        say("acl_roles_data", [_roles_data()])
        say("acl_users", self._acl_users())
        say("attachments", self._attachments())
        say("banlist", self._bans())
        say("bots", [{"bot_id": _upto(BOTS), "bot_name": BOTS, "user_id": FOUNDER + _upto(BOTS), "bot_agent": BOTS}])
        say("config", [{"config_name": ["version", "sitename", "upload_path", "default_lang"],
                        "config_value": ["3.3.11", "Landscapes & gardens", "files", "en"]}])  # fmt: skip
        say("forums", [_boards()])
        say("groups", [{"group_id": _upto(GROUPS), "group_name": GROUPS, "group_desc": "",
                        "group_type": [3] * (len(GROUPS) - 1) + [0]}])  # fmt: skip
        say("log", self._log())
        say("login_attempts", self._attempts())
        say("moderator_cache", self._moderators())
        say("posts", self._posts(), next_id=self._forum.calendar.posts + 1)
        say("privmsgs", self._messages(), next_id=self._forum.wanted.messages + 1)
        say("privmsgs_to", self._recipients())
        own = self._speech.own()
        say("profile_fields_data", self._profiles(own))
        say("reports", self._reports())
        say("sessions", self._sessions())
        say("sessions_keys", self._keys())
        say("topics", self._topic_rows(), next_id=self._scene.topics.used + 1)
        say("user_group", self._memberships())
        say("users", self._users(own), next_id=self._members.size + len(BOTS) + 2)
        say("warnings", self._warnings())
        self._dump.end()
        return self._dump.rows

    def _ids(self, account: Ints) -> Ints:
        return user_ids(self._members, account)

    def _ips(self, account: Ints, at: Ints) -> list[str]:
        return texts(self._scene.addresses(account, at))

    def _acl_groups(self) -> Iterator[Part]:
        yield {"group_id": [ADMINISTRATORS, MODERATORS, REGISTERED, GUESTS], "auth_role_id": [4, 10, 6, 15]}

    def _acl_users(self) -> Iterator[Part]:
        """Founders have every right; half of the moderators theirs in one board each, by a role or by single rights."""
        local = self._scene.moderators[1::2]
        if len(local):
            roled = np.arange(len(local)) % 2 == 0
            yield {
                "user_id": self._ids(local),
                "forum_id": FIRST_BOARD + np.arange(len(local)) % SECTIONS,
                "auth_role_id": np.where(roled, 1 + ROLES.index("ROLE_MOD_STANDARD"), 0),
                "auth_option_id": np.where(roled, 0, 1 + OPTIONS.index("m_delete")),
                "auth_setting": np.where(roled, 0, 1),
            }
        yield {"user_id": [FOUNDER], "auth_option_id": 0, "auth_role_id": 1 + ROLES.index("ROLE_ADMIN_FULL")}

    def _attachments(self) -> Iterator[Part]:
        for part in self._scene.files():
            ids = self._ids(part.account)
            yield {
                "attach_id": part.number + 1,
                "post_msg_id": part.post + 1,
                "topic_id": part.topic + 1,
                "poster_id": ids,
                "is_orphan": 0,
                "physical_filename": physical(part),
                "real_filename": html(part.name),
                "download_count": part.downloads,
                "attach_comment": "",
                "extension": part.ending,
                "mimetype": [MIMES.get(one, "application/octet-stream") for one in part.ending],
                "filesize": part.size,
                "filetime": part.at,
            }

    def _bans(self) -> Iterator[Part]:
        made = self._scene.bans
        number = len(made.account)
        yield {
            "ban_id": 1 + np.arange(number),
            "ban_userid": self._ids(made.account),
            "ban_start": made.at,
            "ban_end": np.where(np.arange(number) % 3, 0, made.at + 30 * 86_400),
            "ban_reason": "board rules, point 4",
        }
        yield {"ban_id": [number + 1, number + 2], "ban_ip": ["198.51.100.*", ""], "ban_email": ["", "*@spam.example"]}

    def _log(self) -> Iterator[Part]:
        made, rng = self._scene.acts, self._scene.rng
        number = len(made.at)
        delete = [f"Topic {one + 1}" for one in made.topic.tolist()]
        yield {
            "log_id": 1 + np.arange(number),
            "log_type": 1,
            "user_id": self._ids(made.account),
            "forum_id": FIRST_BOARD + made.section,
            "topic_id": made.topic + 1,
            "post_id": np.where(made.action < 2, made.post + 1, 0),
            "reportee_id": np.where(made.action == ACTIONS.index("warn"), self._ids(made.target), 0),
            "log_ip": self._ips(made.account, made.at),
            "log_time": made.at,
            "log_operation": [OPERATIONS[one] for one in made.action.tolist()],
            "log_data": [f'a:1:{{i:0;s:{len(one)}:"{one}";}}' for one in delete],
        }
        staff = np.flatnonzero(self._members.role == ADMINISTRATOR)
        who = np.repeat(staff, 12)
        at = np.sort(rng.integers(SINCE + 86_400, UNTIL, len(who)))
        yield {
            "log_id": number + 1 + np.arange(len(who)),
            "log_type": 0,
            "user_id": self._ids(who),
            "log_ip": self._ips(who, at),
            "log_time": at,
            "log_operation": [
                ("LOG_ADMIN_AUTH_SUCCESS", "LOG_CONFIG_SETTINGS", "LOG_FORUM_EDIT")[i % 3] for i in range(len(who))
            ],
            "log_data": "",
        }
        gone = self._scene.bans
        names = [str(self._names[one]) for one in gone.account.tolist()]
        yield {
            "log_id": number + len(who) + 1 + np.arange(len(names)),
            "log_type": 0,
            "user_id": self._ids(gone.by),
            "reportee_id": 0,
            "log_ip": self._ips(gone.by, gone.at),
            "log_time": gone.at,
            "log_operation": "LOG_BAN_USER",
            "log_data": [f'a:2:{{i:0;s:11:"board rules";i:1;s:{len(one.encode())}:"{one}";}}' for one in names],
        }

    def _attempts(self) -> Iterator[Part]:
        """Write failed log-ins, some with names that nobody has."""
        some = np.flatnonzero(self._scene.share(81, np.arange(self._members.size)) < 0.05)
        for who in pieces(some):
            at = np.minimum(self._scene.seen[who] + 600, UNTIL)
            names = self._names[who].tolist()
            yield {
                "attempt_ip": self._ips(who, at),
                "attempt_browser": agents(self._members, self._crowd.seed, who),
                "attempt_time": at,
                "user_id": np.where(self._ids(who) == GUEST, 0, self._ids(who)),
                "username": names,
                "username_clean": [clean(one) for one in names],
            }

    def _moderators(self) -> Iterator[Part]:
        local = self._scene.moderators[1::2]
        if len(local):
            yield {
                "forum_id": FIRST_BOARD + np.arange(len(local)) % SECTIONS,
                "user_id": self._ids(local),
                "username": self._names[local].tolist(),
            }
        yield {"group_id": [MODERATORS], "group_name": "GLOBAL_MODERATORS"}

    def _posts(self) -> Iterator[Part]:
        for block in blocks(self._crowd, self._members, self._forum.calendar):
            spoken = self._speech.posts(block)
            bodies = spoken.bodies
            self._scene.take(block)
            ids = self._ids(block.account)
            names = [""] * len(bodies)
            for at in np.flatnonzero(ids == GUEST).tolist():
                who = int(block.account[at])
                names[at] = "visitor" if who < 0 else str(self._names[who])
            for at, safe in zip(spoken.marked, html([bodies[one] for one in spoken.marked]), strict=True):
                bodies[at] = safe.replace("\n", "<br/>\n")
            words = [f"<t>{one}</t>" for one in bodies]
            for at, other in spoken.quotes.items():
                words[at] = self._quote(block, bodies, at, other, names[other], int(ids[other]))
            edited, hidden = block.edited, block.hidden
            moderator = self._ids(self._scene.moderators[:1])[0] if len(self._scene.moderators) else FOUNDER
            yield from cut(len(bodies), {
                "post_id": block.number + 1,
                "topic_id": block.topic + 1,
                "forum_id": FIRST_BOARD + section(block.topic),
                "poster_id": ids,
                "poster_ip": self._ips(block.account, block.at),
                "post_time": block.at,
                "post_username": names,
                "post_subject": self._subjects(block.topic, block.opens),
                "post_text": words,
                "post_checksum": self._scene.marks(98, block.number),
                "post_attachment": within(block.number, self._scene.with_file),
                "post_edit_time": np.where(edited, block.at + 900, 0),
                "post_edit_user": np.where(edited, ids, 0),
                "post_edit_count": edited,
                "post_visibility": np.where(hidden, 2, 1),
                "post_delete_time": np.where(hidden, block.at + 7_200, 0),
                "post_delete_user": np.where(hidden, moderator, 0),
            })  # fmt: skip

    def _quote(self, block: t.Any, safe: list[str], at: int, other: int, guest: str, who: int) -> str:
        """Return a post that quotes another, as phpBB's formatter stores it."""
        name = guest or str(self._names[int(block.account[other])])
        number, time = int(block.number[other]) + 1, int(block.at[other])
        head = f"[quote={name} post_id={number} time={time} user_id={who}]"
        return (
            f'<r><QUOTE author="{name}" post_id="{number}" time="{time}" user_id="{who}"><s>{head}</s>'
            f"{safe[other]}<e>[/quote]</e></QUOTE>{safe[at]}</r>"
        )

    def _subjects(self, topic: Ints, opens: t.Any) -> list[str]:
        titles = self._scene.titles(topic)
        return [one if first else f"Re: {one}" for one, first in zip(titles, opens.tolist(), strict=True)]

    def _messages(self) -> Iterator[Part]:
        for block in letters(self._crowd, self._members, self._forum.wanted.messages):
            bodies = self._speech.bodies(block.author, block.first, block.sentences)
            for at, _ in self._speech.reveal("message", block.author, bodies, block.number):
                bodies[at] = html([bodies[at]])[0].replace("\n", "<br/>\n")
            yield from cut(len(bodies), {
                "msg_id": block.number + 1,
                "root_level": np.where(block.root == block.number, 0, block.root + 1),
                "author_id": self._ids(block.author),
                "author_ip": self._ips(block.author, block.at),
                "message_time": block.at,
                "message_subject": self._scene.titles(block.root + (1 << 40)),
                "message_text": [f"<t>{one}</t>" for one in bodies],
                "to_address": [f"u_{one}" for one in self._ids(block.reader).tolist()],
                "bcc_address": "",
            })  # fmt: skip

    def _recipients(self) -> Iterator[Part]:
        """Write a row for the reader, and one for what the author keeps among what it sent (folder -1)."""
        for block in letters(self._crowd, self._members, self._forum.wanted.messages):
            kept = np.flatnonzero(block.first % 4 > 0)
            author, reader = self._ids(block.author), self._ids(block.reader)
            yield {"msg_id": block.number + 1, "user_id": reader, "author_id": author, "pm_new": 0,
                   "pm_unread": (block.first % 11 == 0)}  # fmt: skip
            yield {"msg_id": block.number[kept] + 1, "user_id": author[kept], "author_id": author[kept], "pm_new": 0,
                   "pm_unread": 0, "folder_id": -1}  # fmt: skip

    def _profiles(self, own: dict[int, list[t.Any]]) -> Iterator[Part]:
        extra = placed(own, "profile")
        talkative = np.flatnonzero(~self._members.deleted & (self._members.weight > TALKATIVE))
        standing = np.union1d(talkative, np.array(list(extra), np.int64))
        for who in pieces(standing):
            members, says = self._members, self._scene.share(83, who) < 0.3
            lands = self._crowd.land[self._members.person[who]].tolist()
            yield {
                "user_id": self._ids(who),
                "pf_phpbb_interests": "",
                "pf_phpbb_occupation": "",
                "pf_phpbb_location": [
                    LANDS[land].zone.partition("/")[2] if said else "" for land, said in zip(lands, says, strict=True)
                ],
                "pf_phpbb_website": [
                    f"https://{members.name[one]}.example.net/" if says_too and members.name[one].isalnum() else ""
                    for one, says_too in zip(who.tolist(), self._scene.share(84, who) < 0.1, strict=True)
                ],
                "pf_contact": [self._speech.line(extra.get(one, ())) for one in who.tolist()],
            }  # fmt: skip

    def _reports(self) -> Iterator[Part]:
        count = max(5, self._forum.calendar.posts // 800)
        rng = self._scene.rng
        who = rng.integers(0, self._members.size, count)
        yield {
            "report_id": 1 + np.arange(count),
            "reason_id": 4,
            "post_id": 1 + rng.integers(0, self._forum.calendar.posts, count),
            "user_id": self._ids(who),
            "report_closed": rng.integers(0, 2, count),
            "report_time": np.sort(rng.integers(SINCE + 86_400 * 30, UNTIL, count)),
            "report_text": "Please have a look, this stands in the wrong board.",
            "reported_post_text": "",
        }

    def _sessions(self) -> Iterator[Part]:
        """Write what a board keeps: those of the last weeks, and some of visitors."""
        recent = np.flatnonzero((self._scene.seen > UNTIL - 40 * 86_400) & (self._members.gone == NEVER))
        for who in pieces(recent):
            start = self._scene.seen[who] - 1_200
            yield {
                "session_id": self._scene.marks(85, who),
                "session_user_id": self._ids(who),
                "session_last_visit": start,
                "session_start": start,
                "session_time": self._scene.seen[who],
                "session_ip": self._ips(who, self._scene.seen[who]),
                "session_browser": agents(self._members, self._crowd.seed, who),
                "session_page": "viewforum.php?f=3",
            }
        guests = np.arange(min(50, self._members.size))
        yield {
            "session_id": self._scene.marks(86, guests),
            "session_user_id": GUEST,
            "session_start": UNTIL - 600 - guests,
            "session_time": UNTIL - guests,
            "session_ip": [f"198.51.100.{one + 1}" for one in guests.tolist()],
            "session_browser": "curl/8.5.0",
            "session_forwarded_for": "203.0.113.9",
            "session_page": "index.php",
        }

    def _keys(self) -> Iterator[Part]:
        kept = np.flatnonzero((self._scene.share(87, np.arange(self._members.size)) < 0.3) & ~self._members.deleted)
        for who in pieces(kept):
            yield {
                "key_id": self._scene.marks(88, who),
                "user_id": self._ids(who),
                "last_ip": self._ips(who, self._scene.seen[who]),
                "last_login": self._scene.seen[who],
            }

    def _topic_rows(self) -> Iterator[Part]:
        made = self._scene.topics
        for at in pieces(np.arange(made.used)):
            author, last = made.account[at], made.last_account[at]
            yield {
                "topic_id": at + 1,
                "forum_id": FIRST_BOARD + section(at),
                "topic_title": self._scene.titles(at),
                "topic_poster": self._ids(author),
                "topic_time": made.opened[at],
                "topic_views": made.replies[at] * 17 + 3,
                "topic_status": at % 97 == 0,
                "topic_first_post_id": made.first[at] + 1,
                "topic_first_poster_name": self._called(author),
                "topic_last_post_id": made.last[at] + 1,
                "topic_last_poster_id": self._ids(last),
                "topic_last_poster_name": self._called(last),
                "topic_last_post_time": made.last_at[at],
                "topic_visibility": 1,
                "topic_posts_approved": made.replies[at] + 1,
            }

    def _called(self, account: Ints) -> list[str]:
        return ["visitor" if one < 0 else str(self._names[one]) for one in account.tolist()]

    def _memberships(self) -> Iterator[Part]:
        role, stays = self._members.role, ~self._members.deleted
        for who in pieces(np.flatnonzero(stays)):
            yield {"group_id": REGISTERED, "user_id": self._ids(who), "user_pending": 0}
        yield {"group_id": BOT_GROUP, "user_id": FOUNDER + _upto(BOTS), "user_pending": 0}
        heads = np.flatnonzero(role == ADMINISTRATOR)
        yield {"group_id": ADMINISTRATORS, "user_id": self._ids(heads), "group_leader": heads == 0, "user_pending": 0}
        yield {
            "group_id": MODERATORS,
            "user_id": self._ids(np.concatenate([heads[:1], self._scene.moderators[::2]])),
            "user_pending": 0,
        }
        paid = np.flatnonzero(self._members.paid & stays)
        for who in pieces(paid):
            yield {"group_id": VIP, "user_id": self._ids(who), "user_pending": 0}

    def _users(self, own: dict[int, list[t.Any]]) -> Iterator[Part]:
        yield {"user_id": [GUEST], "user_type": 2, "group_id": GUESTS, "user_permissions": "", "user_sig": "",
               "username": "Anonymous", "username_clean": "anonymous", "user_lang": "en"}  # fmt: skip
        yield {"user_id": FOUNDER + _upto(BOTS), "user_type": 2, "group_id": BOT_GROUP, "user_permissions": "",
               "user_sig": "", "username": BOTS, "username_clean": [clean(one) for one in BOTS],
               "user_regdate": SINCE, "user_lang": "en"}  # fmt: skip
        members = self._members
        signed = placed(own, "signature")
        for who in pieces(np.flatnonzero(~members.deleted)):
            lands = [LANDS[one] for one in self._crowd.land[members.person[who]].tolist()]
            registered, last = members.registered[who], np.maximum(self._scene.seen[who], self._scene.last[who])
            role = members.role[who]
            group = np.where(role == ADMINISTRATOR, ADMINISTRATORS, np.where(members.paid[who], VIP, REGISTERED))
            names = self._names[who].tolist()
            sets = self._scene.share(89, who)
            said_of = sets.tolist()
            jabber = [[shown for shown in signed.get(one, ()) if shown.kind == "jabber"] for one in who.tolist()]
            yield {
                "user_id": self._ids(who),
                "user_type": np.where(who == 0, 3, np.where(sets > 0.985, 1, 0)),
                "group_id": group,
                "user_permissions": "",
                "user_ip": self._ips(who, registered),
                "user_regdate": registered,
                "username": names,
                "username_clean": [clean(one) for one in names],
                "user_password": HASH,
                "user_passchg": registered,
                "user_email": [members.email[one] for one in who.tolist()],
                "user_birthday": [_birthday(one, said) for one, said in zip(who.tolist(), said_of, strict=True)],
                "user_lastvisit": np.where(sets < 0.04, 0, last),
                "user_last_active": np.where(sets < 0.04, 0, last),
                "user_lastpost_time": self._scene.last[who],
                "user_posts": self._scene.counts[who],
                "user_lang": [
                    land.language if said < 0.8 else "en" for land, said in zip(lands, said_of, strict=True)
                ],
                "user_timezone": [
                    land.zone if said < 0.75 else "UTC" for land, said in zip(lands, said_of, strict=True)
                ],
                "user_rank": np.where(role == ADMINISTRATOR, 1, 0),
                "user_sig": [self._signature(signed.get(one, ())) for one in who.tolist()],
                "user_jabber": [self._speech.line(one) for one in jabber],
                "user_new": 0,
            }  # fmt: skip

    def _signature(self, some: Sequence[t.Any]) -> str:
        if not some:
            return ""
        text = self._speech.lines([one for one in some if one.kind != "jabber"])
        return f"<t>{html([text])[0]}</t>".replace("\n", "<br/>\n") if text else ""

    def _warnings(self) -> Iterator[Part]:
        made = self._scene.acts
        warned = np.flatnonzero(made.action == ACTIONS.index("warn"))
        yield {
            "warning_id": 1 + np.arange(len(warned)),
            "user_id": self._ids(made.target[warned]),
            "post_id": made.post[warned] + 1,
            "log_id": warned + 1,
            "warning_time": made.at[warned],
        }


def _birthday(account: int, said: float) -> str:
    """Return a birthday as phpBB keeps it; of most accounts none, which it writes as zeros."""
    return " 0- 0-   0" if said < 0.7 else f"{int(said * 28) + 1:2d}-{int(said * 12) + 1:2d}-19{70 + account % 30}"


def physical(part: Attached) -> list[str]:
    """Return the names under which files lie in ``files/``: who put them there, and a random number."""
    return [f"{one}_{token}" for one, token in zip(_numbers(part.account).tolist(), part.token, strict=True)]


def html(texts_: Sequence[str]) -> list[str]:
    """Return texts with HTML's characters escaped, all at once."""
    whole = _APART.join(texts_)
    for raw, put in _HTML:
        whole = whole.replace(raw, put)
    return whole.split(_APART) if texts_ else []


def clean(name: str) -> str:
    """Return ``username_clean``: folded, as phpBB compares names."""
    return name.casefold()


def _upto(some: Sequence[str]) -> Ints:
    return 1 + np.arange(len(some))


def _roles_data() -> Part:
    """Which rights each role has."""
    pairs = [
        (1 + at, 1 + number)
        for at, role in enumerate(ROLES)
        for number, option in enumerate(OPTIONS)
        if option[0] == role.split("_")[1][0].lower()
    ]
    return {"role_id": [one for one, _ in pairs], "auth_option_id": [one for _, one in pairs], "auth_setting": 1}


def _boards() -> Part:
    many = len(BOARDS)
    return {
        "forum_id": 1 + np.arange(many + 1),
        "parent_id": [0] + [1] * many,
        "left_id": [1] + [2 + 2 * at for at in range(many)],
        "right_id": [2 + 2 * many] + [3 + 2 * at for at in range(many)],
        "forum_parents": "",
        "forum_name": ["All boards", *BOARDS],
        "forum_desc": "",
        "forum_password": [""] * many + [HASH],
        "forum_type": [0] + [1] * many,
    }
