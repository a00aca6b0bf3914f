"""Keys, descriptors and addresses against the BIPs' own vectors, and against embit on keys drawn by chance."""

import contextlib
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vigie.steps
from drawn_chain import Tx, drawn
from vigie.kernel.chain.chain import Chain
from vigie.kernel.engine import whole
from vigie.kernel.stage import STAGES
from vigie.kernel.table import of
from vigie.numeric.coins import base58, bech32, curve, descriptors, extended, hashing, scripts
from vigie.numeric.coins.derive import Points
from vigie.numeric.coins.derive import scripts as scripts_of
from vigie.rows.given import Given

embit = pytest.importorskip("embit", reason="the peer: pip install embit")
from embit import bip32, bip39  # noqa: E402 - only where it is
from embit.descriptor import Descriptor  # noqa: E402 - as above

ROOT = bip32.HDKey.from_seed(bip39.mnemonic_to_seed("abandon " * 11 + "about"))
"""The public test phrase of BIP 44, 49, 84 and 86."""
vigie.steps.load()


def account(path: str) -> str:
    return ROOT.derive(path).to_public().to_base58()


def addresses(text: str, branch: int, first: int, count: int, network: str = "main") -> list[str]:
    read = descriptors.read(text)
    (made,) = scripts_of(read.node, Points(branch, first, count))
    return scripts.addresses(made.scripts, made.type, network)


@pytest.mark.parametrize(
    ("form", "path", "branch", "wanted"),
    [
        ("wpkh({}/<0;1>/*)", "m/84h/0h/0h", 0,
         ["bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"]),
        ("wpkh({}/<0;1>/*)", "m/84h/0h/0h", 1, ["bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"]),
        ("tr({}/<0;1>/*)", "m/86h/0h/0h", 0,
         ["bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
          "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh"]),
        ("tr({}/<0;1>/*)", "m/86h/0h/0h", 1, ["bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7"]),
        ("sh(wpkh({}/<0;1>/*))", "m/49h/0h/0h", 0, ["37VucYSaXLCAsxYyAPfbSi9eh4iEcbShgf"]),
        ("pkh({}/<0;1>/*)", "m/44h/0h/0h", 0, ["1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA"]),
    ],
)  # fmt: skip
def test_the_vectors_of_bip_44_49_84_and_86(form: str, path: str, branch: int, wanted: list[str]) -> None:
    assert addresses(form.format(account(path)), branch, 0, len(wanted)) == wanted


def test_public_derivation_of_bip_32_vector_2() -> None:
    parent = extended.read(
        "xpub661MyMwAqRbcFW31YEwpkMuc5THy2PSt5bDMsktWQcFF8syAmRUapSCGu8ED9W6oDMSgv6Zz8idoc4a6mr8BDzTJY47LJhkJ8UB7WEGuduB"
    )
    keys, chains = curve.children(parent.key, parent.chain, 0, 1)
    child = extended.Extended("main", "", 1, parent.fingerprint, 0, chains[0].tobytes(), keys[0].tobytes())
    assert child.text == (
        "xpub69H7F5d8KSRgmmdJg2KhpAK8SR3DjMwAdkxj3ZuxV27CprR9LgpeyGmXUbC6wb7ERfvrnKZjXoUmmDznezpbZb7ap6r1D3tgFxHmwMkQTPH"
    )


@pytest.mark.parametrize(
    "text",
    [  # BIP 32, vector 5, the public ones: private byte, prefix 4, point, depth 0 with a parent, an index; checksum
        "xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6LBpB85b3D2yc8sfvZU521AAwdZafEz7mnzBBsz4wKY5fTtTQBm",
        "xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6Txnt3siSujt9RCVYsx4qHZGc62TG4McvMGcAUjeuwZdduYEvFn",
        "xpub661no6RGEX3uJkY4bNnPcw4URcQTrSibUZ4NqJEw5eBkv7ovTwgiT91XX27VbEXGENhYRCf7hyEbWrR3FewATdCEebj6znwMfQkhRYHRLpJ",
        "xpub661MyMwAuDcm6CRQ5N4qiHKrJ39Xe1R1NyfouMKTTWcguwVcfrZJaNvhpebzGerh7gucBvzEQWRugZDuDXjNDRmXzSZe4c7mnTK97pTvGS8",
        "xpub661MyMwAqRbcEYS8w7XLSVeEsBXy79zSzH1J8vCdxAZningWLdN3zgtU6N8ZMMXctdiCjxTNq964yKkwrkBJJwpzZS4HS2fxvyYUA4q2Xe4",
        "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet9",
        "", "xpub", "x" * 111, "1" * 112,
    ],
)  # fmt: skip
def test_what_is_no_extended_key(text: str) -> None:
    assert extended.read(text) is None


