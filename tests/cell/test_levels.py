"""The level is what the self-test proved, in each place vigie must work in."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

import vigie
from opened import opened
from vigie.kernel.cell import Cell, CellBroken, Limits
from vigie.kernel.isolation import Level, WeakIsolation, check, describe
from vigie.rows import wire

PROBE = """
import pathlib, sys, tempfile
from vigie.kernel.cell import Cell, Limits
from vigie.rows import wire
with tempfile.TemporaryDirectory() as scratch, Cell(
    scratch=pathlib.Path(scratch), jobs=pathlib.Path(sys.argv[1]), minimum="S0"
) as cell:
    left = list(cell.ask(wire.Attack(name="fork"), limits=Limits()))
    print(cell.level, cell._launcher, ",".join(cell.proof.holds), ",".join(cell.proof.allowed) or "-", left[-1].code)
"""


@pytest.fixture
def probe(tmp_path):
    """Run the self-test in another process, started with a prefix; gives its words."""

    def run(*prefix, interpreter=sys.executable):
        empty = tmp_path / "jobs"
        empty.mkdir(exist_ok=True)
        opened(tmp_path, 0o755)
        command = [*prefix, interpreter, "-c", PROBE, str(empty)]
        environment = {"PATH": os.environ["PATH"], "TMPDIR": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return run


def _open(tmp_path, jobs, **options):
    return Cell(scratch=tmp_path, jobs=jobs, **options)


@pytest.mark.parametrize(
    ("without", "most", "lost"),
    [
        (["namespaces"], Level.S2, "namespaces"),
        (["landlock"], Level.S1, "landlock"),
        (["seccomp"], Level.S1, "seccomp"),
        (["namespaces", "landlock"], Level.S1, "landlock"),
        (["namespaces", "landlock", "seccomp"], Level.S0, "seccomp"),
    ],
)
def test_a_layer_left_out_lowers_the_level(tmp_path, jobs, without, most, lost):
    with _open(tmp_path, jobs, without=without, minimum=Level.S0, launcher="direct") as cell:
        assert cell.level <= most
        assert lost not in cell.proof.holds
        assert list(cell.ask(wire.Attack(name="nothing"), limits=Limits()))[-1].code == "unsupported"


def test_nothing_is_allowed_at_s2_and_s3(cell):
    if cell.level < Level.S2:
        pytest.skip(f"needs isolation S2; {cell.weakness}")
    assert cell.proof.allowed == ()


def test_below_the_minimum_is_refused_unless_accepted_by_name(tmp_path, jobs):
    weak = {"without": ["landlock"], "launcher": "direct"}
    with pytest.raises(WeakIsolation, match="--accept-isolation S1") as refusal:
        _open(tmp_path, jobs, **weak)
    assert refusal.value.exit_code == 4
    with _open(tmp_path, jobs, accept=Level.S1, **weak) as cell:
        assert cell.level == Level.S1
    with pytest.raises(WeakIsolation):
        _open(tmp_path, jobs, accept=Level.S2, **weak)


def test_a_later_zygote_must_not_be_weaker_than_the_one_proved(tmp_path, jobs):
    with _open(tmp_path, jobs, minimum=Level.S0, launcher="direct") as cell:
        cell.close()
        cell._without = ("landlock", "namespaces", "seccomp")
        with pytest.raises(CellBroken, match="lacks a layer"):
            list(cell.ask(wire.Attack(name="read"), limits=Limits()))


def test_nothing_runs_on_when_the_house_hangs_up(tmp_path, jobs, plays):
    with _open(tmp_path, jobs, minimum=Level.S0, without=["namespaces"], launcher="direct") as cell:
        replies = cell.ask(plays.Play(act="trickle"), limits=Limits(output_bytes=1 << 24))
        next(replies)
        (child,) = pathlib.Path(f"/proc/{cell.zygote}/task/{cell.zygote}/children").read_text().split()
        cell.close()
        assert not pathlib.Path(f"/proc/{child}").exists()
        assert list(replies)[-1].code == "worker_lost"


def test_check_says_what_to_install():
    check(Level.S3, Level.S2)
    check(Level.S1, Level.S3, Level.S1)
    with pytest.raises(WeakIsolation, match="apt install bubblewrap"):
        check(Level.S2, Level.S3, weakness=describe(Level.S2, has_bubblewrap=False))
    assert len({describe(level) for level in Level}) == 4
    assert all("\n" not in describe(level) for level in Level)


def test_a_job_that_cannot_be_imported_is_loud(tmp_path):
    (tmp_path / "broken.py").write_text("import no_such_library\n")
    with pytest.raises(CellBroken, match="no_such_library"):
        _open(tmp_path, tmp_path)


def test_a_module_without_a_job_is_loud(tmp_path):
    (tmp_path / "idle.py").write_text("")
    with pytest.raises(CellBroken, match="idle has no JOB"):
        _open(tmp_path, tmp_path)


def test_a_thread_left_by_warm_is_loud(tmp_path):
    (tmp_path / "threaded.py").write_text(
        "import threading, time\n"
        "from vigie.cell.job import Job\n"
        "from vigie.rows.wire import Look\n"
        "start = lambda: threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
        "JOB = Job(ask=Look, run=print, warm=start)\n"
    )
    with pytest.raises(CellBroken, match="left a thread running"):
        _open(tmp_path, tmp_path)


def test_as_it_is_here(probe):
    level, _, _, _, code = probe()
    assert level in set(Level)
    if level >= "S2":
        assert code == "forbidden_syscall"


NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all")


def _reachable_interpreter(folder):
    """This interpreter if an ordinary user may start it, or the system's of the same version with our libraries."""
    attempt = "import subprocess, sys; subprocess.run([sys.argv[1], '-c', 'import vigie, msgspec'], check=True)"
    for base in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        interpreter = base
        if base != sys.executable and pathlib.Path(base).exists():
            subprocess.run([base, "-m", "venv", "--without-pip", folder], check=True, capture_output=True)
            libraries = [path for path in sys.path if path.endswith("site-packages")]
            libraries.append(str(pathlib.Path(vigie.__file__).parents[1]))
            (site,) = folder.glob("lib/*/site-packages")
            (site / "ours.pth").write_text("\n".join(libraries))
            interpreter = str(folder / "bin" / "python")
        command = [*NOBODY, "/usr/bin/env", "python3", "-c", attempt, interpreter]
        if subprocess.run(command, check=False, capture_output=True, env={"PATH": "/usr/bin:/bin"}).returncode == 0:
            return interpreter
    pytest.skip(f"an ordinary user reaches neither {sys.executable} nor a system Python of this version here")
    raise AssertionError


