"""How fast identifiers are found in texts, and how often what is reported in benign texts is none.

``python bench/identifiers.py speed [--megabytes N]``: prose with an identifier in every 2 kB, and texts as the sample's
forum has them, with one in every 300 kB: the scan for candidates, all of ``find``, regular expressions for the same
kinds (Python's ``re``, one for all kinds and one after the other; RE2 where google-re2 is), and GraphSense's scanner,
which knows the coins only, where graphsense-lib is; run in turn on one core, the fastest of three of each. Then
``find`` on texts that somebody would write to make it slow, of 2 MB each.

``python bench/identifiers.py benign [--megabytes N] FOLDER...``: what is reported in the texts of folders, by kind,
in all and for each GB, with how many different values there are, and some of them to judge. These are counts.
"""

import argparse
import collections
import gzip
import importlib.util
import random
import re
import sys
import time
import typing as t
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from vigie.cell.identifiers import seeds
from vigie.cell.identifiers.find import find, warm
from vigie.numeric.identifiers import candidates
from vigie.rows.people import IDENTIFIERS, SECRETS
from vigie.sample.forum import words

SEED = 1
EVERY = 2000
ROW = 1000
"""Bytes of a text, about."""
SAMPLES = (
    "name%d@example.org", "+33 6 12 34 56 %02d", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "Telegram: @name_%d",
    "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "kik: name_%d",
    "https://example.org/%d", "DE89 3704 0044 0532 0130 00", "name%d [at] example [dot] org",
    "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion",
    "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge",
)  # fmt: skip
PATTERNS = {
    "email": rb"[A-Za-z0-9._%+~-]{1,64}@[A-Za-z0-9.-]{1,250}\.[A-Za-z]{2,24}",
    "hidden": rb"[A-Za-z0-9._-]{1,64}\s*[\[({](?:at|AT)[\])}]\s*[A-Za-z0-9-]{1,63}",
    "url": rb"(?:https?|ftp)://[^\s\"'<>\[\]]{4,900}",
    "phone": rb"(?:\+|\b00)[1-9][0-9 ()./-]{6,24}[0-9]",
    "base58": rb"\b[13LMDT9A][1-9A-HJ-NP-Za-km-z]{25,35}\b",
    "bech32": rb"\b(?:bc1|ltc1|BC1|LTC1)[a-zA-Z0-9]{25,87}\b",
    "xmr": rb"\b[48][1-9A-HJ-NP-Za-km-z]{94,105}\b",
    "eth": rb"\b0x[0-9a-fA-F]{40}\b",
    "hex": rb"\b(?:[0-9a-fA-F]{40}|05[0-9a-fA-F]{64}|[0-9a-fA-F]{76})\b",
    "pgp": rb"-----BEGIN [A-Z ]{1,40}-----|\b(?:[0-9A-F]{4} {1,2}){9}[0-9A-F]{4}\b",
    "onion": rb"\b[a-z2-7]{56}\.onion\b",
    "iban": rb"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b",
    "messenger": rb"\b(?i:telegram|tg|wickr|kik|snap|insta|threema|signal|discord|skype|icq)[ :=@-]{1,4}[\w.]{4,32}",
}
"""As one would write them; checks, normal forms, phrases, secrets, quotations and contexts would come on top."""


HOSTILE = {
    "digits": b"0123456789", "`@`": b"@", "`a@b.`": b"a@b.", "one word without an end": b"abcdefghij",
    "words of the list (BIP-39), no phrase": b"abandon abandon zoo zebra the ", "`ABCD `": b"ABCD ",
    "`-----BEGIN PGP `": b"-----BEGIN PGP ", "`://`": b"://", "`&#64;`": b"&#64;", "`[quote]`": b"[quote]",
    "base 58 of an address's length": b"1A1zP1eP5QGefi2DMPTfTL5SLmv7Divabc ", "`telegram `": b"telegram ",
    "zero bytes": b"\0",
}  # fmt: skip
"""What ``test_find.py`` bounds, and more of it."""
POSTS_EVERY = 300_000