def test_every_prefix_of_slip_132_is_the_same_key() -> None:
    body = base58.checked(account("m/84h/0h/0h"))
    read = {}
    for version, (network, hint) in extended.KINDS.items():
        one = extended.read(base58.written(bytes.fromhex(version) + body[4:]))
        assert (one.network, one.hint, one.key) == (network, hint, body[45:])
        read.setdefault(network, set()).add(one.text)
    assert {network: len(texts) for network, texts in read.items()} == {"main": 1, "test": 1}
    zpub = base58.written(bytes.fromhex("04b24746") + body[4:])
    assert zpub.startswith(
        "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDt"
    )


@pytest.mark.parametrize(
    "form",
    ["pkh({a}/<0;1>/*)", "wpkh([deadbeef/84'/0h/0H]{a}/7/<0;1>/*)", "sh(wpkh({a}/<0;1>/*))",
     "wsh(multi(2,{a}/<0;1>/*,{b}/<0;1>/*))", "wsh(sortedmulti(2,{a}/<0;1>/*,{b}/<0;1>/*,{c}/<0;1>/*))",
     "sh(sortedmulti(1,{a}/<0;1>/*,{b}/<0;1>/*))", "sh(wsh(multi(1,{a}/<0;1>/*,{b}/<0;1>/*)))", "tr({a}/<0;1>/*)",
     "tr({a}/<0;1>/*,pk({b}/<0;1>/*))", "tr({a}/<0;1>/*,{{pk({b}/<0;1>/*),multi_a(2,{b}/<0;1>/*,{c}/<0;1>/*)}})"],
)  # fmt: skip
def test_scripts_are_those_of_embit(form: str) -> None:
    chance = random.Random(form)
    for _ in range(4):
        keys = {
            name: bip32.HDKey.from_seed(chance.randbytes(32)).derive("m/1h/2h").to_public().to_base58()
            for name in "abc"
        }
        text = form.format(**keys)
        read, peer, first = descriptors.read(text), Descriptor.from_string(text), chance.randrange(1 << 30)
        for branch in (0, 1):
            (made,) = scripts_of(read.node, Points(branch, first, 12))
            for at in range(12):
                wanted = peer.derive(first + at, branch_index=branch).script_pubkey().data
                assert made.scripts[at].tobytes() == wanted
                assert scripts.kind(wanted) == made.type


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("wpkh({}/0h/*)", "hardened"), ("wpkh({}/*h)", "hardened"), ("wsh(and_v(v:pk({}),after(9)))", "uncheckable"),
        ("tr({},and_v(v:pk({}),older(9)))", "uncheckable"), ("wpkh({}/<0;0>/*)", "bad"), ("wpkh({}/<0>/*)", "bad"),
        ("wpkh({}/2147483648/*)", "bad"), ("sh(sh(pkh({})))", "bad"), ("wpkh({}/*)#aaaaaaaa", "bad"),
        ("multi(4,{},{},{},{})", "bad"), ("wpkh({}", "bad"), ("", "bad"), ("(" * 5000, "bad"),
        ("tr({}," + "{" * 200 + "pk({})" + "}" * 200 + ")", "bad"), ("addr(1BoatSLRHtKNngkdXEeobR76b53LETtpyU)", "bad"),
        ("pk(04a34b99f22c790c4e36b2b3c2c35a36db06226e41c692fc82b8b56ac1c540c5be)", "bad"), ("raw(abc)", "bad"),
    ],
)  # fmt: skip
def test_what_does_not_lead_to_a_script_says_why(text: str, state: str) -> None:
    if "{{" not in text:
        text = text.replace("{}", account("m/84h/0h/0h"))
    with pytest.raises(descriptors.Unusable) as found:
        descriptors.read(text)
    assert found.value.state == state


