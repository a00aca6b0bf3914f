"""XenForo 2.2, as mysqldump without ``--hex-blob`` writes its database: bytes stand raw after ``_binary``."""

import json
import typing as t
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import numpy as np

from vigie.sample.forum import bbcode
from vigie.sample.forum.activity import SECTIONS, Ints, Posts, blocks, section
from vigie.sample.forum.acts import ACTIONS
from vigie.sample.forum.addresses import packed
from vigie.sample.forum.attached import Attached, Files, within
from vigie.sample.forum.dump import MYSQLDUMP, Dump, Values, schema
from vigie.sample.forum.lands import LANDS
from vigie.sample.forum.letters import Letters, letters
from vigie.sample.forum.members import ADMINISTRATOR, NEVER, SINCE, UNTIL, Members, Reveal
from vigie.sample.forum.payments import Paid, payments
from vigie.sample.forum.scene import Scene, cut, pieces, placed
from vigie.sample.forum.told import Told, truth_of
from vigie.sample.forum.world import Forum

Part: t.TypeAlias = dict[str, Values]
GROUPS = ("Unregistered / Unconfirmed", "Registered", "Administrative", "Moderating", "Premium")
REGISTERED, ADMINISTRATIVE, MODERATING, PREMIUM = 2, 3, 4, 5
BOARDS = ("Landscapes", "Gardens", "Weather", "Stones", "Rivers", "Orchards", "Lanterns", "Harbours", "Staff")
FIRST_BOARD = 2
DONE = ("delete_soft", "edit", "lock", "move", "warning", "approve")
PRICE, CURRENCY = "25.00", "EUR"
YEAR_S = 365 * 86_400
HASH = b'a:1:{s:4:"hash";s:60:"' + b"." * 60 + b'";}'
"""In place of a password's hash: of the right form, and of nothing."""


def user_ids(members: Members, account: Ints) -> Ints:
    """Return ``user_id`` of accounts; 0 of guests and of accounts that were deleted."""
    nobody = (account < 0) | members.deleted[np.maximum(account, 0)]
    return np.asarray(np.where(nobody, 0, account + 1))


def write(out: t.IO[bytes], forum: Forum, files: Files, dump: str) -> Told:
    """Write the whole database. ``files`` gives the attachments anew at each call; ``dump``: locator of it."""
    scene = Scene(forum, files)
    # XenForo sells by the year at one price, and pays nobody: what goes out is on no record of it
    paid = [
        one if one.number in forum.settled else msgspec.structs.replace(one, amount=PRICE, currency=CURRENCY)
        for one in payments(scene)
        if one.direction == "in" and one.status != "pending"
    ]
    rows = _Writer(out, scene, paid).write()
    ids = 1 + np.arange(forum.members.size)
    return Told.of(scene, dump, ids, rows, payments=truth_of(paid, dump, ids))


def paths(part: Attached) -> list[str]:
    """Return where files lie below the platform's folder: the name says the MD5 of the content."""
    return [
        f"internal_data/attachments/{number // 1000}/{number}-{md5}.data"
        for number, md5 in zip((part.number + 1).tolist(), part.md5, strict=True)
    ]


