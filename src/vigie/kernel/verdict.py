"""What the end of a child means, as a code: the one place where a death becomes a Problem."""

from __future__ import annotations

import os
import pathlib
import signal
import typing as t

from vigie.rows.codes import CODES
from vigie.rows.wire import Done, Failed

FORBIDDEN: t.Final = signal.SIGSYS


def of_end(  # noqa: PLR0911 - one return for each way to end
    status: int, last: Done | Failed | None, said: int, unfinished: int, *, oom_killed: bool
) -> Done | Failed:
    """Give the final answer. ``status`` as ``waitpid`` gives it; ``last``: Done or Failed if the child said one."""
    if os.WIFSIGNALED(status):
        return _of_signal(os.WTERMSIG(status), oom_killed=oom_killed)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        return Failed(code="crashed", detail=f"the reader ended with status {code}")
    if unfinished:
        return Failed(code="protocol", detail=f"the answer ends inside a frame, after {unfinished} bytes of it")
    match last:
        case None:
            return Failed(code="protocol", detail="the reader ended without a last word")
        case Failed() if last.code not in CODES:
            return Failed(code="protocol", detail="a code that does not exist")
        case Done() if last.replies != said:
            return Failed(code="protocol", detail=f"{last.replies} replies claimed, {said} came")
        case _:
            return last


def _of_signal(number: int, *, oom_killed: bool) -> Failed:
    if number == FORBIDDEN:
        return Failed(code="forbidden_syscall", detail="a system call that no reader needs")
    if number == signal.SIGXCPU:
        return Failed(code="cpu_limit", detail="CPU time used up")
    if number == signal.SIGKILL and oom_killed:
        return Failed(code="memory_limit", detail="killed by the kernel for want of memory")
    return Failed(code="crashed", detail=f"killed by signal {number}")


def oom_kills() -> int:
    """Count the processes that this machine's kernel has killed for want of memory, since it was started."""
    for line in pathlib.Path("/proc/vmstat").read_text().splitlines():
        name, _, count = line.partition(" ")
        if name == "oom_kill":
            return int(count)
    return 0
