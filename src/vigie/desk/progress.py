"""How far it is: a live display on a terminal; elsewhere one line every few seconds, plain or JSON, on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
import time
import typing as t

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from vigie.desk import going, output
from vigie.desk.preparing import preparing
from vigie.kernel import evaluate, verify

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from vigie.kernel.evaluate import Watch
    from vigie.kernel.meanwhile import Count

EVERY_S = 5.0


@contextlib.contextmanager
def watching(*, as_json: bool) -> Iterator[Watch]:
    """Give a function that shows each event, and clear up behind it."""
    if as_json or not sys.stderr.isatty():
        lines = _Lines(as_json=as_json)
        with preparing(lines.told):
            yield lines
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:<14}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[said]}"),
    )
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=5) as display:
        shown = _Display(display)
        with preparing(shown.told):
            yield shown


def said(one: evaluate.Progress, seconds: float) -> str:
    """Return an event in words: items, bytes, rate, time left, problems."""
    if one.repeated:
        return "nothing to do"
    parts = [f"{one.done:,} of {one.of:,}"]
    if one.bytes_of:
        parts.append(f"{output.size(one.bytes_done)} of {output.size(one.bytes_of)}")
    new = one.done - one.kept
    if new > 0 and seconds > 0.5 and one.of > 1:
        parts.append(f"{new / seconds:,.1f}/s")
        if one.done < one.of:
            parts.append(f"{output.span((one.of - one.done) * seconds / new)} left")
    if one.kept:
        parts.append(f"{one.kept:,} from before")
    if one.problems:
        parts.append(f"{one.problems:,} problem{'s' if one.problems > 1 else ''}")
    if one.finished:
        parts.append(output.span(seconds))
    return " · ".join(parts)


class _Display:
    """Rows of a live display, one for each stage, and one for what is decided in all."""

    def __init__(self, display: Progress) -> None:
        self.display = display
        self.tasks: dict[str, tuple[TaskID, float]] = {}
        self.decided: TaskID | None = None
        self.aside: TaskID | None = None

    def __call__(self, one: evaluate.Progress) -> None:
        if one.decided.of:
            if self.decided is None:
                self.decided = self.display.add_task("decided", said="")
            self.display.update(
                self.decided, completed=one.decided.total, total=one.decided.of, said=going.told(one.decided)
            )
        if one.stage not in self.tasks:
            task = self.display.add_task(one.stage, total=max(one.of, 1), said="")
            self.tasks[one.stage] = (task, time.monotonic())
        task, began = self.tasks[one.stage]
        completed = max(one.of, 1) if one.finished else one.done
        text = said(one, time.monotonic() - began)
        self.display.update(task, completed=completed, total=max(one.of, 1), said=text)

    def told(self, text: str) -> None:
        """Show what goes on beside the stages, in a row of its own."""
        if self.aside is None:
            self.aside = self.display.add_task("once", said="", total=None)
        self.display.update(self.aside, said=text)


class _Lines:
    """A line for the beginning and the end of each stage, and now and then between."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.began: dict[str, float] = {}
        self.last = 0.0
        self.decided: Count | None = None

    def __call__(self, one: evaluate.Progress) -> None:
        now = time.monotonic()
        began = self.began.setdefault(one.stage, now)
        if one.repeated and not self.as_json:
            return
        if not one.finished and now - self.last < EVERY_S:
            return
        self.last = now
        if self.as_json:
            fields = msgspec.to_builtins(one)
            output.note(json.dumps({"progress": {**fields, "seconds": round(now - began, 3)}}))
        else:
            output.note(f"{one.stage}: {said(one, now - began)}")
            if one.decided.of and one.decided != self.decided:
                output.note(f"decided: {going.told(one.decided)}")
                self.decided = one.decided

    def told(self, text: str) -> None:
        """Say what goes on beside the stages."""
        output.note(json.dumps({"progress": {"note": text}}) if self.as_json else text)


@contextlib.contextmanager
def verifying(*, as_json: bool) -> Iterator[t.Callable[[verify.Step], None]]:
    """Give a function that shows how far a verification is."""
    with watching(as_json=as_json) as watch:

        def show(step: verify.Step) -> None:
            watch(
                evaluate.Progress(
                    stage=step.part,
                    done=step.done,
                    of=step.of,
                    bytes_done=step.bytes_done,
                    bytes_of=step.bytes_of,
                    finished=step.done == step.of,
                )
            )

        yield show
