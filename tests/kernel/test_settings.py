"""case.toml is read strictly."""

import pytest

from vigie import steps
from vigie.kernel.errors import UsageError
from vigie.kernel.settings import About, draft, load


def test_too_little_memory_is_refused_with_the_least_that_does(tmp_path):
    about = About(name="n", authority="A", examiner="E", created="2026-01-01T00:00:00Z")
    (tmp_path / "case.toml").write_text(draft(about).replace("memory_mb = 1024", "memory_mb = 128"))
    with pytest.raises(UsageError, match="256"):
        load(tmp_path)


def test_a_setting_out_of_range_is_refused_and_named(tmp_path):
    about = About(name="n", authority="A", examiner="E", created="2026-01-01T00:00:00Z")
    steps.load()
    for line in ("most_bits = -1", "most_bits = 256", "least_quality = 101"):
        (tmp_path / "case.toml").write_text(f"{draft(about)}\n[stage.near]\n{line}\n")
        with pytest.raises(UsageError, match=line.split()[0]):
            load(tmp_path)
