"""The case's own attributions as a TagPack: what it knows whose, and tags that it met, each with its source."""

from __future__ import annotations

import datetime as dt
import json
import typing as t

from vigie.kernel.case import Case, now
from vigie.kernel.table import look
from vigie.rows.payments import Watched
from vigie.rows.tags import CONCEPTS, CONFIDENCES, TAG_TYPES, Pack, Tag, Tagged

OWN: t.Final = {"derived": "derived from a public key that was seized", "wallet": "in a wallet file that was seized",
                "order": "orders of the platform were paid to it"}  # fmt: skip
"""Why an address is the platform's -> how that is known, for readers of the pack."""
MANDATORY: t.Final = ("label", "source", "currency", "network")
KNOWN: t.Final = {"category": CONCEPTS, "abuse": CONCEPTS, "concepts": CONCEPTS, "tag_type": TAG_TYPES,
                  "confidence": frozenset(CONFIDENCES)}  # fmt: skip
"""Fields whose words GraphSense must know: it refuses a pack with any other."""
INSTEAD: t.Final = {"tag_type": ["mention"], "confidence": ["unknown"]}
"""What claims nothing, for a word that it does not know."""
MOST_CONTEXT: t.Final = 4096


class Made(t.NamedTuple):
    """A TagPack as text, how many tags it has, and how many were left out as private."""

    text: str
    tags: int
    left_out: int


def tagpack(case: Case, *, with_private: bool = False) -> Made:
    """Return the TagPack (YAML) of a case. Words are in quotes, so that no reader makes numbers or truths of them."""
    known = case.read(Pack)
    private = {one.file for one in known if one.private}
    met = look("select * from tag semi join (select distinct tag from tagged where layer = 'B') x on x.tag = tag.key"
               " order by file, number", tag=case.read(Tag), tagged=case.read(Tagged))  # fmt: skip
    given = [one for one in met if with_private or one["file"] not in private]
    about = case.settings.case
    head = {
        "title": f"Attributions of case {about.name or case.folder.name}",
        "creator": about.authority,
        "description": "Each tag is an assertion with its source; none is proof of who controls an address.",
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    lines += ["is_public: false", "tags:"]
    own = list(_own(case))
    for one in (*own, *(_given(row) for row in given)):
        lines.append("- " + "\n  ".join(f"{name}: {_word(value)}" for name, value in one.items()))
    return Made("\n".join(lines if own or given else [*lines[:-1], "tags: []"]) + "\n", len(own) + len(given),
                len(met) - len(given))  # fmt: skip


def _own(case: Case) -> t.Iterator[dict[str, t.Any]]:
    """Give the platform's own addresses; those of its customers never leave the case."""
    label = case.settings.case.name or case.folder.name
    by = case.settings.case.authority
    sql = "select * from w where own and address <> '' order by network, address"
    for one in look(sql, w=case.read(Watched)):
        yield {
            "address": one["address"], "label": label, "source": f"{by}: {OWN.get(one['why'], '')}",
            "currency": "BTC", "network": "BTC", "tag_type": "actor", "confidence": "forensic_investigation",
            "lastmod": now(),
        }  # fmt: skip


def _given(row: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a tag as GraphSense takes it; words that it does not know go into the context, so that nothing is lost."""
    where = "address" if row["address"] else "tx_hash"  # a tag may have one of them alone
    made: dict[str, t.Any] = {where: row[where], **{name: row[name] or "not said" for name in MANDATORY}}
    beside = [f"tx_hash {row['tx_hash']}"] * bool(row["tx_hash"] and where == "address")
    for name, known in KNOWN.items():
        words = [one for one in row[name].split(", ") if one] if name == "concepts" else [row[name]] * bool(row[name])
        beside += [f"{name} {one}" for one in words if one not in known]
        words = [one for one in words if one in known] or list(INSTEAD.get(name, ()))
        if words:
            made[name] = words if name == "concepts" else words[0]
    if row["actor"]:
        made["actor"] = row["actor"]
    if context := "; ".join(filter(None, [row["context"], *beside])):
        made["context"] = context[:MOST_CONTEXT]
    if row["is_cluster_definer"]:
        made["is_cluster_definer"] = True
    if row["lastmod"]:
        made["lastmod"] = row["lastmod"]
    return made


def _word(value: t.Any) -> str:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}"
    return json.dumps(value, ensure_ascii=False)
