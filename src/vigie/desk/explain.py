"""``vigie explain``: why a row is there, back to the seized item."""

from __future__ import annotations

import typing as t

import msgspec
import typer
from rich.measure import Measurement
from rich.text import Text
from rich.tree import Tree

from vigie.desk import output
from vigie.desk.faces import FACES
from vigie.desk.money_faces import SAYING as OF_MONEY
from vigie.desk.opening import viewed
from vigie.desk.options import Folder, Json, WithContact, left_out
from vigie.desk.tables import console
from vigie.kernel.explain import Node, Rule
from vigie.kernel.explain import explain as explained

command = typer.Typer(add_completion=False)

MOST_WIDE: t.Final = 2000
CONTACT: t.Final = {one.row.table(): one.contact for one in FACES.values()}
ACTS: t.Final = {"taken_in": "taken in", "list_added": "added", "geo_added": "added", "tags_added": "added",
                 "chain_used": "named as the chain of the case", "given": "given"}  # fmt: skip
"""What people did with what they handed over."""
SAID: t.Final = {"manifest": "manifest", "sha256": "SHA-256", "identity": "identity"}
WHEN: t.Final = ("start_s", "end_s", "known_start_s", "known_end_s", "run_s", "spans")
"""Columns of a match that say something of videos only."""
SAYING: t.Final[dict[str, tuple[str, ...]]] = {
    "lead": ("rank", "standing", "points", "look", "example"),
    "reason": ("name", "points", "value", "weight", "text"),
    "group": ("standing", "contents", "files", "diameter_bits", "weakest_link_bits", "representative"),
    "member": ("content", "standing", "distance_bits"),
    "link": ("method", "variant", "variant_of", "distance_bits", "a", "b"),
    "candidate": ("by", "part_a", "part_b", "votes", "distance_bits"),
    "compared": (
        *("verdict", "variant", "variant_of", "inliers", "tried", "agreement", "framed", "overlap_a", "overlap_b"),
        *("scale", "degrees", "a", "b"),
    ),
    "tie": ("kind", "value", "groups", "with_listed"),
    "standing": ("content", "standing", "matches", "variant", "distance_bits"),
    "match": (
        *("method", "algorithm", "variant", "sampling", "distance_bits", "threshold_bits", "relation", *WHEN),
        *("meaning", "entry", "category"),
    ),
    "known": ("entry", "number", "algorithm", "value", "category", "meaning"),
    "hashlist": ("name", "version", "dated", "format", "meaning", "entries"),
    "listfile": ("path", "sha256", "added_at"),
    "fingerprint": ("algorithm", "value", "quality", "frame", "at_s"),
    "denseprint": ("algorithm", "value", "quality", "frame", "at_s"),
    "decided": ("in_order_s", "different"),
    "variants": (),
    "regions": (),
    "media": ("format", "width_px", "height_px", "camera_model", "taken", "decoder"),
    "file": ("locator", "size_bytes", "content_type", "sha256", "origin"),
    "withdrawn": (),
    "withdrawal": ("number", "entry", "algorithm", "value"),
    "found": ("path", "size_bytes"),
    "original": ("path", "size_bytes", "sha256"),
    "verification": ("verdict", "stored_md5", "stored_sha1", "damage"),
    "item": ("name", "path", "taken_in_at", "examiner"),
    "bundle": ("form", "folder", "files", "size_bytes"),
    "bundlefile": ("name", "of", "locator", "size_bytes"),
    "platform": ("software", "title", "prefix", "score"),
    "account": ("id", "name", "registered", "state", "relation", "number", "place", "rule"),
    "profile": ("account", "kind", "name", "relation", "number", "place", "rule"),
    "usergroup": ("id", "name", "admin", "moderator", "relation", "number", "place", "rule"),
    "membership": ("account", "usergroup", "relation", "number", "place", "rule"),
    "grant": ("account", "usergroup", "right", "gives", "relation", "number", "place", "rule"),
    "section": ("id", "name", "relation", "number", "place", "rule"),
    "topic": ("id", "account", "at", "title", "relation", "number", "place", "rule"),
    "post": ("id", "account", "name", "at", "ip", "relation", "number", "place", "rule"),
    "message": ("id", "account", "at", "ip", "relation", "number", "place", "rule"),
    "recipient": ("message", "conversation", "account", "relation", "number", "place", "rule"),
    "event": ("account", "action", "at", "ip", "relation", "number", "place", "rule"),
    "attachment": ("id", "account", "at", "name", "path", "digest", "relation", "number", "place", "rule"),
    "payment": ("account", "at", "amount", "currency", "direction", "relation", "number", "place", "rule"),
    "moderation": ("account", "action", "target", "at", "relation", "number", "place", "rule"),
    "complaint": ("account", "target", "at", "relation", "number", "place", "rule"),
    "mention": ("kind", "value", "checked", "quoted", "relation", "number", "column"),
    "secret": ("kind", "size_bytes", "relation", "number", "column"),
    "upload": ("account", "at", "by", "sure"),
    "uploader": ("account", "place", "at", "uploads", "standing"),
    "producer": ("account", "name", "rank", "firsts_open", "firsts"),
    "ranked": ("rank", "name", "account", "points", "facts", "inferred"),
    "factor": ("name", "points", "value", "weight", "text"),
    "role": ("role", "basis", "score", "ended", "reason"),
    "activity": ("account", "name", "posts", "uploads", "moderation", "first", "last"),
    "person": ("accounts", "platforms", "kinds", "handles", "doubt"),
    "alias": ("account", "name"),
    "bond": ("strength", "kind", "text"),
    "identifier": ("account", "kind", "holding", "relation", "number"),
    "shared": ("kind", "verdict", "own", "others", "text"),
    "resemblance": ("verdict", "probability", "name_a", "name_b", "by"),
    "weighing": ("comparison", "bits", "text"),
    "parameter": ("comparison", "name", "m", "u", "pairs"),
    "jurisdiction": ("standing_as", "country", "name", "accounts", "contested", "uploaders"),
    "attribution": ("account", "country", "rank", "share", "contested", "kinds"),
    "signal": ("kind", "country", "weight", "contested", "times", "first", "last"),
    "address": ("account", "use", "times", "first", "last"),
    "copy": ("verdict", "text"),
    "extent": ("relation", "into", "state", "text"),
    "layer": ("relation", "into", "rows", "same", "changed", "only", "gone", "text"),
    "remnant": ("kind", "into", "account", "ends", "absent_because"),
    "problem": ("stage", "code", "subject", "detail"),
    **OF_MONEY,
    "packfile": ("path", "sha256", "added_at", "private"),
    "ledger": ("network", "path", "height", "scoped", "added_at"),
}


