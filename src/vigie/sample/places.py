"""Where files lie: upload folders, backups in backups, a disk image with deleted files; and under which names."""

import numpy as np

from vigie.sample.made import Steps
from vigie.sample.store import FOLDER

TAR = b"backup.tar.gz"
DISK = b"disk1.img"
PARTITION = b"p1"
PER_ZIP = 400
"""Images of the sample for each zip archive on the server."""
MOST_IN_7Z = 24
"""7z is slow to write; a few files prove as much as many."""
PER_FOLDER = 400

_NAMES = ("IMG_{:06d}", "DSC{:06d}", "{:06x}b7", "view {:d}", "bild-ä{:d}", "upload_{:07d}", "LUM{:06d}")
_FOLDERS = ("Pictures", "old", "new folder", "thumbs", "misc")
_WHERE = ("loose", "zip", "zip in zip", "tar", "zip in tar", "7z", "disk", "deleted", "zip on disk")
_SHARES = (0.60, 0.12, 0.04, 0.08, 0.03, 0.02, 0.07, 0.025, 0.015)


class Places:
    """Gives out steps, each once. Asked in the same order with the same generators, it gives the same."""

    def __init__(self, seed: int, images: int) -> None:
        self._number = seed % 1000
        self._in_7z = 0
        self._zips = max(1, images // PER_ZIP)

    def next(self, rng: np.random.Generator, kind: str, ending: str) -> tuple[Steps, bool]:
        """Return the steps of a new file, and whether it is a deleted one."""
        self._number += 1
        name = _NAMES[int(rng.integers(len(_NAMES)))].format(self._number) + ending
        where = _WHERE[int(rng.choice(len(_WHERE), p=_SHARES))]
        if where == "7z" and (kind == "video" or self._in_7z >= MOST_IN_7Z):
            where = "loose"
        self._in_7z += where == "7z"
        album = _FOLDERS[int(rng.integers(len(_FOLDERS)))]
        card = f"/DCIM/{100 + self._number // PER_FOLDER}LUMEN/{name}".encode()
        steps: dict[str, Steps] = {
            "loose": (FOLDER, f"{self._folder(rng)}/{name}".encode()),
            "zip": (*self._zip(rng), f"{album}/{name}".encode()),
            "zip in zip": (*self._zip(rng), b"albums/inner.zip", name.encode()),
            "tar": (TAR, f"home/okari/{album}/{name}".encode()),
            "zip in tar": (TAR, b"home/okari/albums.zip", f"2022/{name}".encode()),
            "7z": (FOLDER, b"srv/files/archive.7z", f"set/{name}".encode()),
            "disk": (DISK, PARTITION, card),
            "deleted": (DISK, PARTITION, card),
            "zip on disk": (DISK, PARTITION, b"/BACKUP/old.zip", name.encode()),
        }
        return steps[where], where == "deleted"

    def _zip(self, rng: np.random.Generator) -> Steps:
        return FOLDER, f"var/backups/site-{int(rng.integers(self._zips)):02d}.zip".encode()

    def _folder(self, rng: np.random.Generator) -> str:
        at = rng.random()
        if at < 0.6:
            return f"var/www/uploads/{int(rng.integers(2021, 2026))}/{int(rng.integers(1, 13)):02d}"
        if at < 0.8:
            return f"var/www/html/gallery/{self._number // PER_FOLDER:02d}"
        if at < 0.9:
            return f"srv/files/{int(rng.integers(256)):02x}"
        return "home/okari/Pictures" if at < 0.97 else "tmp/.cache"
