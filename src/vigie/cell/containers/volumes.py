"""What lies between a disk and its file systems: partition tables, LVM2, LUKS, BitLocker, APFS containers."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable, Iterator

import pybde
import pyfsapfs
import pytsk3
import pyvslvm

from vigie.cell.containers import fs_libyal, luks
from vigie.cell.containers.entry import Broken, Found, broken_by
from vigie.cell.containers.sectors import LIBRARY_ERRORS, Foreign, Sectors, Seekable, TskImage, Window

MOST_PARTS = 512


@dataclasses.dataclass(frozen=True, slots=True)
class Tree:
    """A volume that its container already reads as files."""

    read: Callable[[], Iterator[Found]]


Part = tuple[bytes, Sectors | Tree | Broken]
Opener = Callable[[Sectors, tuple[bytes, ...]], Iterator[Part]]


@broken_by(*LIBRARY_ERRORS)
def _partitions(disk: Sectors, secrets: tuple[bytes, ...]) -> Iterator[Part]:  # noqa: ARG001 - one signature for all
    """Partitions of a GPT or MBR, numbered as Linux does: by slot, logical ones of an MBR from 5 on."""
    image = TskImage(disk)
    table = pytsk3.Volume_Info(image)
    gpt = table.info.vstype == pytsk3.TSK_VS_TYPE_GPT
    logical, seen = 4, 0
    for part in table:
        if not int(part.flags) & int(pytsk3.TSK_VS_PART_FLAG_ALLOC):
            continue
        seen += 1
        if seen > MOST_PARTS:
            raise Broken("bomb", f"more than {MOST_PARTS} partitions")
        if gpt or part.table_num <= 0:
            number = part.slot_num + 1
        else:
            logical += 1
            number = logical
        size = table.info.block_size
        yield b"p%d" % number, Window(disk, part.start * size, part.len * size)
    if not seen:
        raise Broken("no_file_system", "a partition table without a partition")


@broken_by(*LIBRARY_ERRORS)
def _lvm(disk: Sectors, secrets: tuple[bytes, ...]) -> Iterator[Part]:  # noqa: ARG001 - one signature for all
    """Logical volumes of a group that lies on this one physical volume."""
    handle = pyvslvm.handle()
    handle.open_file_object(Seekable(disk))
    handle.open_physical_volume_files_as_file_objects([Seekable(disk)])
    group = handle.get_volume_group()
    if group is None:
        raise Broken("no_file_system", "an LVM physical volume without a group")
    if group.get_number_of_physical_volumes() != 1:
        raise Broken("unsupported", f"LVM group {group.name!r} spans {group.get_number_of_physical_volumes()} volumes")
    for volume in group.logical_volumes:
        name = b"lvm-" + (volume.name or "?").encode("utf-8", "surrogateescape")
        yield name, Foreign(volume, volume.size, handle, group)


@broken_by(*LIBRARY_ERRORS)
def _luks(disk: Sectors, secrets: tuple[bytes, ...]) -> Iterator[Part]:
    for part in luks.parts(disk, secrets):
        yield b"luks", part


@broken_by(*LIBRARY_ERRORS)
def _bitlocker(disk: Sectors, secrets: tuple[bytes, ...]) -> Iterator[Part]:
    """Open with no key, as where protection was suspended and the key lies beside the volume, then with each given."""
    yield b"bitlocker", _unlocked(disk, secrets)


def _unlocked(disk: Sectors, secrets: tuple[bytes, ...]) -> Sectors | Broken:
    try:
        volume = _bde(disk, "", b"")
    except LIBRARY_ERRORS as error:  # no key would change that
        why = "damaged, or caught while it was being encrypted: unlock it with dislocker and image that"
        return Broken("unsupported", f"BitLocker: {why} ({error})")
    ways = [(give, secret) for secret in secrets for give in ("set_recovery_password", "set_password")]
    while volume.is_locked():
        if not ways:
            return Broken("encrypted", f"BitLocker: {'no key given fits' if secrets else 'no key was given'}")
        try:
            volume = _bde(disk, *ways.pop(0))
        except LIBRARY_ERRORS:
            continue  # a wrong key, or one that has not the form of a recovery key
    return Foreign(volume, volume.get_size(), disk)


def _bde(disk: Sectors, give: str, secret: bytes) -> t.Any:
    volume = pybde.volume()
    if give:
        getattr(volume, give)(secret.decode())
    volume.open_file_object(Seekable(disk))
    if volume.is_locked():
        volume.unlock()
    return volume


@broken_by(*LIBRARY_ERRORS)
def _apfs(disk: Sectors, secrets: tuple[bytes, ...]) -> Iterator[Part]:
    container = pyfsapfs.container()
    container.open_file_object(Seekable(disk))
    for index in range(min(container.get_number_of_volumes(), MOST_PARTS)):
        volume = container.get_volume(index)
        name = b"apfs-" + (volume.name or str(index + 1)).encode("utf-8", "surrogateescape")
        if volume.is_locked() and not _unlock_apfs(volume, secrets):
            yield name, Broken("encrypted", f"APFS: {'no key given fits' if secrets else 'no key was given'}")
            continue
        yield name, Tree(lambda volume=volume: fs_libyal.read_tree(volume, (container, disk)))  # type: ignore[misc]  # a default binds the loop's volume


def _unlock_apfs(volume: t.Any, secrets: tuple[bytes, ...]) -> bool:
    for secret in secrets:
        for give in (volume.set_password, volume.set_recovery_password):
            try:
                give(secret.decode())
                if volume.unlock():
                    return True
            except LIBRARY_ERRORS:
                continue  # a wrong key, or one that has not the form of a recovery key
    return False


OPENERS: dict[str, Opener] = {
    "application/x-mbr": _partitions,
    "application/x-gpt": _partitions,
    "application/x-lvm2": _lvm,
    "application/x-luks": _luks,
    "application/x-bitlocker": _bitlocker,
    "application/x-apfs": _apfs,
}
