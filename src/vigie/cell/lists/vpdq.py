"""One video's vPDQ frame hashes; the whole file is one entry. A bad frame costs itself only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie.cell.job import Refused
from vigie.cell.lists.reading.entries import bad_entry
from vigie.cell.lists.reading.format import Example, ListFormat, Replies, Source
from vigie.cell.lists.reading.frames import MOST_FRAMES, from_item, from_line, video_entries
from vigie.cell.lists.reading.lines import Lines, first_lines
from vigie.rows.wire import Frame, Trouble

_LINE = re.compile(r"\d+,\d+,[0-9A-Fa-f]{64},[\d.]+", re.ASCII)
_ITEM = re.compile(rb'\s*\[\s*"[0-9A-Fa-f]{64},\d+,[\d.]+"')
_STRING = re.compile(r'"([^"\\]*)"')


def _line_frames(lines: Lines) -> Iterator[tuple[int, Frame | str]]:
    for number, line in lines:
        if line is None:
            yield number, "the line is too long"
        elif line.strip():
            yield number, from_line(line.strip())


def _item_frames(lines: Lines) -> Iterator[tuple[int, Frame | str]]:
    """Items of a JSON list, wherever its lines break: the strings hold no quote and no escape."""
    position = 0
    for number, line in lines:
        if line is None:
            yield number, "the line is too long"
            continue
        for found in _STRING.finditer(line):
            yield number, from_item(position, found[1])
            position += 1


def _read(source: Source) -> Replies:
    head = source.head().lstrip()
    lines = Lines(source.open())
    frames: dict[int, Frame] = {}
    for number, frame in _item_frames(lines) if head.startswith(b"[") else _line_frames(lines):
        if isinstance(frame, str):
            yield bad_entry(number, f"line {number}: {frame}; the other frames loaded", counts=False)
        elif len(frames) >= MOST_FRAMES:
            yield Trouble(number=number, code="too_large", detail=f"more than {MOST_FRAMES} frames", counts=False)
            break
        elif frames.setdefault(frame.frame, frame) is not frame:
            yield bad_entry(number, f"line {number}: frame {frame.frame} comes twice; the first stays", counts=False)
    if not frames:
        raise Refused("bad_list", "no line reads frame,quality,hex,timestamp and no item reads hex,quality,timestamp")
    yield from video_entries(1, list(frames.values()))
    yield from lines.remarks()


def _detect(head: bytes) -> bool:
    lines = first_lines(head, 1)
    return bool(_ITEM.match(head)) or (bool(lines) and bool(_LINE.fullmatch(lines[0])))


def _example() -> Example:
    hexed = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    return Example(content=f"0,100,{hexed},0.000\n30,97,{hexed[::-1]},1.001\n".encode())


FORMAT = ListFormat(
    name="vpdq",
    reference="facebook/ThreatExchange, vpdq README (text) and python-threatexchange vpdq_util (JSON); media.md 5",
    detect=_detect,
    read=_read,
    example=_example,
)
