"""The loops can be used by whoever may read them, wherever numba may keep what it compiled."""

import subprocess
import sys
import tempfile
from pathlib import Path

NOBODY = 65534
ASK = f"""
import os, sys
from pathlib import Path
from vigie.numeric import can_be_kept
if os.geteuid() == 0:
    os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
print(can_be_kept(Path(sys.argv[1]), Path(sys.argv[2])))
"""


def asked(beside: Path, cache: Path) -> str:
    """Ask as a user who is not almighty."""
    done = subprocess.run([sys.executable, "-c", ASK, beside, cache], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_home_that_may_not_be_looked_at_is_no_place(tmp_path: Path) -> None:
    for path in (tmp_path, *tmp_path.parents):
        if path == Path(tempfile.gettempdir()):
            break
        path.chmod(0o755)  # pytest makes them for their owner alone
    beside, home = tmp_path / "beside", tmp_path / "home"
    beside.mkdir(0o555)
    (home / ".cache").mkdir(parents=True)
    home.chmod(0)
    try:
        assert asked(beside, home / ".cache" / "deeper") == "False"
    finally:
        home.chmod(0o755)
    (home / ".cache").chmod(0o777)
    assert asked(beside, home / ".cache" / "deeper") == "True"
    (home / ".cache").chmod(0o555)
    assert asked(beside, home / ".cache") == "False"


def test_who_has_no_home_keeps_nothing_in_the_folder_he_is_in(tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir(0o555)
    assert asked(tmp_path / "beside", Path("~/.cache")) == "False"