def posts(megabytes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return posts of the sample's forum, most in English, an identifier in every 300 kB, and where each begins."""
    chance, held = random.Random(SEED), words.prose(SEED)
    rows: list[bytes] = []
    size = since = 0
    while size < megabytes * 1_000_000:
        language = "en" if chance.random() < 0.7 else chance.choice(list(held))
        first, many = np.array([chance.randrange(5000)]), np.array([chance.randrange(1, 9)])
        text = held[language].cut(first, many)[0].encode()
        since += len(text)
        if since >= POSTS_EVERY:
            since -= POSTS_EVERY
            sample = chance.choice(SAMPLES)
            text += b" " + (sample % chance.randrange(100) if "%" in sample else sample).encode()
        rows.append(b"<t>" + text + b"</t>")
        size += len(rows[-1])
    return np.frombuffer(b"".join(rows), np.uint8), np.cumsum([0, *map(len, rows)])


def prose(megabytes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return texts with an identifier in every 2 kB, and where each begins."""
    here = Path(__file__).parent.parent
    plain = " ".join(one.read_text() for one in (here / "LICENSE", *sorted((here / "docs" / "decisions").glob("*.md"))))
    some = re.findall(r"[A-Za-z]+[,.]?", plain)
    chance = random.Random(SEED)
    rows: list[bytes] = []
    size = since = 0
    while size < megabytes * 1_000_000:
        at = chance.randrange(len(some) - 200)
        text = " ".join(some[at : at + chance.randrange(20, 300)])
        since += len(text)
        if since >= EVERY:
            since -= EVERY
            sample = chance.choice(SAMPLES)
            text += " " + (sample % (chance.randrange(100)) if "%" in sample else sample) + " thanks"
        rows.append(text.encode())
        size += len(text)
    return np.frombuffer(b"".join(rows), np.uint8), np.cumsum([0, *map(len, rows)])


def timed(call: Callable[[], object]) -> float:
    """Return seconds of this process that a call took, the fewest of three."""
    took = []
    for _ in range(3):
        begin = time.process_time()
        call()
        took.append(time.process_time() - begin)
    return min(took)


def speed(megabytes: int) -> None:
    """Print the tables of speeds."""
    warm()
    compared("prose", *prose(megabytes))
    compared("posts of the sample", *posts(megabytes))
    print("| 2 MB of nothing but | `find`, MB/s | candidates, MB/s | found |\n|---|---|---|---|")
    for name, part in HOSTILE.items():
        values = np.frombuffer(part * (2_000_000 // len(part)), np.uint8)
        offsets, size = np.array([0, len(values)]), len(values) / 1e6
        took = timed(lambda: find(values, offsets))  # noqa: B023 - called at once
        scan = timed(lambda: candidates(values, offsets, words=seeds.words()))  # noqa: B023 - called at once
        print(f"| {name} | {size / took:.0f} | {size / scan:.0f} | {len(find(values, offsets).row)} |")


def compared(name: str, values: np.ndarray, offsets: np.ndarray) -> None:
    """Print a table of all ways to look for identifiers in a text."""
    data, size = values.tobytes(), len(values) / 1e6
    found = find(values, offsets)
    whole = re.compile(b"|".join(b"(?:" + one + b")" for one in PATTERNS.values()))
    each = [re.compile(one) for one in PATTERNS.values()]
    ways: dict[str, Callable[[], object]] = {
        "the memory read once": lambda: values.sum(dtype=np.uint8),
        "candidates, without phrases": lambda: candidates(values, offsets),
        "candidates": lambda: candidates(values, offsets, words=seeds.words()),
        "`find`: checked, normalised, with context and quotation": lambda: find(values, offsets),
        "Python `re`, one expression": lambda: collections.deque(whole.finditer(data), 0),
        "Python `re`, one for each kind": lambda: [collections.deque(one.finditer(data), 0) for one in each],
    }
    if importlib.util.find_spec("re2"):
        import re2  # noqa: PLC0415 - only where it is

        options = re2.Options()
        options.max_mem = 256 << 20
        options.encoding = re2.Options.Encoding.LATIN1
        fast = re2.compile(b"|".join(b"(?:" + one + b")" for one in PATTERNS.values()), options)
        ways["RE2, one expression"] = lambda: collections.deque(fast.finditer(data), 0)
    if importlib.util.find_spec("graphsenselib"):
        from graphsenselib.convert.address_scan import validators  # noqa: PLC0415 - only where it is

        sys.modules["graphsenselib.utils.address"] = validators  # its own, that need nothing else of it
        from graphsenselib.convert.address_scan.scanner import scan  # noqa: PLC0415 - only where it is

        ways["GraphSense's scanner, coins only, checked"] = lambda: scan(data.decode("latin-1"))
    took = {name: timed(call) for name, call in ways.items()}
    print(f"{size:.0f} MB of {name} in {len(offsets) - 1} texts, {len(found.row)} identifiers\n")
    print("| What | MB/s, one core | of `find` |\n|---|---|---|")
    for way, seconds in took.items():
        print(f"| {way} | {size / seconds:.0f} | {took[next(n for n in took if 'find' in n)] / seconds:.2f} |")
    print()


def texts(folders: list[Path], most: int) -> Iterator[bytes]:
    """Give files that are no binaries, unpacked, at most 4 MB of each."""
    size = 0
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if (
                path.is_symlink()
                or not path.is_file()
                or path.suffix in (".so", ".pyc", ".a", ".png", ".zip", ".whl", ".nbc")
            ):
                continue
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                text = file.read(4 << 20)
            if b"\0" in text[:4096]:
                continue
            size += len(text)
            yield text
            if size > most:
                return


class Tally(t.NamedTuple):
    """What was reported of a kind."""

    values: collections.Counter[str]
    shown: list[str]


def benign(folders: list[Path], megabytes: int) -> None:
    """Print the table of what is reported."""
    tallies: dict[str, Tally] = collections.defaultdict(lambda: Tally(collections.Counter(), []))
    size, held = 0, []
    for text in (*texts(folders, megabytes * 1_000_000), b""):
        held.append(text)
        if text and sum(map(len, held)) < 8_000_000:
            continue
        found = find(np.frombuffer(b"".join(held), np.uint8), np.cumsum([0, *map(len, held)]))
        size += sum(map(len, held))
        for kind, checked, value, context in zip(found.kind, found.checked, found.value, found.context, strict=True):
            one = tallies[IDENTIFIERS[kind] + ("" if checked else ", unchecked")]
            one.values[value] += 1
            one.shown.append(context)
        for row, start, end, kind in zip(*found.secrets, strict=True):
            tallies[f"secret: {SECRETS[kind]}"].values[held[row][start:end].decode("latin-1")] += 1
        held = []
    print(f"{size / 1e6:.0f} MB\n\n| Kind | reported | for each GB | different |\n|---|---|---|---|")
    for name, one in sorted(tallies.items(), key=lambda item: -item[1].values.total()):
        print(f"| {name} | {one.values.total()} | {one.values.total() / size * 1e9:.0f} | {len(one.values)} |")
    for name, one in tallies.items():
        print(f"<!-- {name}: {random.Random(SEED).sample(one.shown, min(8, len(one.shown)))} -->")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("speed", "benign"))
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--megabytes", type=int, default=20)
    asked = parser.parse_intermixed_args()
    if asked.what == "speed":
        speed(asked.megabytes)
    else:
        benign(asked.folders, asked.megabytes)


if __name__ == "__main__":
    main()