class _Writer:
    def __init__(self, out: t.IO[bytes], scene: Scene, paid: list[Paid]) -> None:
        self._scene, self._members, self._crowd, self._paid = scene, scene.members, scene.crowd, paid
        self._dump = Dump(out, MYSQLDUMP, schema("xenforo"), prefix="xf_", database="xenforo", at=UNTIL)
        self._admins = np.flatnonzero(scene.members.role == ADMINISTRATOR)

    def write(self) -> dict[str, int]:
        say, forum = self._dump.table, self._scene.forum
        say("admin", [{"user_id": self._ids(self._admins), "extra_user_group_ids": b"3", "permission_cache": b"[]",
                       "is_super_admin": self._admins == 0}])  # fmt: skip
        say("admin_log", self._admin_log())
        say("attachment", self._attachments())
        say("attachment_data", self._data())
        say("ban_email", [{"banned_email": ["*@spam.example"], "create_user_id": 1}])
        self._conversations()
        say("deletion_log", self._deletions())
        say("forum", [{"node_id": FIRST_BOARD + np.arange(SECTIONS)}])
        say("ip", self._ip_rows())
        say("login_attempt", self._attempts())
        say("moderator", self._moderators())
        say("moderator_content", self._local())
        say("moderator_log", self._moderator_log())
        say("node", [_nodes()])
        say("option", [{"option_id": [b"boardTitle", b"currentVersionId"],
                        "option_value": [b"Stones & rivers", b"2021370"]}])  # fmt: skip
        say("payment_profile", [{"payment_profile_id": [1], "provider_id": b"paypal", "title": "PayPal",
                                 "options": b'{"primary_account":"till@example.org"}'}])  # fmt: skip
        say("payment_provider_log", self._provider_log())
        say("post", self._posts(), next_id=forum.calendar.posts + 1)
        say("purchase_request", self._purchases())
        self._reports()
        say("session_activity", self._activity())
        say("thread", self._threads(), next_id=self._scene.topics.used + 1)
        own = self._scene.speech.own()
        say("user", self._users(), next_id=self._members.size + 1)
        say("user_authenticate", self._secrets())
        say("user_ban", self._bans())
        say("user_field", [{"field_id": [b"contact"], "display_group": "contact"}])
        say("user_field_value", self._values(own))
        say("user_group", [{"user_group_id": 1 + np.arange(len(GROUPS)), "title": GROUPS}])
        say("user_group_relation", self._relations())
        say("user_profile", self._profiles(own))
        say("user_upgrade", [{"user_upgrade_id": [1], "title": "Premium, a year", "description": "",
                              "extra_group_ids": b"5", "cost_amount": Decimal(PRICE), "cost_currency": CURRENCY,
                              "length_amount": 1, "length_unit": "year", "payment_profile_ids": b"1"}])  # fmt: skip
        self._upgrades()
        self._dump.end()
        return self._dump.rows

    def _ids(self, account: Ints) -> Ints:
        return user_ids(self._members, account)

    def _ips(self, account: Ints, at: Ints) -> list[bytes]:
        return packed(self._scene.addresses(account, at))

    def _admin_log(self) -> Iterator[Part]:
        who = np.repeat(self._admins, 12)
        at = np.sort(self._scene.rng.integers(SINCE + 86_400, UNTIL, len(who)))
        yield {
            "admin_log_id": 1 + np.arange(len(who)),
            "user_id": self._ids(who),
            "ip_address": self._ips(who, at),
            "request_date": at,
            "request_url": "admin.php?options/update",
            "request_data": b'{"option":1}',
        }

    def _attachments(self) -> Iterator[Part]:
        for part in self._scene.files():
            yield {
                "attachment_id": part.number + 1,
                "data_id": part.number + 1,
                "content_type": b"post",
                "content_id": part.post + 1,
                "attach_date": part.at,
                "unassociated": 0,
                "view_count": part.downloads,
            }

    def _data(self) -> Iterator[Part]:
        for part in self._scene.files():
            yield {
                "data_id": part.number + 1,
                "user_id": self._ids(part.account),
                "upload_date": part.at,
                "filename": part.name,
                "file_size": part.size,
                "file_hash": part.md5,
                "attach_count": 1,
            }

    def _letters(self) -> Iterator[Letters]:
        return letters(self._crowd, self._members, self._scene.forum.wanted.messages)

    def _conversations(self) -> None:
        """Write conversations: each is named after the message that opens it, and has two persons in it."""
        self._dump.table("conversation_master", self._masters())
        self._dump.table("conversation_message", self._messages())
        self._dump.table("conversation_recipient", self._pairs("user_id", last_read_date=UNTIL))
        self._dump.table("conversation_user", self._pairs("owner_user_id", last_message_date=UNTIL))

    def _masters(self) -> Iterator[Part]:
        for block in self._letters():
            opens = np.flatnonzero(block.root == block.number)
            author, reader = block.author[opens], block.reader[opens]
            names, ids = bbcode.names(self._scene, author.tolist()), self._ids(author)
            others = zip(self._ids(reader).tolist(), bbcode.names(self._scene, reader.tolist()), strict=True)
            yield {
                "conversation_id": block.number[opens] + 1,
                "title": [one[:150] for one in self._scene.titles(block.root[opens] + (1 << 40))],
                "user_id": ids,
                "username": names,
                "start_date": block.at[opens],
                "recipient_count": 2,
                "first_message_id": block.number[opens] + 1,
                "last_message_date": block.at[opens],
                "last_message_id": block.number[opens] + 1,
                "last_message_user_id": ids,
                "last_message_username": names,
                "recipients": [
                    json.dumps({str(uid): {"user_id": uid, "username": name}}).encode() for uid, name in others
                ],
            }

    def _messages(self) -> Iterator[Part]:
        for block in self._letters():
            bodies = self._scene.speech.bodies(block.author, block.first, block.sentences)
            self._scene.speech.reveal("message", block.author, bodies, block.number)
            yield from cut(len(bodies), {
                "message_id": block.number + 1,
                "conversation_id": block.root + 1,
                "message_date": block.at,
                "user_id": self._ids(block.author),
                "username": bbcode.names(self._scene, block.author.tolist()),
                "message": bodies,
                "ip_id": self._first_message_ip() + block.number,
            })  # fmt: skip

    def _pairs(self, column: str, **more: int) -> Iterator[Part]:
        """Write a row for each of the two in a conversation; none for who was deleted."""
        for block in self._letters():
            opens = np.flatnonzero(block.root == block.number)
            who = np.stack([self._ids(block.author[opens]), self._ids(block.reader[opens])], axis=1)
            row, side = np.nonzero((who > 0) & (np.arange(2) < np.where(who[:, :1] == who[:, 1:], 1, 2)))
            yield {"conversation_id": block.number[opens][row] + 1, column: who[row, side], **more}

    def _deletions(self) -> Iterator[Part]:
        moderator = self._scene.moderators[:1]
        for block in blocks(self._crowd, self._members, self._scene.forum.calendar):
            gone = np.flatnonzero(block.hidden)
            yield {
                "content_type": b"post",
                "content_id": block.number[gone] + 1,
                "delete_date": block.at[gone] + 7_200,
                "delete_user_id": int(moderator[0]) + 1,
                "delete_username": self._members.name[int(moderator[0])],
                "delete_reason": "wrong board",
            }

    def _first_message_ip(self) -> int:
        return self._scene.forum.calendar.posts + 1

    def _ip_rows(self) -> Iterator[Part]:
        """Write where posts, messages, registrations and log-ins came from: posts have the numbers of their rows."""
        for block in blocks(self._crowd, self._members, self._scene.forum.calendar):
            yield from cut(len(block.at), {
                "ip_id": block.number + 1,
                "user_id": self._ids(block.account),
                "content_type": b"post",
                "content_id": block.number + 1,
                "action": b"insert",
                "ip": self._ips(block.account, block.at),
                "log_date": block.at,
            })  # fmt: skip
        for letter in self._letters():
            yield from cut(len(letter.at), {
                "ip_id": self._first_message_ip() + letter.number,
                "user_id": self._ids(letter.author),
                "content_type": b"conversation_message",
                "content_id": letter.number + 1,
                "action": b"insert",
                "ip": self._ips(letter.author, letter.at),
                "log_date": letter.at,
            })  # fmt: skip
        number = self._first_message_ip() + self._scene.forum.wanted.messages
        for action, at in ((b"register", self._members.registered), (b"login", self._scene.seen)):
            for who in pieces(self._scene.standing()):
                yield {
                    "ip_id": number + np.arange(len(who)),
                    "user_id": self._ids(who),
                    "content_type": b"user",
                    "content_id": self._ids(who),
                    "action": action,
                    "ip": self._ips(who, at[who]),
                    "log_date": at[who],
                }
                number += len(who)

    def _attempts(self) -> Iterator[Part]:
        some = np.flatnonzero(self._scene.share(81, np.arange(self._members.size)) < 0.05)
        at = np.minimum(self._scene.seen[some] + 600, UNTIL)
        yield {
            "attempt_id": 1 + np.arange(len(some)),
            "login": [self._members.email[one] if one % 2 else self._members.name[one] for one in some.tolist()],
            "ip_address": self._ips(some, at),
            "attempt_date": at,
        }

    def _moderators(self) -> Iterator[Part]:
        named = self._scene.moderators
        yield {"user_id": self._ids(named), "is_super_moderator": np.arange(len(named)) % 2 == 0}

    def _local(self) -> Iterator[Part]:
        local = self._scene.moderators[1::2]
        number = np.arange(len(local))
        yield {"moderator_id": 1 + number, "content_type": b"node", "content_id": FIRST_BOARD + number % SECTIONS,
               "user_id": self._ids(local)}  # fmt: skip

    def _moderator_log(self) -> Iterator[Part]:
        made = self._scene.acts
        yield {
            "moderator_log_id": 1 + np.arange(len(made.at)),
            "log_date": made.at,
            "user_id": self._ids(made.account),
            "ip_address": self._ips(made.account, made.at),
            "content_type": [b"user" if one == ACTIONS.index("warn") else b"post" for one in made.action.tolist()],
            "content_id": np.where(made.action == ACTIONS.index("warn"), made.target + 1, made.post + 1),
            "content_user_id": self._ids(made.target),
            "content_username": bbcode.names(self._scene, made.target.tolist()),
            "content_title": [one[:150] for one in self._scene.titles(made.topic)],
            "content_url": [f"threads/{one + 1}/" for one in made.topic.tolist()],
            "discussion_content_type": "thread",
            "discussion_content_id": made.topic + 1,
            "action": [DONE[one] for one in made.action.tolist()],
            "action_params": b'{"reason":"wrong board"}',
        }

    def _provider_log(self) -> Iterator[Part]:
        yield {
            "provider_log_id": [one.number + 1 for one in self._paid],
            "purchase_request_key": [_key(one) for one in self._paid],
            "provider_id": [one.processor.encode() for one in self._paid],
            "transaction_id": [one.transaction[:100] for one in self._paid],
            "subscriber_id": None,
            "log_type": ["cancel" if one.status == "refunded" else "payment" for one in self._paid],
            "log_message": [f"Payment {one.status}, upgraded" for one in self._paid],
            "log_details": [_details(one) for one in self._paid],
            "log_date": [one.at for one in self._paid],
        }

    def _posts(self) -> Iterator[Part]:
        for block in blocks(self._crowd, self._members, self._scene.forum.calendar):
            position = self._scene.topics.replies[block.topic]
            self._scene.take(block)
            ids, edited = self._ids(block.account), block.edited
            names = bbcode.names(self._scene, block.account.tolist())
            yield from cut(len(ids), {
                "post_id": block.number + 1,
                "thread_id": block.topic + 1,
                "user_id": ids,
                "username": names,
                "post_date": block.at,
                "message": bbcode.written(self._scene, block, self._quote(block, names, ids), "[/QUOTE]\n"),
                "ip_id": block.number + 1,
                "message_state": np.where(block.hidden, "deleted", "visible").tolist(),
                "attach_count": within(block.number, self._scene.with_file),
                "position": position + 1,
                "last_edit_date": np.where(edited, block.at + 900, 0),
                "last_edit_user_id": np.where(edited, ids, 0),
                "edit_count": edited,
            })  # fmt: skip

    def _quote(self, block: Posts, names: list[str], ids: Ints) -> t.Callable[[int], str]:
        return lambda at: f'[QUOTE="{names[at]}, post: {block.number[at] + 1}, member: {ids[at]}"]\n'

    def _purchases(self) -> Iterator[Part]:
        yield {
            "purchase_request_id": [one.number + 1 for one in self._paid],
            "request_key": [_key(one) for one in self._paid],
            "user_id": self._ids(np.array([one.account for one in self._paid], np.int64)),
            "provider_id": [one.processor.encode() for one in self._paid],
            "payment_profile_id": 1,
            "purchasable_type_id": b"user_upgrade",
            "cost_amount": Decimal(PRICE),
            "cost_currency": CURRENCY,
            "extra_data": b'{"user_upgrade_id":1}',
        }

    def _reports(self) -> None:
        """Write reports, and in comments who made them."""
        count, rng = max(5, self._scene.forum.calendar.posts // 800), self._scene.rng
        number, at = 1 + np.arange(count), np.sort(rng.integers(SINCE + 30 * 86_400, UNTIL, count))
        who = rng.choice(self._scene.standing(), count)
        rows: Part = {
            "report_id": number,
            "content_type": b"post",
            "content_id": 1 + rng.integers(0, self._scene.forum.calendar.posts, count),
            "content_user_id": self._ids(rng.integers(0, self._members.size, count)),
            "content_info": b"[]",
            "first_report_date": at,
            "report_state": "resolved",
        }
        self._dump.table("report", [rows])
        comments: Part = {
            "report_comment_id": number,
            "report_id": number,
            "comment_date": at,
            "user_id": self._ids(who),
            "username": bbcode.names(self._scene, who.tolist()),
            "message": "This stands in the wrong board.",
        }
        self._dump.table("report_comment", [comments])

    def _activity(self) -> Iterator[Part]:
        recent = np.flatnonzero((self._scene.seen > UNTIL - 40 * 86_400) & (self._members.gone == NEVER))
        for who in pieces(recent):
            yield {
                "user_id": self._ids(who),
                "unique_key": [str(one + 1).encode() for one in who.tolist()],
                "ip": self._ips(who, self._scene.seen[who]),
                "controller_name": "XF\\Pub\\Controller\\Thread",
                "view_state": "valid",
                "view_date": self._scene.seen[who],
            }

    def _threads(self) -> Iterator[Part]:
        made = self._scene.topics
        for at in pieces(np.arange(made.used)):
            author, last = made.account[at], made.last_account[at]
            yield {
                "thread_id": at + 1,
                "node_id": FIRST_BOARD + section(at),
                "title": [one[:150] for one in self._scene.titles(at)],
                "reply_count": made.replies[at],
                "view_count": made.replies[at] * 17 + 3,
                "user_id": self._ids(author),
                "username": bbcode.names(self._scene, author.tolist()),
                "post_date": made.opened[at],
                "first_post_id": made.first[at] + 1,
                "last_post_date": made.last_at[at],
                "last_post_id": made.last[at] + 1,
                "last_post_user_id": self._ids(last),
                "last_post_username": bbcode.names(self._scene, last.tolist()),
            }

    def _users(self) -> Iterator[Part]:
        members = self._members
        for who in pieces(self._scene.standing()):
            lands = [LANDS[one] for one in self._crowd.land[members.person[who]].tolist()]
            admin = members.role[who] == ADMINISTRATOR
            named = np.isin(who, self._scene.moderators)
            yield {
                "user_id": self._ids(who),
                "username": [members.name[one] for one in who.tolist()],
                "email": [members.email[one] for one in who.tolist()],
                "timezone": [
                    land.zone if one % 4 else "Europe/London" for land, one in zip(lands, who.tolist(), strict=True)
                ],
                "user_group_id": REGISTERED,
                "secondary_group_ids": self._secondary(who),
                "message_count": self._scene.counts[who],
                "register_date": members.registered[who],
                "last_activity": np.maximum(self._scene.seen[who], self._scene.last[who]),
                "user_state": ["email_confirm" if one % 61 == 0 and one else "valid" for one in who.tolist()],
                "is_moderator": named,
                "is_admin": admin,
                "is_banned": members.gone[who] != NEVER,
                "is_staff": named | admin,
                "secret_key": b"." * 32,
            }  # fmt: skip

    def _secondary(self, who: Ints) -> list[bytes]:
        """Return the further groups of accounts, by comma."""
        held = (
            (ADMINISTRATIVE, self._members.role[who] == ADMINISTRATOR),
            (MODERATING, np.isin(who, self._scene.moderators)),
            (PREMIUM, self._members.paid[who]),
        )
        out = np.full(len(who), "", dtype=object)
        for group, has in held:
            out[has] += f",{group}"
        return [one[1:].encode() for one in out.tolist()]

    def _relations(self) -> Iterator[Part]:
        for who in pieces(self._scene.standing()):
            yield {"user_id": self._ids(who), "user_group_id": REGISTERED, "is_primary": 1}
        for group, some in (
            (ADMINISTRATIVE, self._admins),
            (MODERATING, self._scene.moderators),
            (PREMIUM, np.flatnonzero(self._members.paid & ~self._members.deleted)),
        ):
            yield {"user_id": self._ids(some), "user_group_id": group, "is_primary": 0}

    def _secrets(self) -> Iterator[Part]:
        for who in pieces(self._scene.standing()):
            yield {"user_id": self._ids(who), "scheme_class": "XF:Core12", "data": HASH}

    def _bans(self) -> Iterator[Part]:
        made = self._scene.bans
        yield {
            "user_id": self._ids(made.account),
            "ban_user_id": self._ids(made.by),
            "ban_date": made.at,
            "end_date": np.where(np.arange(len(made.at)) % 3, 0, made.at + 30 * 86_400),
            "user_reason": "board rules, point 4",
        }

    def _values(self, own: dict[int, list[Reveal]]) -> Iterator[Part]:
        some = sorted(placed(own, "profile").items())
        yield {
            "user_id": self._ids(np.array([who for who, _ in some], np.int64)),
            "field_id": b"contact",
            "field_value": [self._scene.speech.line(shown) for _, shown in some],
        }

    def _profiles(self, own: dict[int, list[Reveal]]) -> Iterator[Part]:
        signed = placed(own, "signature")
        for who in pieces(self._scene.standing()):
            says = self._scene.share(83, who) < 0.3
            lands = self._crowd.land[self._members.person[who]].tolist()
            yield {
                "user_id": self._ids(who),
                "signature": [self._scene.speech.lines(signed.get(one, ())) for one in who.tolist()],
                "website": "",
                "location": [
                    LANDS[at].zone.partition("/")[2] if said else "" for at, said in zip(lands, says, strict=True)
                ],
                "following": "",
                "ignored": "",
                "about": "",
                "custom_fields": b"[]",
            }

    def _upgrades(self) -> None:
        """Write who has a paid year that runs on, and who had one."""
        latest = {one.account: one for one in self._paid if one.status == "completed"}
        for name, some in (
            ("user_upgrade_active", [one for one in latest.values() if one.at + YEAR_S > UNTIL]),
            ("user_upgrade_expired", [one for one in latest.values() if one.at + YEAR_S <= UNTIL]),
        ):
            rows: Part = {
                "user_upgrade_record_id": [one.number + 1 for one in some],
                "user_id": self._ids(np.array([one.account for one in some], np.int64)),
                "purchase_request_key": [_key(one) for one in some],
                "user_upgrade_id": 1,
                "extra": b"[]",
                "start_date": [one.at for one in some],
                "end_date": [one.at + YEAR_S for one in some],
            }
            self._dump.table(name, [rows])


def _key(paid: Paid) -> bytes:
    return f"{paid.number:08d}{paid.transaction}".encode()[:32]


def _details(paid: Paid) -> bytes:
    """Return what a processor sent, as XenForo keeps it: JSON."""
    return json.dumps(
        {
            "payer_email": paid.payer,
            "mc_gross": paid.amount,
            "mc_currency": paid.currency,
            "txn_id": paid.transaction,
            "address": paid.address,
            "status": paid.status,
        }
    ).encode()


def _nodes() -> Part:
    number = np.arange(1, len(BOARDS) + 2)
    return {
        "node_id": number,
        "title": ["All boards", *BOARDS],
        "description": "",
        "node_type_id": [b"Category"] + [b"Forum"] * len(BOARDS),
        "parent_node_id": np.where(number == 1, 0, 1),
        "lft": np.where(number == 1, 1, 2 * number - 2),
        "rgt": np.where(number == 1, 2 * len(BOARDS) + 2, 2 * number - 1),
        "depth": np.where(number == 1, 0, 1),
    }