@command.command("explain")
def explain(
    folder: Folder,
    key: t.Annotated[
        str, typer.Argument(metavar="KEY", help="A key or digest in hex, or the beginning of one, or a locator.")
    ],
    with_contact: WithContact = False,
    as_json: Json = False,
) -> None:
    """Show the whole chain from a row back to the seized item: rule, versions, run, log entry at each step."""
    case = viewed(folder)
    found = explained(case, key)
    if not with_contact:
        left: dict[str, None] = {}
        found = [_without(one, left) for one in found]
        if left:
            left_out(list(left), as_json=as_json)
    if as_json:
        output.document("explain", asked=key, nodes=[msgspec.to_builtins(one) for one in found])
        return
    rules: dict[str, Rule] = {}
    for one in found:
        tree = Tree(_line(one), guide_style="dim")
        _grow(tree, one, rules)
        out = console(piped=MOST_WIDE)
        # A digest cut in two is found by nobody: lines end between words, and the terminal breaks what is too long.
        least = Measurement.get(out, out.options.update(width=MOST_WIDE), tree).minimum
        out.width = max(out.width, least)
        out.print(tree)
    output.emit("")
    for rule in rules.values():
        console().print(Text(_ruled(rule)), soft_wrap=True)


def _without(node: Node, left: dict[str, None]) -> Node:
    """Return an explanation without what ``vigie show`` leaves out too; names of columns that said something."""
    gone = CONTACT.get(node.table, ())
    left |= dict.fromkeys(name for name in gone if node.row[name])
    row = {name: value for name, value in node.row.items() if name not in gone}
    return msgspec.structs.replace(node, row=row, rests_on=[_without(one, left) for one in node.rests_on])


def _grow(tree: Tree, node: Node, rules: dict[str, Rule]) -> None:
    rules.setdefault(node.rule.run, node.rule)
    if node.custody is not None and not node.again:
        tree.add(Text(_custody(node.custody), style="bold"))
    if node.again and not node.rests_on:
        return
    for below in node.rests_on:
        _grow(tree.add(_line(below)), below, rules)
    for link, count in node.more.items():
        tree.add(Text(f"… {count:,} more by {link}", style="dim"))


def _line(node: Node) -> Text:
    text = Text()
    text.append(f"{node.table} {node.key[:12]}", style="bold")
    for name in SAYING.get(node.table, ()):
        value = node.row.get(name)
        if value not in ("", None) and (name not in WHEN or node.row["method"] in ("video", "frame")):
            text.append(f"  {name} ", style="dim")
            text.append(output.clean(_short(value), most=160))
    text.append(f"  ← {node.rule.stage}, run {node.rule.run[:8]}", style="cyan")
    if node.again:
        text.append("  (explained elsewhere in this tree)", style="dim")
    return text


def _short(value: t.Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _custody(entry: dict[str, t.Any]) -> str:
    if entry["entry"] is None:
        return "custody: listed, and not yet in the log (the command that adds it was stopped)"
    text = f"custody entry {entry['entry']}: {ACTS[entry['act']]} by {output.clean(entry['who'])} at {entry['at']}"
    text += "".join(f"; {said} {entry[name]}" for name, said in SAID.items() if name in entry)
    if entry["checkpoint"]:
        text += f"; signed as checkpoint {entry['checkpoint']['number']}, root {entry['checkpoint']['root']}"
    return text


def _ruled(rule: Rule) -> str:
    params = f", settings {rule.params}" if rule.params else ""
    code = f", code {rule.code[:16]}" if rule.code else ""
    cell = f", readers {rule.cell[:16]}, isolation {rule.isolation}" if rule.cell else ""
    tools = " ".join(f"{name} {number}" for name, number in rule.tools.items())
    return output.clean(
        f"run {rule.run}: {rule.stage}, vigie {rule.version}{code}{cell}, {tools}, started {rule.started},"
        f" custody entry {rule.custody_entry}{params}",
        most=2000,
    )
