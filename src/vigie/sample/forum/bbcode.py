"""Texts with BBCode, as MyBB and XenForo keep them: what is quoted stands in full before the answer."""

from collections.abc import Callable, Sequence

from vigie.sample.forum.activity import Posts
from vigie.sample.forum.scene import Scene


def written(scene: Scene, block: Posts, head: Callable[[int], str], end: str) -> list[str]:
    """Return the texts of a block of posts; ``head``: place of a post in the block -> how a quote of it begins."""
    spoken = scene.speech.posts(block)
    texts = list(spoken.bodies)
    for at, other in spoken.quotes.items():
        texts[at] = f"{head(other)}{spoken.bodies[other]}{end}{spoken.bodies[at]}"
    for at in spoken.marked[::3]:
        if at not in spoken.quotes:
            first, _, rest = texts[at].partition(" ")
            texts[at] = f"[b]{first}[/b] {rest}"
    return texts


def names(scene: Scene, accounts: Sequence[int]) -> list[str]:
    """Return the names that stand beside posts: they outlive their accounts."""
    return ["visitor" if one < 0 else scene.members.name[one] for one in accounts]
