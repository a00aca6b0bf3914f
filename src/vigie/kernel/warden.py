"""Starts one zygote, gives it orders and hears how they ended. Knows nothing of what is asked."""

from __future__ import annotations

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import typing as t

import msgspec

from vigie.kernel.errors import VigieError
from vigie.rows.control import FROM_ZYGOTE, MOST_BYTES, Ended, Hello, Order, Stop

if t.TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

START_S: t.Final = 120.0
"""Loading every decoder, and compiling hot loops the first time."""
STOP_S: t.Final = 5.0
"""From an order to kill until it must be reported done."""
WORDS: t.Final = msgspec.msgpack.Decoder(FROM_ZYGOTE)
ONE_THREAD: t.Final = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""A process with threads must not fork (Arrow's allocator starts one); one arena, as each counts against the limit of
address space. What is freed stays for what comes next, piece after piece: a fifth of the time went into new pages."""
BUBBLEWRAP: t.Final = """
--unshare-all --die-with-parent --new-session --as-pid-1 --cap-drop ALL --ro-bind / / --dev /dev --proc /proc
"""

Launcher = t.Literal["direct", "bubblewrap"]


class CellBroken(VigieError):  # noqa: N818 - reads as what it tells
    """The sandbox does not start: the installation is broken, not the evidence."""


class ZygoteLost(Exception):  # noqa: N818 - a fact the cell deals with, never the user
    """The zygote died, or does not answer."""


def bubblewrap() -> str | None:
    """Where bubblewrap is installed, if it is."""
    return shutil.which("bwrap")


class Warden:
    """One zygote process, warm from the start."""

    def __init__(
        self,
        *,
        home: Path,
        launcher: Launcher = "direct",
        job: str | None = None,
        jobs: Path | None = None,
        without: Collection[str] = (),
    ) -> None:
        """Start it and wait until it is warm. ``home``: a folder for compiled loops where the user has none."""
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the zygote
        command = [sys.executable, "-I", "-m", "vigie.cell", "--control", str(theirs.fileno())]
        if job is not None:
            command += ["--only", job]
        if jobs is not None:
            command += ["--jobs", str(jobs)]
        for layer in without:
            command += ["--without", layer]
        if launcher == "bubblewrap":
            command = [bubblewrap() or "bwrap", *BUBBLEWRAP.split(), *command]
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env=_environment(home),
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is for the house, which then stops its cells in order
            )
        self.orders = 0
        self.lost = False
        self.complaint = ""
        self._line.settimeout(START_S)
        try:
            hello = self.hear()
        except ZygoteLost as lost:
            self.close()
            raise CellBroken(f"The sandbox process does not start ({lost}): {self.complaint}") from None
        if not isinstance(hello, Hello):
            self.close()
            raise CellBroken(f"The sandbox process started with {hello!r}.")
        self.hello = hello
        self._line.settimeout(STOP_S)

    @property
    def pid(self) -> int:
        """The process that was started: the zygote itself or the one that waits for it."""
        return self._process.pid

    @property
    def own_namespaces(self) -> frozenset[str]:
        """Names of the namespaces in which the zygote is apart from this process."""
        return frozenset(
            name
            for name, identity in self.hello.namespaces.items()
            if str(pathlib.Path(f"/proc/self/ns/{name}").readlink()) != identity
        )

    def fileno(self) -> int:
        """For ``poll``: readable when the zygote has something to say, or is gone."""
        return self._line.fileno()

    def order(self, order: Order, fds: Sequence[int]) -> None:
        """Have a child forked. Raises ``ZygoteLost``."""
        self.orders += 1
        self._say(order, fds)

    def hear(self) -> Hello | Ended:
        """Hear what the zygote says next. Raises ``ZygoteLost`` when it is gone or silent for too long."""
        try:
            packet = self._line.recv(MOST_BYTES)
        except OSError as error:
            self.lost = True
            raise ZygoteLost(str(error)) from error
        if not packet:
            self.lost = True
            raise ZygoteLost("it ended")
        word: Hello | Ended = WORDS.decode(packet)
        return word

    def stop(self, serial: int) -> Ended:
        """Kill the child of this order and wait until it and all it started are gone. Raises ``ZygoteLost``."""
        self.kill(serial)
        while True:
            word = self.hear()
            if isinstance(word, Ended) and word.serial == serial:
                return word

    def kill(self, serial: int) -> None:
        """Have the child of this order killed; whoever hears the zygote learns of its end. Raises ``ZygoteLost``."""
        self._say(Stop(serial=serial))

    def close(self) -> None:
        """End the zygote, whatever it does; ``complaint`` is then what it wrote to stderr last."""
        self.lost = True
        self._line.close()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.complaint = self._last_words()
        self._errors.close()

    def _say(self, word: Order | Stop, fds: Sequence[int] = ()) -> None:
        try:
            socket.send_fds(self._line, [msgspec.msgpack.encode(word)], fds)
        except OSError as error:
            self.lost = True
            raise ZygoteLost(str(error)) from error

    def _last_words(self) -> str:
        end = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, end - 2000))
        return self._errors.read().decode("utf-8", "replace").strip()


def _environment(home: Path) -> dict[str, str]:
    """As good as nothing: threads, text encoding, and where numba finds the loops it has compiled before."""
    own = os.environ.get("HOME", "")
    return {"LC_ALL": "C.UTF-8", "HOME": own if os.access(own, os.W_OK) else str(home), **ONE_THREAD}
