"""What else lies on a server: pages, styles, logs, settings, a database, a document, and stock icons."""

import io
import sqlite3

import msgspec
import numpy as np

from vigie.sample.drawing import draw, generator
from vigie.sample.made import Made
from vigie.sample.store import FOLDER, Store

MODIFIED = 1_700_000_000
ICONS = 8
_WORDS = ("harbour", "meadow", "granite", "lantern", "orchard", "pebble", "river", "summit", "thunder", "willow")


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """Files that are no family's: all of them, and those that stand on the known-good list."""

    made: tuple[Made, ...]
    benign: tuple[Made, ...]


def foreign(store: Store, seed: int) -> Fixed:
    """Write the files of a server that nobody looks for."""
    rng = generator(seed, "foreign", 0)
    text = _prose(rng, 400)
    page = f"<!DOCTYPE html>\n<html><head><title>gallery</title></head><body><p>{text}</p></body></html>\n"
    files: dict[bytes, bytes] = {
        b"var/www/html/index.html": page.encode(),
        b"var/www/html/css/style.css": b"body { margin: 0; background: #222 }\nimg { border: 1px solid #444 }\n",
        b"var/www/html/js/gallery.js": b"'use strict';\nfor (const a of document.links) a.rel = 'noopener';\n",
        b"var/www/html/robots.txt": b"User-agent: *\nDisallow: /\n",
        b"etc/nginx/nginx.conf": b"server { listen 80; root /var/www/html; client_max_body_size 64m; }\n",
        b"var/log/nginx/access.log": _log(rng),
        b"home/okari/notes.txt": _prose(rng, 200).encode(),
        b"home/okari/letter.pdf": _pdf(),
        b"var/lib/gallery/gallery.sqlite": _database(rng),
        b"home/okari/noise.bin": rng.bytes(4096),
        "home/okari/Grüße aus dem Süden \N{SNOWMAN}.txt".encode(): b"wish you were here\n",
        b"home/okari/" + b"n" * 240 + b".txt": b"a long name\n",
    }
    made = [store.put((FOLDER, path), data, modified=MODIFIED, kind="other") for path, data in files.items()]
    made.append(
        store.put((b"backup.tar.gz", b"etc/hostname"), b"okari.example\n", modified=MODIFIED, kind="other"),
    )
    icons = [_icon(store, seed, number) for number in range(ICONS)]
    return Fixed(made=(*made, *icons), benign=tuple(icons))


def _icon(store: Store, seed: int, number: int) -> Made:
    out = io.BytesIO()
    draw(generator(seed, "foreign", 1, number), 96, 96).save(out, "PNG")
    return store.put(
        (FOLDER, f"var/www/html/css/icon-{number:02d}.png".encode()),
        out.getvalue(),
        modified=MODIFIED,
        kind="image",
        family=f"icon-{number:05d}",
        edit="original",
        standing="benign",
        reachable=True,
    )


def _prose(rng: np.random.Generator, words: int) -> str:
    return " ".join(_WORDS[at] for at in rng.integers(0, len(_WORDS), words).tolist())


def _log(rng: np.random.Generator) -> bytes:
    # 192.0.2.0/24 is reserved for documentation (RFC 5737)
    lines = [
        f'192.0.2.{a} - - [14/Nov/2023:{h:02d}:{m:02d}:00 +0000] "GET /gallery/{a * m} HTTP/1.1" 200 {a * 97}\n'
        for a, h, m in zip(rng.integers(1, 255, 500), rng.integers(0, 24, 500), rng.integers(0, 60, 500), strict=True)
    ]
    return "".join(lines).encode()


def _pdf() -> bytes:
    """Return the smallest document that readers open: one empty page."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    tail = b"xref\n0 4\n0000000000 65535 f \n%strailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return out + tail % (table, len(out))


def _database(rng: np.random.Generator) -> bytes:
    database = sqlite3.connect(":memory:")
    database.execute("create table views (picture integer, at text, count integer)")
    rows = [(at, f"2023-11-{at % 28 + 1:02d}", int(count)) for at, count in enumerate(rng.integers(0, 900, 200))]
    database.executemany("insert into views values (?, ?, ?)", rows)
    database.commit()
    content = database.serialize()
    database.close()
    return content
