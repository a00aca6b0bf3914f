"""A real node for tests: Debian sid's ``bitcoin-knots``, unpacked into a folder of its own and never installed.

It is fetched once (14 MB, by apt with a configuration of its own, no root) into ``.knots`` of the repository. Where it
cannot be had, tests skip and say so. ``VIGIE_KNOTS`` may name a folder in which it lies unpacked.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("VIGIE_KNOTS", Path(__file__).parents[1] / ".knots"))
LIBRARIES = "usr/lib/x86_64-linux-gnu"
WANTED = "bitcoin-knots"
KEYS = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Knots:
    """One regtest node that runs, and what asks it as its own command line would."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options = folder, options
        self.port = _free_port()
        self.start()

    @property
    def cookie(self) -> Path:
        """Where it writes its login."""
        return self.folder / "regtest" / ".cookie"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.folder.mkdir(exist_ok=True)
        command = _command("bitcoind", self.folder, self.port)
        fixed = ("-server=1", "-listen=0", "-dnsseed=0", "-fixedseeds=0", "-fallbackfee=0.0001", "-printtoconsole=0")
        self._process = subprocess.Popen([*command, *fixed, *self.options], stderr=subprocess.PIPE)
        for _ in range(600):
            if self._process.poll() is not None:
                _, said = self._process.communicate()
                pytest.skip(f"the node does not start here: {said.decode(errors='replace')[-300:]}")
            with contextlib.suppress(subprocess.CalledProcessError):
                self.ask("getblockcount")
                return
            time.sleep(0.05)
        self.stop()
        pytest.skip("the node does not answer within half a minute")

    def stop(self) -> None:
        """End it, whatever it does."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        self._process.kill()
        self._process.communicate()

    def ask(self, method: str, *params: t.Any, wallet: str = "") -> t.Any:
        """Call a method; what it says as JSON is decoded."""
        command = _command("bitcoin-cli", self.folder, self.port)
        which = [f"-rpcwallet={wallet}"] if wallet else []
        given = [one if isinstance(one, str) else json.dumps(one) for one in params]
        done = subprocess.run([*command, *which, method, *given], check=True, capture_output=True, text=True)
        said = done.stdout.strip()
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(said)
        return said


def had() -> Path:
    """Return where the node lies unpacked, fetched if need be; skips the test where it cannot be had."""
    if _whole(FOLDER):
        return FOLDER
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            pytest.skip(f"a real node is fetched with {tool}, which is not here; or unpack one and set VIGIE_KNOTS")
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _whole(FOLDER):
            _fetch(FOLDER)
    return FOLDER


def _fetch(folder: Path) -> None:
    work = folder / ".apt"
    for name in ("state/lists/partial", "cache/archives/partial", "debs"):
        (work / name).mkdir(parents=True, exist_ok=True)
    signed = f" [signed-by={KEYS}]" if KEYS.exists() else ""
    (work / "sources.list").write_text(f"deb{signed} http://deb.debian.org/debian sid main\n")
    (work / "state" / "status").touch()
    options = [
        f"Dir::Etc::sourcelist={work}/sources.list", "Dir::Etc::sourceparts=/nonexistent", f"Dir::State={work}/state",
        f"Dir::State::status={work}/state/status", f"Dir::Cache={work}/cache", "APT::Architecture=amd64",
        "Acquire::Retries=1", "Acquire::http::Timeout=20",
    ]  # fmt: skip
    apt = [word for one in options for word in ("-o", one)]
    try:
        _done(["apt-get", *apt, "update", "-q"], work)
        listed = _done(["apt-cache", *apt, "depends", "--recurse", "--no-recommends", "--no-suggests",
                        "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", WANTED], work)  # fmt: skip
        names = sorted({line for line in listed.splitlines() if line and line[0].isalnum()})
        _done(["apt-get", *apt, "download", "-q", *[one for one in names if _needed(one)]], work / "debs")
        for package in sorted((work / "debs").glob("*.deb")):
            _done(["dpkg-deb", "-x", str(package), str(folder)], work)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = (error.stderr or b"").decode(errors="replace").strip()[-200:]
        pytest.skip(f"Debian sid's {WANTED} cannot be had: {said or error}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if not _whole(folder):
        pytest.skip(f"Debian sid's {WANTED} was fetched and does not run here")


def _needed(name: str) -> bool:
    return name == WANTED or (name.startswith("lib") and not name.endswith(("-bin", "-data", "-dev")))


def _done(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, check=True, capture_output=True, timeout=180, cwd=folder)
    return done.stdout.decode(errors="replace")


def _whole(folder: Path) -> bool:
    if not (folder / "usr" / "bin" / "bitcoind").exists():
        return False
    return subprocess.run([*_loader(folder, "bitcoind"), "--version"], capture_output=True, check=False).returncode == 0


def _loader(folder: Path, program: str) -> list[str]:
    libraries = folder / LIBRARIES
    return [
        str(libraries / "ld-linux-x86-64.so.2"),
        "--library-path",
        str(libraries),
        str(folder / "usr/bin" / program),
    ]


def _command(program: str, folder: Path, port: int) -> list[str]:
    return [*_loader(FOLDER, program), f"-datadir={folder}", "-regtest", f"-rpcport={port}"]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
