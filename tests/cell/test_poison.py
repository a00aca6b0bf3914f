"""The poison run: 400 items, 6 of them hostile, one zygote killed: 400 answers, each the right one."""

import os
import signal
import threading

import msgspec
import pytest

from vigie.kernel.cell import Cell, Limits
from vigie.rows import wire

POISON = {
    17: ("segfault", "crashed"),
    90: ("spin", "cpu_limit"),
    155: ("sleep", "timeout"),
    222: ("allocate", "memory_limit"),
    301: ("flood", "output_limit"),
    377: ("fork", "forbidden_syscall"),
}
LIMITS = Limits(wall_s=20, cpu_s=1, memory_bytes=128 << 20)
ITEMS = 400
KILLED = 200


def test_four_hundred_of_four_hundred(tmp_path, jobs, plays):
    answers = {}

    def work(items):
        with Cell(scratch=tmp_path, jobs=jobs) as cell:
            for item in items:
                if item == KILLED:
                    os.kill(cell.zygote, signal.SIGKILL)
                act, _ = POISON.get(item, ("many", ""))
                number = 4 << 30 if act == "allocate" else 1
                limits = msgspec.structs.replace(LIMITS, wall_s=0.5) if act == "sleep" else LIMITS
                answers[item] = list(cell.ask(plays.Play(act=act, number=number), limits=limits))

    try:
        Cell(scratch=tmp_path, jobs=jobs).close()
    except Exception as weak:  # noqa: BLE001 - whatever it is, it is the reason to skip
        pytest.skip(f"needs isolation S2: {weak}")
    threads = [threading.Thread(target=work, args=(range(start, ITEMS, 2),)) for start in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == ITEMS
    for item, replies in answers.items():
        if item in POISON:
            assert replies[-1].code == POISON[item][1], (item, replies[-1])
        elif item == KILLED and replies[-1] == wire.Failed(code="worker_lost", detail="it ended"):
            assert len(replies) == 2, "it had begun to answer when its zygote died, and was not asked again"
        else:
            assert replies == [wire.Trouble(number=0, code="damaged"), wire.Done(replies=1)], item
