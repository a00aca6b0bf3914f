"""What others say of the exchanges: a TagPack and an ActorPack (GraphSense's schemas), with what is wrong with such."""

from __future__ import annotations

import typing as t

import msgspec

from vigie.sample.chain.exchanges import EXCHANGES

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TAGS, ACTORS = "tags.yaml", "actors.yaml"
_OLD, _NEW = "2015-03-01", "2025-06-01"


def write_tags(folder: Path, hot: Mapping[str, Sequence[str]]) -> tuple[Path, Path]:
    """Write tags of hot addresses, and the actors behind them; return where.

    One address has two tags that contradict each other, one tag is ten years old, one exchange has no jurisdiction.
    """
    tags: list[dict[str, t.Any]] = []
    for number, one in enumerate(EXCHANGES):
        tags += [
            {"address": address, "label": one.label, "actor": one.id, "lastmod": _OLD if number == 3 else _NEW}
            for address in hot.get(one.id, ())
        ]
    if tags:
        other = next(one for one in EXCHANGES if one.id != tags[0]["actor"])
        tags.append(
            {**tags[0], "label": other.label, "actor": other.id, "confidence": "web_crawl",
             "source": "https://forum.example.org/who-owns-this"}
        )  # fmt: skip
    pack = {
        "title": "Practice tags",
        "creator": "vigie sample",
        "description": "Hot addresses of made-up exchanges on a practice chain",
        "is_public": False,
        "currency": "BTC",
        "network": "BTC",
        "category": "exchange",
        "confidence": "service_data",
        "tag_type": "actor",
        "source": "https://tags.example.org/practice",
        "is_cluster_definer": True,
        "tags": tags,
    }
    actors = {
        "title": "Practice actors",
        "creator": "vigie sample",
        "description": "Exchanges that do not exist",
        "is_public": False,
        "actors": [
            {
                "id": one.id,
                "label": one.label,
                "uri": f"https://{one.id}.example.org",
                "lastmod": _NEW,
                "categories": ["exchange"],
                **({"jurisdictions": list(one.countries)} if one.countries else {}),
                "context": msgspec.json.encode({"legal_name": f"{one.label} Ltd (made up)"}).decode(),
            }
            for one in EXCHANGES
        ],
    }
    paths = folder / TAGS, folder / ACTORS
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in zip(paths, (pack, actors), strict=True):
        path.write_text(_yaml(content), encoding="utf-8")
    return paths


def _yaml(value: Mapping[str, t.Any]) -> str:
    """Return a mapping of plain values and of lists of such mappings as YAML; texts stand quoted, as in JSON."""
    lines = []
    for key, one in value.items():
        if isinstance(one, list) and one and isinstance(one[0], dict):
            lines.append(f"{key}:")
            for entry in one:
                inner = [f"{name}: {_scalar(said)}" for name, said in entry.items()]
                lines += [f"- {inner[0]}", *(f"  {line}" for line in inner[1:])]
        else:
            lines.append(f"{key}: {_scalar(one)}")
    return "\n".join(lines) + "\n"


def _scalar(value: t.Any) -> str:
    if isinstance(value, str) and len(value) == len(_NEW) and value[4] == value[7] == "-":
        return value  # a date, which YAML knows as such
    return msgspec.json.encode(value).decode()