def test_as_an_ordinary_user(probe, tmp_path):
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv (util-linux) to become an ordinary user")
    opened(tmp_path, 0o755)
    level, _, holds, _, code = probe(*NOBODY, interpreter=_reachable_interpreter(tmp_path / "venv"))
    assert level >= "S2"
    assert {"landlock", "seccomp", "limits"} <= set(holds.split(","))
    assert code == "forbidden_syscall"


def test_where_no_user_namespace_can_be_made(probe):
    """As in a container: root of a user namespace that may not make another, without the right to the others."""
    if shutil.which("unshare") is None or shutil.which("setpriv") is None:
        pytest.skip("needs unshare and setpriv (util-linux)")
    stage = 'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
    barren = ["unshare", "--user", "--map-root-user", "sh", "-c", stage, "sh"]
    if subprocess.run([*barren, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine makes no user namespaces at all")
    level, launcher, holds, allowed, code = probe(*barren)
    assert (level, launcher, allowed, code) == ("S2", "direct", "-", "forbidden_syscall")
    assert "namespaces" not in holds


def test_inside_bubblewrap(tmp_path, jobs):
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: sudo apt install bubblewrap")
    try:
        cell = _open(tmp_path, jobs, launcher="bubblewrap", minimum=Level.S0)
    except CellBroken as refused:
        pytest.skip(f"bubblewrap is refused here: {refused}")
    with cell:
        assert cell.level == Level.S3
        assert next(cell.ask(wire.Attack(name="read"), limits=Limits())).outcome == "denied"


def test_all_that_was_started_ends_with_the_cell(tmp_path, jobs):
    cell = _open(tmp_path, jobs, minimum=Level.S0)
    started = pathlib.Path(f"/proc/{cell.zygote}")
    assert started.exists()
    cell.close()
    assert not started.exists()