def test_a_private_key_is_told_and_not_shown() -> None:
    private = ROOT.derive("m/84h/0h/0h").to_base58()
    (schemes, made) = derived(f"wpkh({private}/0/*)", private)
    assert [one.state for one in schemes] == ["private"]
    assert not len(made)
    assert private[20:40] not in repr(schemes.rows())


def test_the_checksum_is_that_of_bip_380() -> None:
    assert descriptors.checksum("raw(deadbeef)") == "89f8spxm"
    assert descriptors.read("raw(deadbeef)#89f8spxm").text == "raw(deadbeef)#89f8spxm"


def test_bip_341_outputs_with_and_without_a_tree() -> None:
    x = bytes.fromhex("d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d")
    wanted = "53a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343"
    assert curve.tapped(np.frombuffer(b"\2" + x, np.uint8).reshape(1, 33))[0].tobytes().hex() == wanted
    x = "187791b6f712a8ea41c8ecdd0ee77fab3e85263b37e1ec18a3651926b3a6cf27"
    leaf = "d85a959b0290bf19bb89ed43c916be835475d013da4b362117393e25a48229b8"
    assert addresses(f"tr({x},pk({leaf}))", 0, 0, 1) == [
        "bc1pz37fc4cn9ah8anwm4xqqhvxygjf9rjf2resrw8h8w4tmvcs0863sa2e586"
    ]


@pytest.mark.parametrize(
    ("address", "script", "network"),
    [  # BIP 173 and 350, Bitcoin Core's key_io_valid
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6", "main"),
        ("bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
         "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6", "main"),
        ("BC1SW50QGDZ25J", "6002751e", "main"), ("bc1pfeessrawgf", "51024e73", "main"),
        ("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
         "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262", "test"),
        ("bcrt1pfeesnyr2tx", "51024e73", "regtest"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac", "main"),
        ("mo9ncXisMeAoXwqcV5EWuyncbmCcQN4rVs", "76a91453c0307d6851aa0ce7825ba883c6bd9ad242b48688ac", "test"),
    ],
)  # fmt: skip
def test_addresses_and_scripts_both_ways(address: str, script: str, network: str) -> None:
    said = scripts.read(address)
    assert (said.script.hex(), said.network) == (script, network)
    assert scripts.address(said.script, network) == said.text


@pytest.mark.parametrize(
    "text",
    ["tc1qeul5g2xfkvdkrhcfmdursv73ad64jnkjl9c40f", "bt1pq65rzej5glw3ra79gav6fqnx4haa0z257qr3mc8cggkefahmgvyseufhc0",
     "tb13hty4qmumlwpp6chxjvcyzza4duqgtmxw3xhm3u9ahj4nyhtwz8eq7ynrj4", "bcrt1r2qxpwuge", "bc1gmk9yu",
     "tb1qum6uh0pt4q253qaf520929737v63w5gf", "bcrt1qzwmyj0z924g7fzs5yvnrkc43y76RVyr2lh5t4r",
     "bc1p702xksx4z3uqf0u2phllxkfe5cgu0adxptqs0uelx0tqt8e885sqryes2l", "2UVPFpGYnLHJezFzjUo42our6PMEoozzRdM",
     "tb1z7gmh0v6pc30z4xum76lmw8w86yswrlmw", "KzNbAQ4mexfAxa6RKBzHQqfoTycaeWpv2p",
     "AZEah8d1EK362okRBS66e8SvdtYkrE8tsX", "bcrt1rjqr2tdkm", "bc1qdsuzmn04k2z8vryw8l4dj8m5ygqgnne5n", "x", ""],
)  # fmt: skip
def test_what_core_says_is_no_address(text: str) -> None:
    assert scripts.read(text) is None


@given(st.lists(st.binary(min_size=20, max_size=20), min_size=1, max_size=8), st.sampled_from(list(scripts.VERSIONS)))
def test_many_base58_addresses_are_each_as_alone(hashes: list[bytes], version: int) -> None:
    rows = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 20)
    made = base58.addresses(version, rows)
    assert made == [base58.written(bytes([version]) + one) for one in hashes]
    assert [base58.checked(one)[1:] for one in made] == hashes


