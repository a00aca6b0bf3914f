"""Write ``docs/licences.md``: what vigie runs on, and under which licences.

Usage: ``python docs/licences.py > docs/licences.md``, in an environment made by ``make setup``. Names, versions and
licences come from the metadata of the installed packages; the libraries inside wheels are found as files, and their
licences are said below, since no metadata says them.
"""  # noqa: INP001 - docs is a folder of pages and scripts, not a package

from __future__ import annotations

import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

INSIDE = {
    "libaom": "BSD-2-Clause", "libcrypto": "OpenSSL", "libssl": "OpenSSL", "libopenblasp-r0": "BSD-3-Clause",
    "libsvtav1enc": "BSD-3-Clause-Clear", "libxau": "MIT", "libasound": "LGPL-2.1-or-later",
    "libavcodec": "LGPL-3.0-or-later", "libavdevice": "LGPL-3.0-or-later", "libavfilter": "LGPL-3.0-or-later",
    "libavformat": "LGPL-3.0-or-later", "libavutil": "LGPL-3.0-or-later", "libswresample": "LGPL-3.0-or-later",
    "libswscale": "LGPL-3.0-or-later", "libdav1d": "BSD-2-Clause", "libdrm": "MIT",
    "libgmp": "LGPL-3.0-or-later OR GPL-2.0-or-later", "libgnutls": "LGPL-2.1-or-later",
    "libhogweed": "LGPL-3.0-or-later OR GPL-2.0-or-later", "libnettle": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libmp3lame": "LGPL-2.0-or-later", "libopencore-amrnb": "Apache-2.0", "libopencore-amrwb": "Apache-2.0",
    "libopus": "BSD-3-Clause", "libsharpyuv": "BSD-3-Clause", "libunistring": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libvpl": "MIT", "libvpx": "BSD-3-Clause", "libwebp": "BSD-3-Clause", "libwebpmux": "BSD-3-Clause",
    "libwebpdemux": "BSD-3-Clause", "libx264": "GPL-2.0-or-later", "libx265": "GPL-2.0-or-later", "libxcb": "MIT",
    "libxcb-shape": "MIT", "libxcb-shm": "MIT", "libxcb-xfixes": "MIT", "libavif": "BSD-2-Clause",
    "libbrotlicommon": "MIT", "libbrotlidec": "MIT", "libfreetype": "FTL OR GPL-2.0-or-later", "libharfbuzz": "MIT",
    "libjpeg": "IJG AND BSD-3-Clause AND Zlib", "liblcms2": "MIT", "liblzma": "0BSD", "libopenjp2": "BSD-2-Clause",
    "libpng16": "libpng-2.0", "libtiff": "libtiff", "libzstd": "BSD-3-Clause OR GPL-2.0-only", "libyajl": "ISC",
    "libde265": "LGPL-3.0-or-later", "libheif": "LGPL-3.0-or-later", "libgfortran": "GPL-3.0 WITH GCC-exception-3.1",
    "libquadmath": "LGPL-2.1-or-later", "libscipy_openblas64_": "BSD-3-Clause",
}  # fmt: skip
"""Library in the folder ``<package>.libs`` of a wheel -> its licence, from its own project."""
LINKED = {
    "lz4": "LZ4 (BSD-2-Clause)",
    "pytsk3": "The Sleuth Kit (IPL-1.0, CPL-1.0, BSD, MIT and others), talloc (LGPL-3.0-or-later)",
    "simplejpeg": "libjpeg-turbo (IJG AND BSD-3-Clause AND Zlib)",
}
"""Linked into a package's own module, so that no file of it is seen."""

