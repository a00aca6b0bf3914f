"""What is fetched ahead changes nothing of what is read, whatever it is read from."""

import hashlib
import io
import os
from pathlib import Path

from vigie.cell import digests
from vigie.kernel.blob import digest_of
from vigie.rows import ahead


def test_a_large_file_is_read_whole(tmp_path: Path) -> None:
    body = os.urandom(1 << 20) * 33 + b"end"
    (tmp_path / "large").write_bytes(body)
    want = hashlib.sha256(body).digest()
    with (tmp_path / "large").open("rb") as file:
        assert digest_of(file.fileno()) == want
        assert digests.of(file).sha256 == want


def test_what_is_no_file_is_left_alone() -> None:
    assert ahead.of(io.BytesIO(b"in memory")) is None
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as pipe, os.fdopen(writer, "wb") as end:
        end.write(b"through a pipe")
        end.close()
        assert digests.of(pipe).size_bytes == 14
