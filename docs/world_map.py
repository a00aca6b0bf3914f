"""Makes ``src/vigie/desk/pages/world.txt`` anew: outlines of the countries, ready for an SVG of 960 x 468.

``python docs/world_map.py FOLDER > src/vigie/desk/pages/world.txt``, FOLDER being ``datasets/naturalearth_lowres`` of
the wheel geopandas 0.14.4: Natural Earth 1:110m, public domain (naturalearthdata.com, "Terms of Use"). Countries too
small for that scale are points, at the place of their first zone in tzdata's ``zone.tab`` (public domain).

Lines: code, a space, and the path; of a point ``@x,y``. Projection: Equal Earth (Šavrič, Patterson, Jenny 2018, "The
Equal Earth map projection", IJGIS 33(3)), which shows areas as they are. Antarctica is left out.
"""  # noqa: INP001 - docs is a folder of pages and scripts, not a package

import itertools
import json
import math
import re
import struct
import sys
from pathlib import Path

ISO = Path("/usr/share/iso-codes/json/iso_3166-1.json")
ZONES = Path("/usr/share/zoneinfo/zone.tab")
UNSAID = {"France": "FR", "Norway": "NO", "Kosovo": "XK", "N. Cyprus": "", "Somaliland": ""}
"""Names of those to which Natural Earth gives no code of ISO 3166-1 (France and Norway by a known mistake)."""
WIDTH, TOP, BOTTOM = 960.0, 84.0, -57.0
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
"""Coefficients of the projection."""
M = math.sqrt(3) / 2
SCALE = WIDTH / (2 * math.pi / (M * A1))


def projected(lon: float, lat: float) -> tuple[float, float]:
    """Return x and y on the paper."""
    theta = math.asin(M * math.sin(math.radians(lat)))
    squared = theta * theta
    sixth = squared**3
    x = math.radians(lon) * math.cos(theta) / (M * (A1 + 3 * A2 * squared + sixth * (7 * A3 + 9 * A4 * squared)))
    return WIDTH / 2 + x * SCALE, -theta * (A1 + A2 * squared + sixth * (A3 + A4 * squared)) * SCALE


def main(folder: Path) -> None:
    """Print the outlines."""
    two = {one["alpha_3"]: one["alpha_2"] for one in json.loads(ISO.read_text())["3166-1"]}
    top = projected(0, TOP)[1]
    said = set[str]()
    for name, three, rings in shapes(folder):
        code = two.get(three) or UNSAID[name]
        if code != "AQ":
            said.add(code)
            sys.stdout.write(f"{code or '-'} {''.join(path(ring, top) for ring in rings)}\n")
    for line in ZONES.read_text().splitlines():
        code, place, *_ = (*line.split("\t"), "")
        if not line.startswith("#") and code not in said and code != "AQ":
            said.add(code)
            x, y = projected(*degrees(place))
            sys.stdout.write(f"{code} @{x:.1f},{y - top:.1f}\n")


def degrees(place: str) -> tuple[float, float]:
    """Read ISO 6709, ``+4230+00131`` or with seconds: longitude and latitude."""
    lat, lon = re.findall(r"[+-]\d+", place)
    sign = {"+": 1, "-": -1}
    return (
        sign[lon[0]] * (int(lon[1:4]) + int(lon[4:6]) / 60),
        sign[lat[0]] * (int(lat[1:3]) + int(lat[3:5]) / 60),
    )


def path(ring: list[tuple[float, float]], top: float) -> str:
    """Return a closed path in steps of a fifth of a unit, relative ones."""
    points = list[tuple[int, int]]()
    for lon, lat in ring:
        x, y = projected(lon, max(lat, BOTTOM))
        point = round(x * 5), round((y - top) * 5)
        if not points or point != points[-1]:
            points.append(point)
    if len(points) < 4:
        return ""
    out = [f"M{_short(points[0][0])},{_short(points[0][1])}l"]
    for (a, b), (c, d) in itertools.pairwise(points[:-1]):
        out.append(f"{_short(c - a)},{_short(d - b)} ")
    return "".join(out).strip().replace(" -", "-").replace(",-", "-") + "z"


def _short(fifths: int) -> str:
    text = f"{fifths / 5:.1f}".rstrip("0").rstrip(".")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def shapes(folder: Path) -> list[tuple[str, str, list[list[tuple[float, float]]]]]:
    """Read a shapefile (ESRI, July 1998): name, code of three letters and rings of each record."""
    table = (folder / "naturalearth_lowres.dbf").read_bytes()
    rows, head, width = struct.unpack_from("<IHH", table, 4)
    fields, at, place = {}, 32, 1
    while table[at] != 13:
        fields[table[at : at + 11].split(b"\0")[0].decode()] = (place, table[at + 16])
        place, at = place + table[at + 16], at + 32
    records = [table[head + width * row : head + width * (row + 1)] for row in range(rows)]
    names = [
        tuple(one[begin : begin + size].decode("latin-1").strip() for begin, size in (fields["name"], fields["iso_a3"]))
        for one in records
    ]
    shape = (folder / "naturalearth_lowres.shp").read_bytes()
    out, at = [], 100
    for name, three in names:
        _, words = struct.unpack_from(">II", shape, at)
        parts, points = struct.unpack_from("<II", shape, at + 8 + 36)
        starts = [*struct.unpack_from(f"<{parts}I", shape, at + 8 + 44), points]
        flat = struct.unpack_from(f"<{points * 2}d", shape, at + 8 + 44 + 4 * parts)
        pairs = list(zip(flat[::2], flat[1::2], strict=True))
        out.append((name, three, [pairs[a:b] for a, b in itertools.pairwise(starts)]))
        at += 8 + words * 2
    return out


if __name__ == "__main__":
    main(Path(sys.argv[1]))
