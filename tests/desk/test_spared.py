"""What key frames alone decide is spared the dense pass; what they do not is not, and is found by it."""

import av
import numpy as np
import pytest
from PIL import Image

from vigie.desk.opening import opened
from vigie.numeric.pdq import hash_rgb
from vigie.rows.artefacts import File
from vigie.rows.fingerprints import DensePrint
from vigie.rows.matches import Decided, Match, Standing
from vigie.sample.drawing import draw

SECONDS, RATE, SIZE = 8, 5, (320, 180)
BAR = 14


def shown(seed):
    """A picture a second."""
    return [np.asarray(draw(np.random.default_rng([seed, number]), *SIZE)) for number in range(SECONDS)]


def boxed(image):
    """Bars of 8 % above and below."""
    out = image.copy()
    out[:BAR] = out[-BAR:] = 0
    return out


def within(image):
    """All of it, set between bars of 12 % left and right."""
    out = np.zeros_like(image)
    out[:, 38:-38] = np.asarray(Image.fromarray(image).resize((SIZE[0] - 76, SIZE[1])))
    return out


def marked(image):
    """A light sign in a corner."""
    out = image.copy()
    out[8:40, 250:310] = 240
    return out


def film(path, pictures, gop=RATE):
    with av.open(path, "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"crf": "28", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.gop_size = gop
        for image in pictures:
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            for _ in range(RATE):
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("spared")
    (root / "server").mkdir()
    known, other = shown(1), shown(2)
    film(root / "server/recoded.mp4", known)
    film(root / "server/boxed.mp4", [boxed(image) for image in known])
    film(root / "server/within.mp4", [within(image) for image in known])
    film(root / "server/marked.mp4", [marked(image) for image in known])
    film(root / "server/joined.mp4", [*other[:4], *known, *other[4:]])
    film(root / "server/strange.mp4", shown(3))
    lines = (f"{n * RATE},{h.quality},{h.value.hex()},{n}.000" for n, h in enumerate(map(hash_rgb, known)))
    (root / "listed.txt").write_text("\n".join(lines) + "\n")
    return root


def test_a_copy_is_spared_and_what_was_edited_or_holds_more_is_not(root, tmp_path, vigie):
    folder = tmp_path / "case"
    assert vigie("new", folder, "--authority", "u", "--examiner", "e")[0] == 0
    assert vigie("add", folder, root / "server", "--jobs", "1")[0] == 0
    assert vigie("lists", "add", folder, root / "listed.txt")[0] == 0
    assert vigie("run", folder, "--engine", "inline")[0] == 0
    case = opened(folder)
    names = {one.sha256: one.locator.rpartition("!")[2] for one in case.read(File)}
    assert {names[one.content] for one in case.read(Decided)} == {"recoded.mp4"}
    assert {names[one.content] for one in case.read(DensePrint)} == set(names.values()) - {"recoded.mp4"}
    standing = {names[one.content]: one.standing for one in case.read(Standing)}
    assert standing["recoded.mp4"] == standing["joined.mp4"] == standing["within.mp4"] == "near"
    assert standing["strange.mp4"] == "new"
    videos = {names[one.content]: one for one in case.read(Match) if one.method == "video"}
    assert (videos["joined.mp4"].start_s, videos["joined.mp4"].end_s) == pytest.approx((4, 12), abs=1)
    assert (videos["within.mp4"].variant, videos["within.mp4"].relation) == ("trimmed", "same")
    assert (videos["recoded.mp4"].sampling, videos["joined.mp4"].sampling) == ("key", "dense")
