"""The pages say what is: generated ones are fresh, links lead somewhere, commands exist."""

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from vigie import steps
from vigie.desk.cli import COMMANDS, app
from vigie.kernel.stage import STAGES
from vigie.rows.base import ROWS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img[^>]+src=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`((?:\.venv/bin/)?vigie [^`\n]+)`")
LINE = re.compile(r"^(?:\$ .*|(?:\.venv/bin/)?vigie .*)$", re.MULTILINE)
COMMAND = re.compile(r"\bvigie ([a-z]+)([^|;)$]*)")
OPTION = re.compile(r"(?<=\s)(--[a-z-]+)")


def name(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("script", ["rows", "problems", "licences"])
def test_generated_pages_are_fresh(script):
    if script == "licences" and platform.machine() != "x86_64":
        pytest.skip("wheels of other machines carry other libraries: the page is written on x86-64")
    page = ROOT / "docs" / f"{script}.md"
    made = subprocess.run(
        [sys.executable, page.with_suffix(".py")], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert made == page.read_text(encoding="utf-8"), f"write it anew: python docs/{script}.py > docs/{script}.md"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [a or b for a, b in LINK.findall(text)]
    dead = [
        target
        for target in targets
        if not re.match(r"https?:", target) and not _there(page, *target.partition("#")[::2])
    ]
    assert dead == []


def _there(page, path, heading):
    target = (page.parent / path) if path else page
    if not target.exists():
        return False
    titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE) if heading else []
    return not heading or heading in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_and_options_exist(page):
    unknown = []
    for command, rest in (
        found for line in _commands(page.read_text(encoding="utf-8")) for found in COMMAND.findall(line)
    ):
        if command not in COMMANDS:
            unknown.append(f"vigie {command}")
            continue
        known = _options(command, rest.split())
        unknown += [f"vigie {command} {one}" for one in OPTION.findall(f" {rest}") if one not in known]
    assert unknown == []


def _commands(text):
    """Return what stands between ticks, and the lines of blocks that are commands."""
    return SPAN.findall(FENCE.sub("", text)) + [line for block in FENCE.findall(text) for line in LINE.findall(block)]


def _options(command, words):
    """Return the options of a command, or of the command in a group that the words begin with."""
    found = typer.main.get_command(app).get_command(None, command)
    below = getattr(found, "commands", {})
    found = below.get(words[0], found) if words else found
    return {one for param in found.params for one in (*param.opts, *param.secondary_opts)} | {"--help", "--version"}


def test_every_command_is_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [one for one in COMMANDS if f"vigie {one}" not in text] == []


def test_targets_of_make_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    said = {one for page in PAGES for one in re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8"))}
    assert said - targets == set()


def test_architecture_names_every_table_and_stage():
    steps.load()
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    tables = {name for name in ROWS if not name.startswith("truth")} - {"row"}
    assert sorted(one for one in tables if not re.search(rf"\b{one}\b", text)) == []
    assert sorted(one for one in STAGES if f"`{one}`" not in text) == []


def test_decisions_are_numbered_without_gap_and_say_what_a_decision_says():
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {page.name[:4]}"), page.name
        for part in ("Context", "Options", "Choice", "Consequences"):
            assert f"\n## {part}\n" in text, f"{page.name} has no part {part}"
