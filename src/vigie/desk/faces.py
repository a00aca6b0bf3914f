"""How each table looks to a person who asks for it: ``vigie show``."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.desk.money_faces import DRAWN
from vigie.rows.artefacts import Bundle, BundleFile, Field, File, Media, Relation, Tally
from vigie.rows.base import Row
from vigie.rows.copies import Copy, Extent, Layer, Remnant
from vigie.rows.countries import Address, Attribution, IpBase, Jurisdiction, Located, Signal
from vigie.rows.evidence import Item
from vigie.rows.groups import Group
from vigie.rows.leads import Lead
from vigie.rows.matches import HashList, Match
from vigie.rows.people import (
    Account,
    Attachment,
    Complaint,
    Event,
    Grant,
    Mapped,
    Membership,
    Mention,
    Message,
    Moderation,
    Payment,
    Platform,
    Post,
    Profile,
    Recipient,
    Secret,
    Section,
    Taken,
    Topic,
    Usergroup,
)
from vigie.rows.persons import Alias, Bond, Identifier, Parameter, Person, Resemblance, Shared, Weighing
from vigie.rows.problems import Problem
from vigie.rows.roles import Activity, Factor, Oddity, Ranked, Role, Timeline
from vigie.rows.uploads import Producer, Upload, Uploader
from vigie.rows.wallets import Wallet, WalletAddress, WalletKey, WalletMove, WalletSecret


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """How a table looks to a person."""

    row: type[Row]
    order: str
    """By columns that are never left out."""
    columns: tuple[str, ...]
    """Shown on the terminal; the other forms have all columns."""
    contact: tuple[str, ...] = ()
    """Columns by which a person can be reached or found: left out, of what is shown and of every export, unless they
    are asked for."""


FACES: t.Final[dict[str, Face]] = {
    "leads": Face(
        row=Lead,
        order="rank",
        columns=("rank", "key", "standing", "look", "points", "kind", "contents", "files", "example"),
    ),
    "groups": Face(
        row=Group,
        order="files desc, key",
        columns=("key", "standing", "kind", "contents", "files", "diameter_bits", "weakest_link_bits",
                 "representative"),
    ),
    "matches": Face(
        row=Match,
        order="method, distance_bits, content, key",
        columns=("key", "content", "method", "algorithm", "variant", "distance_bits", "threshold_bits", "relation",
                 "sampling", "start_s", "end_s", "meaning", "entry", "category"),
    ),
    "files": Face(
        row=File,
        order="locator",
        columns=("key", "locator", "size_bytes", "content_type", "origin", "modified", "sha256"),
    ),
    "problems": Face(row=Problem, order="stage, code, subject, key", columns=("stage", "code", "counts", "subject",
                                                                              "detail")),
    "lists": Face(
        row=HashList,
        order="name, key",
        columns=("key", "name", "version", "dated", "format", "meaning", "scheme", "entries", "withdrawn", "rejected"),
    ),
    "items": Face(row=Item, order="name", columns=("key", "name", "kind", "path", "taken_in_at", "examiner")),
    "media": Face(
        row=Media,
        order="content",
        columns=("content", "kind", "format", "width_px", "height_px", "duration_s", "camera_model", "encoder",
                 "taken"),
    ),
    "tallies": Face(row=Tally, order="container", columns=("key", "container", "by", "said", "met")),
    "relations": Face(
        row=Relation,
        order="content, place, name",
        columns=("key", "name", "rows", "extent", "misfits", "said_next", "fields", "dialect", "beside", "content"),
    ),
    "bundles": Face(
        row=Bundle, order="folder, content", columns=("key", "form", "folder", "files", "size_bytes", "content")
    ),
    "bundlefiles": Face(
        row=BundleFile, order="content, name, locator",
        columns=("key", "name", "of", "locator", "size_bytes", "content"),
    ),
    "fields": Face(
        row=Field, order="content, relation, number", columns=("key", "relation", "number", "name", "type", "content")
    ),
    "platforms": Face(
        row=Platform, order="content, prefix, key", columns=("key", "software", "title", "prefix", "score", "missing")
    ),
    "copies": Face(
        row=Copy, order="verdict desc, platform, later",
        columns=("verdict", "dated_by", "platform", "later", "ends", "later_ends", "shared", "same", "renamed",
                 "things", "things_same", "text"),
    ),
    "extents": Face(
        row=Extent, order='platform, "into", relation',
        columns=("relation", "into", "state", "rows", "text", "platform"),
    ),
    "layers": Face(
        row=Layer, order='platform, "into", relation',
        columns=("relation", "into", "rows", "same", "changed", "only", "gone", "later_read", "text", "platform"),
    ),
    "remnants": Face(
        row=Remnant, order='"into", kind, account, row_key',
        columns=("key", "kind", "into", "account", "later_read", "absent_because", "row_key", "ends", "platform"),
    ),
    "mapped": Face(
        row=Mapped,
        order='"into" = \'\' desc, content, relation, "column", key',
        columns=("relation", "column", "into", "field", "rule", "platform"),
    ),
    "taken": Face(
        row=Taken, order="platform, relation, rule", columns=("relation", "rule", "into", "read", "made", "left")
    ),
    "posts": Face(
        row=Post, order="platform, relation, number",
        columns=("key", "id", "topic", "account", "name", "at", "ip", "state", "subject", "number", "place"),
        contact=("ip", "text"),
    ),
    "topics": Face(
        row=Topic, order="platform, relation, number",
        columns=("key", "id", "section", "account", "at", "title", "state"),
    ),
    "sections": Face(
        row=Section, order="platform, relation, number",
        columns=("key", "id", "parent", "name", "locked", "description"),
    ),
    "messages": Face(
        row=Message, order="platform, relation, number",
        columns=("key", "id", "conversation", "account", "name", "at", "ip", "subject"),
        contact=("ip", "subject", "text"),
    ),
    "recipients": Face(
        row=Recipient, order="platform, relation, number, part", columns=("key", "message", "conversation", "account")
    ),
    "events": Face(
        row=Event, order="platform, relation, number, rule",
        columns=("key", "account", "name", "at", "ip", "action", "agent", "detail"),
        contact=("name", "ip", "forwarded", "device", "detail"),  # name: as typed at a log-in, also an address
    ),
    "attachments": Face(
        row=Attachment, order="platform, relation, number",
        columns=("key", "id", "account", "post", "message", "at", "name", "path", "digest", "size_bytes"),
    ),
    "payments": Face(
        row=Payment, order="platform, relation, number",
        columns=("key", "account", "at", "amount", "currency", "processor", "direction", "address", "transaction",
                 "status"),
        contact=("payer", "detail"),
    ),
    "profiles": Face(
        row=Profile, order="platform, relation, number, rule", columns=("key", "account", "kind", "name", "value"),
        contact=("value",),
    ),
    "usergroups": Face(
        row=Usergroup, order="platform, relation, number", columns=("key", "id", "name", "admin", "moderator", "paying")
    ),
    "memberships": Face(
        row=Membership, order="platform, relation, number, part",
        columns=("key", "account", "usergroup", "leader", "pending", "since", "until"),
    ),
    "grants": Face(
        row=Grant, order="platform, relation, number",
        columns=("key", "account", "usergroup", "section", "right", "gives"),
    ),
    "moderations": Face(
        row=Moderation, order="platform, relation, number",
        columns=("key", "account", "action", "target", "post", "at", "until", "detail"),
        contact=("ip", "detail"),
    ),
    "complaints": Face(
        row=Complaint, order="platform, relation, number", columns=("key", "account", "target", "post", "at", "text"),
        contact=("text",),
    ),
    "mentions": Face(
        row=Mention, order='platform, relation, number, "column", start',
        columns=("key", "kind", "value", "checked", "quoted", "relation", "number", "column", "context"),
        contact=("value", "context"),
    ),
    "secrets": Face(
        row=Secret, order='platform, relation, number, "column", start',
        columns=("key", "kind", "size_bytes", "relation", "number", "column"),
    ),
    "walletfiles": Face(
        row=Wallet, order="content",
        columns=("key", "kind", "network", "encrypted", "keys", "addresses", "labels", "moves", "secrets", "highest",
                 "text", "content"),
    ),
    "walletkeys": Face(
        row=WalletKey, order="content, number",
        columns=("key", "kind", "script_type", "fingerprint", "path", "branch", "next_index", "active", "carved",
                 "value", "place", "start"),
    ),
    "walletaddresses": Face(
        row=WalletAddress, order="content, number",
        columns=("key", "address", "own", "label", "order", "purpose", "path", "index", "carved", "place", "start"),
        contact=("label",),
    ),
    "walletmoves": Face(
        row=WalletMove, order="content, number",
        columns=("key", "txid", "at", "height", "amount_sat", "sent", "label", "carved", "place", "start"),
        contact=("label",),
    ),
    "walletsecrets": Face(
        row=WalletSecret, order="content, number",
        columns=("key", "kind", "size_bytes", "carved", "place", "start", "content"),
    ),
    "uploads": Face(
        row=Upload, order='"at" nulls last, key', columns=("key", "account", "content", "at", "by", "sure", "platform")
    ),
    "uploaders": Face(
        row=Uploader, order='"group", place, platform, account',
        columns=("group", "standing", "place", "alone", "account", "at", "uploads", "contents", "undated", "platform"),
    ),
    "producers": Face(
        row=Producer, order="rank",
        columns=("rank", "account", "name", "firsts_open", "firsts", "groups", "uploads", "first", "last", "platform"),
    ),
    "countries": Face(
        row=Jurisdiction, order="standing_as desc, accounts desc, further desc, country",
        columns=("standing_as", "country", "name", "accounts", "contested", "further", "uploaders", "uploads", "firsts",
                 "top", "remark"),
    ),
    "attributions": Face(
        row=Attribution, order="standing_as, weight desc, platform, account, rank",
        columns=("key", "account", "standing_as", "rank", "country", "weight", "share", "contested", "kinds",
                 "reasons"),
        contact=("reasons",),
    ),
    "signals": Face(
        row=Signal, order="platform, account, weight desc, kind, country, key",
        columns=("key", "account", "kind", "value", "country", "weight", "contested", "flags", "times", "sources",
                 "remark"),
        contact=("value",),
    ),
    "addresses": Face(
        row=Address, order="platform, account, use, key",
        columns=("key", "account", "ip", "use", "times", "first", "last", "platform"),
        contact=("ip",),
    ),
    "located": Face(
        row=Located, order="country, flags, key", columns=("key", "ip", "country", "flags", "asn", "file"),
        contact=("ip",),
    ),
    "ipbases": Face(
        row=IpBase, order="name, dated, key",
        columns=("key", "name", "dated", "format", "ipv4", "ipv6", "countries", "rejected", "overlaps", "about"),
    ),
    "accounts": Face(
        row=Account, order="platform, relation, number",
        columns=("key", "id", "name", "state", "technical", "registered", "last_seen", "posts_said", "usergroup",
                 "platform"),
        contact=("email", "registration_ip", "last_ip", "born"),
    ),
    "activities": Face(
        row=Activity, order="platform, account",
        columns=("key", "account", "name", "posts", "topics", "sent", "uploads", "moderation", "days", "first", "last"),
    ),
    "roles": Face(
        row=Role, order="platform, account, basis, role",
        columns=("key", "account", "role", "basis", "score", "ended", "reason"),
    ),
    "ranked": Face(
        row=Ranked, order="rank, key",
        columns=("rank", "key", "name", "account", "facts", "inferred", "points", "platform"),
    ),
    "factors": Face(
        row=Factor, order="platform, account, points desc, name",
        columns=("account", "name", "points", "value", "weight", "text"),
    ),
    "timelines": Face(
        row=Timeline, order="platform, account, unit, slot",
        columns=("account", "unit", "slot", "begins", "registrations", "posts", "messages", "uploads", "events"),
    ),
    "oddities": Face(
        row=Oddity, order="platform, account, kind", columns=("account", "kind", "count", "first", "last", "text")
    ),
    "identifiers": Face(
        row=Identifier, order="platform, account, kind, key",
        columns=("key", "account", "kind", "value", "holding", "checked", "relation", "number", "platform"),
        contact=("value", "written", "context"),
    ),
    "shared": Face(
        row=Shared, order="verdict desc, own desc, kind, key",
        columns=("key", "kind", "value", "verdict", "own", "others", "platforms", "text"), contact=("value",),
    ),
    "bonds": Face(
        row=Bond, order="strength, platform_a, account_a, platform_b, account_b, kind, key",
        columns=("key", "strength", "account_a", "account_b", "kind", "value", "text", "platform_a", "platform_b"),
        contact=("value",),
    ),
    "persons": Face(
        row=Person, order="accounts desc, platform, account",
        columns=("key", "accounts", "platforms", "bonds", "kinds", "handles", "doubt"),
    ),
    "aliases": Face(
        row=Alias, order="person, platform, account", columns=("person", "key", "account", "name", "platform")
    ),
    "resemblances": Face(
        row=Resemblance, order="weight_bits desc, platform_a, account_a, platform_b, account_b",
        columns=("key", "verdict", "probability", "weight_bits", "account_a", "name_a", "account_b", "name_b", "by"),
    ),
    "weighings": Face(
        row=Weighing, order="resemblance, bits desc, comparison",
        columns=("resemblance", "comparison", "level", "bits", "text"),
    ),
    "parameters": Face(
        row=Parameter, order="comparison, level", columns=("comparison", "level", "name", "m", "u", "pairs", "left")
    ),
}  # fmt: skip
FACES.update(
    {
        name: Face(row=one.row, order=one.order, columns=tuple(one.columns.split()), contact=tuple(one.contact.split()))
        for name, one in DRAWN.items()
    }
)
