"""Open a disk image of whatever format as plain sectors.

The formats' libraries are handed file objects and nothing else: no path from the evidence is ever opened, be it
the backing file of a QCOW2, the extent of a VMDK or the parent of a VHD. That also is why dfvfs, which resolves
them by path, and falls back to the examiner's own root directory where it recognises nothing, is not used here.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable

import pyewf
import pyvhdi
import pyvmdk

from vigie.cell.containers import ewf
from vigie.cell.containers.entry import Broken
from vigie.cell.containers.qcow2 import Qcow2
from vigie.cell.containers.sectors import LIBRARY_ERRORS, Foreign, Sectors, Seekable, Segments


def open_media(files: list[t.BinaryIO], content_type: str) -> Sectors:
    """Return the sectors of an image given by its files in order. Raises ``Broken``."""
    opener = _OPENERS.get(content_type)
    if opener is None:
        return Segments(files)
    try:
        return opener(files)
    except LIBRARY_ERRORS as error:
        raise Broken("damaged", f"{type(error).__name__}: {error}") from error


def _ewf(files: list[t.BinaryIO]) -> Sectors:
    ewf.check(files)
    handle = pyewf.handle()
    handle.open_file_objects([Seekable(Segments([file])) for file in files])
    return Foreign(handle, handle.get_media_size(), files)


def _ewf2(files: list[t.BinaryIO]) -> Sectors:
    handle = pyewf.handle()
    handle.open_file_objects([Seekable(Segments([file])) for file in files])
    return Foreign(handle, handle.get_media_size(), files)


def _qcow(files: list[t.BinaryIO]) -> Sectors:
    return Qcow2(files[0])


def _vmdk(files: list[t.BinaryIO]) -> Sectors:
    image = pyvmdk.handle()
    image.open_file_object(Seekable(Segments(files[:1])))
    if image.parent_filename:
        raise Broken("unsupported", f"a VMDK snapshot: flatten it with its parent {image.parent_filename!r}")
    files[0].seek(0)
    extents = files[1:] if files[0].read(1) == b"#" else files  # a descriptor of its own, or one inside the extent
    if image.get_number_of_extents() != len(extents):
        raise Broken("segment_missing", f"it has {image.get_number_of_extents()} extents, {len(extents)} were given")
    image.open_extent_data_files_as_file_objects([Seekable(Segments([file])) for file in extents])
    return Foreign(image, image.get_media_size(), files)


def _vhd(files: list[t.BinaryIO]) -> Sectors:
    image = pyvhdi.file()
    image.open_file_object(Seekable(Segments(files[:1])))
    if image.parent_identifier:
        raise Broken("unsupported", f"a differencing VHD: merge it into its parent {image.parent_filename!r}")
    return Foreign(image, image.get_media_size(), files)


_OPENERS: dict[str, Callable[[list[t.BinaryIO]], Sectors]] = {
    "application/x-ewf": _ewf,
    "application/x-ewf2": _ewf2,
    "application/x-qemu-disk": _qcow,
    "application/x-vmdk": _vmdk,
    "application/x-vhd": _vhd,
    "application/x-vhdx": _vhd,
}
