"""A PostgreSQL of our own for the tests: on a socket, with nobody else in it, gone when they end."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

FOLDERS = [*sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True), *os.get_exec_path()]
INITDB = shutil.which("initdb", path=os.pathsep.join(FOLDERS))
MISSING = "no PostgreSQL server here: sudo apt install postgresql (it need not run)"


class Server:
    def __init__(self, folder):
        self.folder, self.bin = folder, Path(INITDB).parent
        # it refuses to run as root
        self._as = {"user": "nobody", "group": "nogroup", "extra_groups": []} if not os.getuid() else {}
        if self._as:
            shutil.chown(folder, **{key: self._as[key] for key in ("user", "group")})
        self._env = {"PATH": f"{self.bin}:/usr/bin:/bin", "HOME": str(folder), "PGHOST": str(folder), "PGUSER": "tests",
                     "LC_ALL": "C.UTF-8", "PGDATABASE": "forum"}  # fmt: skip
        self.run("initdb", "-D", "data", "-A", "trust", "-U", "tests", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -k {folder} -c fsync=off -c max_connections=8 -c shared_buffers=8MB"
        self.run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def run(self, program, *options, text=b""):
        # into a file: what pg_ctl starts keeps its output open
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            done = subprocess.run(
                [self.bin / program, *options],
                check=False,
                input=text,
                cwd=self.folder,
                env=self._env,
                stdout=out,
                stderr=errors,
                **self._as,
            )
            out.seek(0)
            errors.seek(0)
            assert not done.returncode, errors.read().decode()
            return out.read()

    def do(self, sql, database="forum"):
        options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database)
        return self.run("psql", *options, text=sql.encode()).decode()

    def end(self):
        self.run("pg_ctl", "-D", "data", "-m", "immediate", "stop")


@contextlib.contextmanager
def running():
    """Give a server; its folder has a short name, for the socket's sake."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = Server(Path(folder))
        try:
            yield server
        finally:
            server.end()