@given(st.data(), st.sampled_from([(0, 20), (0, 32), (1, 32), (16, 2), (5, 40)]), st.sampled_from(["bc", "tb", "bcrt"]))
def test_many_segwit_addresses_are_each_as_alone(data: st.DataObject, form: tuple[int, int], prefix: str) -> None:
    version, wide = form
    held = data.draw(st.lists(st.binary(min_size=wide, max_size=wide), min_size=1, max_size=5))
    made = bech32.addresses(prefix, version, np.frombuffer(b"".join(held), np.uint8).reshape(-1, wide))
    assert made == [bech32.address(prefix, version, one) for one in held]
    assert [bech32.program(bech32.told(one)) for one in made] == [(version, one) for one in held]


@given(st.binary(max_size=80))
def test_ripemd_160_is_the_same_without_openssl(data: bytes) -> None:
    assert hashing.by_cryptodome(data) == hashing.ripemd160(data)


@given(st.text(max_size=120) | st.binary(max_size=60).map(bytes.hex))
def test_any_text_is_read_or_refused(text: str) -> None:
    scripts.read(text)
    extended.read(text)
    for one in (text, f"wpkh({text})", f"tr({text},{{{text},{text}}})"):
        with contextlib.suppress(descriptors.Unusable):
            descriptors.read(one)


def derived(*given_: str, margin: int = 3, chain: Chain | None = None, **more: object):
    stage = STAGES["derived"]
    tables = {name: of(row) for name, row in stage.reads.items()}
    rows = [Given.make(kind="key", value=one, note="", examiner="E", given_at="") for one in given_]
    return whole(stage, tables | {"givens": of(Given, rows)}, stage.settings({"margin": margin, **more}), chain=chain)


def test_a_key_whose_kind_is_not_said_is_tried_as_all() -> None:
    schemes, made = derived(account("m/84h/0h/0h"))
    assert sorted(one.type for one in schemes) == ["p2pkh", "p2sh", "p2tr", "p2wpkh"]
    assert len(made) == 4 * 2 * 3
    assert "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g" in {one.address for one in made if one.path == "0/1"}


def test_a_budget_bounds_the_work_and_says_so() -> None:
    schemes, made = derived(account("m/84h/0h/0h"), margin=1000, budget=500)
    assert len(made) == 500
    assert all("budget" in one.note for one in schemes)


def paid(*places: tuple[int, int]) -> Chain:
    """Return a chain that pays the first account's P2WPKH scripts: branch, index."""
    read = descriptors.read(f"wpkh({account('m/84h/0h/0h')}/<0;1>/*)")
    held = [scripts_of(read.node, Points(branch, at, 1))[0].scripts[0].tobytes() for branch, at in places]
    return drawn([Tx("mint", [], [(one, 1000) for one in held])], network="main")


@pytest.mark.parametrize(
    ("places", "until"),
    [((), 3), (((0, 0),), 4), (((0, 2), (1, 5), (0, 8)), 12), (((0, 2), (1, 6)), 6), (((0, 4),), 3)],
)
def test_derivation_goes_on_as_long_as_the_chain_pays_one_of_the_last(places, until) -> None:
    schemes, made = derived(account("m/84h/0h/0h"), chain=paid(*places))
    far = {one.type: one.until for one in schemes}
    assert far == {"p2pkh": 3, "p2sh": 3, "p2tr": 3, "p2wpkh": until}
    assert len(made) == 2 * (3 * 3 + until)


def test_where_the_chain_pays_more_than_may_be_derived_that_is_said() -> None:
    places = [(0, at) for at in range(20)]
    schemes, _ = derived(account("m/84h/0h/0h"), chain=paid(*places), most=10)
    (one,) = [one for one in schemes if one.type == "p2wpkh"]
    assert one.until == 10
    assert "the chain pays index 9, near the last derived: raise most" in one.note


def test_electrum_1() -> None:
    """Electrum, ``test_wallet_vertical.py``: the words ``powerful random nobody ...``."""
    mpk = (
        "e9d4b7866dd1e91c862aebf62a49548c7dbf7bcc6e4b7b8c9da820c7737968df"
        "9c09d5a3e271dc814a29981f81b3faaf2737b551ef5dcc6189cf0f8252c442b3"
    )
    assert addresses(f"electrum({mpk})", 0, 0, 1) == ["1FJEEB8ihPMbzs2SkLmr37dHyRFzakqUmo"]
    assert addresses(f"electrum({mpk})", 1, 0, 1) == ["1KRW8pH6HFHZh889VDq6fEKvmrsmApwNfe"]
