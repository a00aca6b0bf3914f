"""The test vectors of BIP 39 are sealed, those of repeated words too, wherever they stand (trezor's vectors.json)."""

import io
import itertools
import json

import pytest
from mnemonic import Mnemonic

from vigie.cell.identifiers.sight import sights

ENTROPIES = [bytes([byte]) * many for byte in (0x00, 0x7F, 0x80, 0xFF) for many in (16, 24, 32)] + [
    bytes.fromhex(one)
    for one in (
        "9e885d952ad362caeb4efe34a8e91bd2", "6610b25967cdcca9d59875f5cb50b0ea75433311869e930b",
        "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c", "c0ba5a8e914111210f2bd131f3d5e08d",
        "6d9be1ee6ebd27a258115aad99b7317b9c8d28b6d76431c3",
        "9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863", "23db8160a31d3e0dca3688ed941adbf3",
        "8197a4a47f0425faeaa69deebc05ca29c0a5b5cc76ceacc0",
        "066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad", "f30f8c1da665478f49b001d94c5fc452",
        "c10ec20dc3cd9f652c7fac2f1230f7a3c828389a14392f05",
        "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
    )
]  # fmt: skip
VECTORS = [Mnemonic("english").to_mnemonic(one) for one in ENTROPIES]
XPUB = "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8"
ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
FORMS = {
    "text": lambda text: f"{ADDRESS} my seed is {text}, keep it. {ADDRESS}",
    "string": lambda text: json.dumps({"address": ADDRESS, "mnemonic": text, "seed": text, "xpub": XPUB}, indent=2),
    "array": lambda text: json.dumps({"address": ADDRESS, "seed": text.split(), "xpub": XPUB}),
    "array, a line each": lambda text: json.dumps([ADDRESS, text.split(), XPUB], indent=1),
    "row": lambda text: f"INSERT INTO `w` VALUES (7,'{ADDRESS}','{text}','{XPUB}'),(8,NULL,'{text}','{ADDRESS}');\n",
    "columns": lambda text: f"INSERT INTO `w` VALUES ('{ADDRESS}',{','.join(map(repr, text.split()))},'{XPUB}');\n",
    "one of many": lambda text: f"{ADDRESS}\n" + "\n".join(sorted({*VECTORS[:6], text})) + f"\n{XPUB}",
}


def test_they_are_bip_39s():
    assert VECTORS[0] == "abandon " * 11 + "about"
    assert VECTORS[2] == "abandon " * 23 + "art"
    assert VECTORS[3] == "legal winner thank year wave sausage worth useful legal winner thank yellow"
    assert VECTORS[9] == "zoo " * 11 + "wrong"
    assert VECTORS[23].startswith("void come effort suffer camp survey")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("number", range(24))
def test_they_are_sealed_and_shown_nowhere(number, form, encoding):
    words = VECTORS[number].split()
    body, shown, sealed, kinds = FORMS[form](VECTORS[number]), list[str](), list[str](), set[str]()
    for one in sights(io.BytesIO(body.encode(encoding))):
        shown += one.found.value + one.found.context
        kinds |= set(one.found.value)
        sealed += [text.decode() for _, _, text in one.hidden]
    pairs = [f"{a} {b}" for a, b in itertools.pairwise(words)]
    bare = [" ".join("".join(" " if one in "',\"\n[]" else one for one in text).split()) for text in sealed]
    assert sum(VECTORS[number] in one for one in bare) == (2 if form in ("string", "row") else 1)
    assert not any(pair in " ".join(line.split()) or words[-1] in line for pair in pairs for line in shown)
    assert {ADDRESS} <= kinds
