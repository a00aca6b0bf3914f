"""Where made files are put: loose ones straight into the evidence, the others aside until they are packed."""

import hashlib
import os
import typing as t
from pathlib import Path

import msgspec

from vigie.sample.made import Made, Steps

FOLDER = b"server"
"""Name of the item that is a folder."""
ASIDE = ".packing"


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """Writes into one sample folder."""

    folder: Path

    @property
    def evidence(self) -> Path:
        """Return the folder that is given to ``vigie add``."""
        return self.folder / "evidence"

    @property
    def aside(self) -> Path:
        """Return the folder of files that wait to be packed; it is gone when the sample is done."""
        return self.folder / ASIDE

    def place(self, steps: Steps) -> Path | None:
        """Return the path of a file that lies in the evidence as itself; None for a member of a container."""
        if len(steps) == 1 and steps[0] != FOLDER:
            return self.evidence / os.fsdecode(steps[0])
        if len(steps) == 2 and steps[0] == FOLDER:
            return self.evidence / os.fsdecode(steps[0]) / os.fsdecode(steps[1])
        return None

    def put(self, steps: Steps, data: bytes, *, modified: int, kind: str, **truth: t.Any) -> Made:
        """Write one file and say what it is; ``truth`` are the other columns of ``Made``."""
        sha256 = hashlib.sha256(data)
        path = self.place(steps) or self.aside / sha256.hexdigest()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (modified, modified))
        return Made(
            steps=steps,
            bytes_at=path,
            size_bytes=len(data),
            md5=hashlib.md5(data, usedforsecurity=False).digest(),
            sha1=hashlib.sha1(data, usedforsecurity=False).digest(),
            sha256=sha256.digest(),
            kind=kind,
            modified=modified,
            **truth,
        )

    def took(self, steps: Steps, path: Path, *, modified: int, kind: str, **truth: t.Any) -> Made:
        """Say what a file is that was written already, reading it in pieces."""
        digests = [hashlib.new(name, usedforsecurity=False) for name in ("md5", "sha1", "sha256")]
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                for digest in digests:
                    digest.update(piece)
        os.utime(path, (modified, modified))
        md5, sha1, sha256 = (digest.digest() for digest in digests)
        return Made(
            steps=steps,
            bytes_at=path,
            size_bytes=path.stat().st_size,
            md5=md5,
            sha1=sha1,
            sha256=sha256,
            kind=kind,
            modified=modified,
            **truth,
        )
