"""A minute of compiling is said, and nothing is where nothing is compiled."""

import time

from vigie.desk.preparing import preparing, ready


def test_what_is_compiled_meanwhile_is_told(tmp_path):
    heard = []
    (tmp_path / "a-1.py311.nbi").touch()
    with preparing(heard.append, count=lambda: ready(tmp_path), every_s=0.02):
        time.sleep(0.06)
        assert heard == []
        (tmp_path / "b-1.py311.nbi").touch()
        until = time.monotonic() + 10
        while not heard and time.monotonic() < until:
            time.sleep(0.02)
    assert heard == ["preparing native loops, once for this installation: 2 ready"]
