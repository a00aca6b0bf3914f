"""The cell's own readers on the sample: same files, same digests, same Problems as the truth."""

import io
import tempfile

import pytest

from sample.walking import loose
from vigie.cell.job import Bench, Refused
from vigie.cell.jobs import decode, expand, read_list, watch
from vigie.cell.sniff import HEAD_BYTES, TAIL_BYTES, content_type
from vigie.rows.locator import join
from vigie.rows.wire import Decode, Entry, Expand, ListHead, Member, ReadList, Trouble, Watch


def run(job, ask, data):
    """Return (replies, code of the refusal or "")."""
    replies = []
    with tempfile.TemporaryFile() as scratch:
        bench = Bench(files=[io.BytesIO(data)], scratch=[scratch], scratch_paths=[], send=replies.append)
        try:
            job.JOB.run(ask, bench)
        except Refused as refused:
            return replies, refused.code
    return replies, ""


def decoded(kind, data):
    job, ask = (decode, Decode) if kind == "image" else (watch, Watch)
    return run(job, ask(content_type=kind_of(data)), data)


def kind_of(data):
    return content_type(data[:HEAD_BYTES], tail=data[-TAIL_BYTES:], size=len(data))


def test_containers_hold_what_truth_says(case, truth):
    members, problems = {}, {}
    for steps, path in loose(case.folder / "evidence"):
        top = join(*steps)
        if path.is_symlink() or truth[top]["kind"] != "container":
            continue
        data = path.read_bytes()
        replies, code = run(expand, Expand(content_type=kind_of(data)), data)
        problems |= {top: code} if code else {}
        members |= {join(*steps, *one.steps): one.sha256 for one in replies if isinstance(one, Member)}
        problems |= {join(*steps, *one.steps): one.code for one in replies if isinstance(one, Trouble)}
    inside = {name: row for name, row in truth.items() if name.startswith(_tops(truth)) and "!" in name}
    told = {name: row["sha256"] for name, row in inside.items() if row["problem"] != "encrypted"}
    assert {name: members.get(name) for name in told} == told
    containers = {name: row for name, row in truth.items() if row["kind"] == "container" or name in inside}
    assert problems == {name: row["problem"] for name, row in containers.items() if row["problem"]}


def _tops(truth):
    return tuple(f"{name}!" for name, row in truth.items() if row["kind"] == "container")


def test_damaged_media_give_the_problem_that_truth_names(found, truth):
    expected, given = {}, {}
    for locator, row in truth.items():
        if row["kind"] in {"image", "video"} and row["problem"] in {"truncated", "decode_error"}:
            expected[locator] = row["problem"]
            _, given[locator] = decoded(row["kind"], found[locator])
    assert len(expected) >= 4
    assert given == expected


def test_whole_media_give_none(found, truth):
    some = [name for name, row in truth.items() if row["kind"] in {"image", "video"} and not row["problem"]][::5]
    for locator in some:
        replies, code = decoded(truth[locator]["kind"], found[locator])
        assert (code, [one for one in replies if isinstance(one, Trouble)]) == ("", []), locator


@pytest.mark.parametrize(
    ("name", "format_", "bad"),
    [
        ("national-vics-2.0.json", "vics", 0),
        ("older-vics-1.3.json", "vics", 0),
        ("icse.csv", "icse", 0),
        ("unit-sha256sum.txt", "checksums", 0),
        ("unit-md5sum.txt", "checksums", 3),
        ("exchange-pdq.csv", "threatexchange", 0),
        ("exchange-mixed.json", "threatexchange", 0),
    ],
)
def test_lists_are_recognised_and_load(case, name, format_, bad):
    replies, code = run(read_list, ReadList(format="auto"), (case.folder / "lists" / name).read_bytes())
    assert code == ""
    assert next(one.format for one in replies if isinstance(one, ListHead)) == format_
    assert sum(isinstance(one, Trouble) and one.code == "bad_entry" for one in replies) == bad
    assert sum(isinstance(one, Entry) for one in replies) >= 50
