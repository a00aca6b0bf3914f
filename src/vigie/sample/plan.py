"""What a sample holds: which families, which roles, which edits, and where each file lies."""

import typing as t
from collections.abc import Iterator

import msgspec
import numpy as np

from vigie.sample import edits, family_film
from vigie.sample.drawing import generator
from vigie.sample.made import Family, Kind, Member, Role, Size
from vigie.sample.places import Places

T = t.TypeVar("T")


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How much a size means: files of families, entries that fill each large list, processes."""

    images: int
    videos: int
    filler: int
    workers: int


SCALES: dict[Size, Scale] = {
    "small": Scale(images=120, videos=12, filler=500, workers=1),
    "medium": Scale(images=2_000, videos=80, filler=20_000, workers=2),
    "large": Scale(images=20_000, videos=600, filler=1_000_000, workers=2),
}
ROLES: dict[Role, float] = {
    "listed": 0.3,
    "absent": 0.07,
    "new": 0.5,
    "benign": 0.09,
    "withdrawn": 0.03,
    "conflict": 0.01,
}
FIRST: dict[Kind, tuple[tuple[Role, int], ...]] = {
    "image": (
        ("listed", 6),
        ("absent", 4),
        ("new", 3),
        ("benign", 2),
        ("conflict", 2),
        ("withdrawn", 1),
        ("listed", 4),
        ("new", 2),
    ),
    "video": (("listed", 3), ("new", 2), ("absent", 1), ("listed", 1), ("new", 0), ("benign", 1)),
}
"""Role and number of further files of the first families, so that the smallest sample has each role."""
COUNTS = {0: 0.34, 1: 0.2, 2: 0.16, 3: 0.12, 4: 0.08, 6: 0.06, 9: 0.04}
"""How many further files a family has, and how often."""


EVERY = 3
"""Of so many listed videos one lies in a compilation, too; so does the first."""


def plan(seed: int, size: Size) -> Iterator[Family]:
    """Yield the families of a sample, images first."""
    scale = SCALES[size]
    places = Places(seed, scale.images)
    index = made = 0
    while made < scale.images:
        family = _family(seed, "image", index, scale.images - made, places)
        made += len(family.members)
        index += 1
        yield family
    index = made = 0
    while made < scale.videos:
        family = _family(seed, "video", index, scale.videos - made, places)
        made += len(family.members)
        index += 1
        yield msgspec.structs.replace(family, small=size == "large" or index % 4 != 1)


def _family(seed: int, kind: Kind, index: int, room: int, places: Places) -> Family:
    rng = generator(seed, "plan", 7, 0 if kind == "image" else 1, index)
    role, further = FIRST[kind][index] if index < len(FIRST[kind]) else (_pick(rng, ROLES), _pick(rng, COUNTS))
    further = min(room - 1, further)
    chosen = [] if role == "absent" else ["original"]
    while len(chosen) < max(1, further + 1):
        chosen.append(_edit(rng, kind, role, chosen))
    if kind == "video" and role == "listed" and index % EVERY == 0 and further:
        chosen[-1] = family_film.COMPILED
    members: list[Member] = []
    for edit in chosen:
        ending = edits.EDITS[edit].suffix if kind == "image" else family_film.suffix(edit, index)
        steps, deleted = places.next(rng, kind, ending)
        copy = edit in {member.edit for member in members}
        members.append(Member(edit=edit, copy=copy, steps=steps, deleted=deleted))
    return Family(
        name=f"{kind}-{index:05d}",
        kind=kind,
        index=index,
        role=role,
        camera=int(rng.integers(max(3, index // 8 + 1))) if rng.random() < 0.5 else -1,
        small=False,
        members=tuple(members),
    )


def _edit(rng: np.random.Generator, kind: Kind, role: Role, chosen: list[str]) -> str:
    """Return the next edit: one of four times a copy of what is there, else an edit not yet taken if one is drawn."""
    if chosen and (rng.random() < 0.25 or role == "benign"):
        return chosen[int(rng.integers(len(chosen)))]
    if kind == "video":
        names: tuple[str, ...] = family_film.EDITS
    elif rng.random() < 0.08 and role != "absent":
        names = edits.FAR
    else:
        names = edits.NEAR if rng.random() < 0.3 else tuple(name for name in edits.NEAR if name not in edits.HEAVY)
    return names[int(rng.integers(len(names)))]


def _pick(rng: np.random.Generator, weights: dict[T, float]) -> T:
    names = list(weights)
    return names[int(rng.choice(len(names), p=np.array(list(weights.values())) / sum(weights.values())))]