HEAD = """\
# Licences of what vigie runs on

Made by `python docs/licences.py > docs/licences.md`; do not edit. vigie itself is Apache-2.0 and holds no code of these
packages: `make setup` has pip fetch them. What only tests and builds need is left out.

**For whoever uses vigie: nothing to do.** None of these licences restricts use.

**For whoever hands on an installed copy** (a container image, a disk, a package with everything in it):

- *GPL*: the wheels of `av` and `pillow-heif` carry the encoders x264 and x265 (GPL-2.0-or-later). FFmpeg in `av` calls
  itself LGPL-3.0, yet its libavcodec is linked with both: treat that wheel as GPL-3.0. `pillow-heif` itself says that
  its wheels are GPL-2.0. Hand on the sources with them, or build both without x264 and x265: reading evidence needs
  neither (only `vigie sample` encodes, with x264).
- *GPL beside IPL and CPL*: The Sleuth Kit in `pytsk3` is under the IBM Public License and the Common Public License,
  which the Free Software Foundation holds incompatible with the GPL. A run loads the two in separate processes, one for
  each job of the cell. Have a lawyer look before a bundle is handed on, or build without x264 and x265.
- *OpenCV*: the wheel of `opencv-python-headless` (Apache-2.0) carries FFmpeg under the LGPL, without x264, and OpenSSL
  1.1.1, which is no longer maintained. vigie loads both with it and calls neither: only the job `compare` imports
  OpenCV, in the sandbox, for features and geometry; it reads no file and no network with it.
- *LGPL*: py7zr with its codecs, the libyal bindings, libheif, libde265, FFmpeg and a few more. They are installed as
  packages of their own that anybody can exchange, which is what the LGPL asks for; pass on their licence texts.
"""


def needed() -> list[str]:
    """Return the names of all packages vigie needs at run time, in order."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))
    found, waiting = set[str](), [Requirement(line) for line in project["project"]["dependencies"]]
    while waiting:
        need = waiting.pop()
        name = canonicalize_name(need.name)
        if name not in found and (need.marker is None or need.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += [Requirement(line) for line in importlib.metadata.requires(name) or []]
    return sorted(found)


def licence(name: str) -> str:
    """Return what a package says its licence is: the SPDX expression if it gives one. Errors: LookupError."""
    about = importlib.metadata.metadata(name)
    kinds = [
        one.rpartition("::")[2].strip() for one in about.get_all("Classifier") or [] if one.startswith("License ::")
    ]
    said = [about[name].split("\n")[0] for name in ("License-Expression", "License") if name in about]
    for text in (*said, ", ".join(kinds)):
        if text:
            return text
    raise LookupError(f"{name} does not say its licence: look it up and say it here")


def inside(name: str) -> list[str]:
    """Return the libraries that a wheel carries, each with its licence. Errors: KeyError for an unknown one."""
    folder = Path(str(importlib.metadata.distribution(name).locate_file(f"{name.replace('-', '_')}.libs")))
    version = re.compile(r"(-[0-9a-f]{8})*([\d.]*\.so[\d.]*k?|-[\d.]+\.so)$")
    names = {version.sub("", file.name) for file in folder.glob("*.so*")}
    names = {re.sub(r"-$", "", one) for one in names}
    return [f"{one} ({INSIDE[one.lower()]})" for one in sorted(names)]


def strictness(text: str) -> str:
    """Return the strictest family of licence named in a text."""
    bare = re.sub(r"LGPL|GNU Lesser|GCC-exception|OR GPL[\w.-]+|GPL-3.0 WITH", "", text)
    return "GPL" if "GPL" in bare else "LGPL" if re.search(r"LGPL|Lesser", text) else ""


def page() -> str:
    """Return the whole page."""
    rows = []
    for name in needed():
        has = "; ".join([*inside(name), *([LINKED[name]] if name in LINKED else [])])
        said = licence(name)
        mark = strictness(f"{said} {has}")
        bold = f"**{mark}**" if mark == "GPL" else mark
        rows.append(f"| {name} | {importlib.metadata.version(name)} | {said} | {bold} | {has} |")
    head = ["| package | version | licence it states | strictest | libraries in its wheel |", "|---|---|---|---|---|"]
    return "\n".join([HEAD, *head, *rows, ""])


if __name__ == "__main__":
    sys.stdout.write(page())
