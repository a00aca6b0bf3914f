"""One image family: the drawing, its edits, and what is true of each file."""

import numpy as np
from PIL import Image

from vigie.sample import look
from vigie.sample.drawing import generator, still
from vigie.sample.edits import EDITS, apply
from vigie.sample.exif import exif
from vigie.sample.made import Batch, Family, Made, Original, Print
from vigie.sample.standing import standing, times
from vigie.sample.store import Store

KEEPS_EXIF = {"original", "jpeg95", "resize75", "webp"}


def make_still(store: Store, seed: int, family: Family) -> Batch:
    """Make all files of one image family."""
    drawing = still(seed, family.index)
    taken, later = times(seed, family)
    known = _bytes(seed, family, "original", drawing, taken)
    prints = {"original": look.still(known)}
    files = {"original": known}
    made: list[Made] = []
    for number, member in enumerate(family.members):
        if member.edit not in files:
            files[member.edit] = _bytes(seed, family, member.edit, drawing, taken)
            prints[member.edit] = look.still(files[member.edit])
        made.append(
            store.put(
                member.steps,
                files[member.edit],
                modified=later[number],
                kind="image",
                family=family.name,
                edit="copy" if member.copy else member.edit,
                standing=standing(family, member),
                reachable=_reachable(prints, family.members[0].edit, member.edit),
                deleted=member.deleted,
            )
        )
    return Batch(made=tuple(made), original=_original(store, family, known, prints["original"], taken))


def _reachable(prints: dict[str, Print], first: str, edit: str) -> bool:
    """Return whether the edit lies near the original and near the family's first file, which may be another one."""
    return not EDITS[edit].far and all(look.ties([prints[edit]], [prints[other]]) for other in ("original", first))


def _bytes(seed: int, family: Family, edit: str, drawing: Image.Image, taken: int) -> bytes:
    rng = generator(seed, "plan", 2, family.index, sorted(EDITS).index(edit))
    block = exif(seed, family.camera, taken, _same(seed, family)) if family.camera >= 0 and edit in KEEPS_EXIF else None
    return apply(drawing, edit, rng, block)


def _same(seed: int, family: Family) -> np.random.Generator:
    return generator(seed, "plan", 3, family.index)


def _original(store: Store, family: Family, data: bytes, print_: Print, taken: int) -> Original:
    """Return what lists say of the original; its bytes are kept aside, not in the evidence."""
    kept = store.put((b"known", family.name.encode(), b""), data, modified=taken, kind="image")
    return Original(
        name=family.name,
        index=family.index,
        kind="image",
        role=family.role,
        size_bytes=kept.size_bytes,
        md5=kept.md5,
        sha1=kept.sha1,
        sha256=kept.sha256,
        path=f"{family.name}.jpg",
        prints=(print_,),
    )
