"""Every folder of ``cases``: a list as it may arrive, and the replies it must give, one JSON object a line.

``ask.json`` holds the format asked for and the mapping, where they are not ``auto`` and none. After a change that
is meant, ``python tests/lists/test_cases.py`` writes the expected replies anew; read the difference before you commit.
"""

import json
import os
import sys
from pathlib import Path

import msgspec
import pytest

from vigie.cell.job import Bench, Refused
from vigie.cell.jobs.read_list import JOB
from vigie.rows import wire

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
BYTES = ("md5", "sha1", "sha256", "pdq", "value")


def plain(value):
    """A reply as JSON: digests in hex, and nothing that stands at its default."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, msgspec.Struct):
        defaults = {field.name: field.default for field in msgspec.structs.fields(type(value))}
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        kept = {name: plain(field) for name, field in fields.items() if field not in (defaults[name], [])}
        return {"is": type(value).__name__, **kept} if isinstance(value, wire.Reply) else kept
    return value


def replies(case):
    ask = json.loads((case / "ask.json").read_text()) if (case / "ask.json").exists() else {}
    found = []
    (path,) = [path for path in case.iterdir() if path.name.startswith("list.")]
    with path.open("rb") as file:
        bench = Bench(files=[file], scratch=[], scratch_paths=[], send=found.append)
        try:
            JOB.run(wire.ReadList(**{"format": "auto", "paths": [os.fsencode(path)], **ask}), bench)
        except Refused as refused:
            found.append(wire.Failed(code=refused.code, detail=refused.detail))
    return [plain(reply) for reply in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case):
    expected = [json.loads(line) for line in (case / "expected.jsonl").read_text().splitlines()]
    assert replies(case) == expected


if __name__ == "__main__":
    for case in CASES if len(sys.argv) == 1 else [case for case in CASES if case.name in sys.argv]:
        lines = [json.dumps(reply, ensure_ascii=False) for reply in replies(case)]
        (case / "expected.jsonl").write_text("\n".join(lines) + "\n")
