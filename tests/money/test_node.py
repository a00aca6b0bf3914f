"""The client of a node, held to a real one."""

import hashlib
import http.server
import threading

import pytest

from knots import Knots, had
from vigie.kernel.chain.node import Node, NodeError, NodeRefusalError, cookie, is_near
from vigie.kernel.errors import UsageError


def digest(raw):
    return hashlib.sha256(hashlib.sha256(raw).digest()).digest()[::-1]


@pytest.fixture(scope="module")
def mined(knots):
    knots.ask("createwallet", "miner")
    own = knots.ask("getnewaddress", wallet="miner")
    knots.ask("generatetoaddress", 105, own)
    other = knots.ask("getnewaddress", wallet="miner")
    txid = knots.ask("sendtoaddress", other, "1.5", wallet="miner")
    knots.ask("generatetoaddress", 1, own)
    return other, txid


@pytest.fixture
def tip(knots, mined):  # noqa: ARG001 - it is to have mined
    """Return the height of the payment: other modules ask the same node."""
    return knots.ask("getblockcount")


@pytest.fixture
def node(knots, mined):  # noqa: ARG001 - it is to have mined
    return Node(knots.url, cookie(knots.folder, "regtest"))


def test_headers_and_blocks_are_those_of_the_node(node, knots, tip):
    about = node.about()
    assert (about.chain, about.blocks) == ("regtest", tip)
    raw = node.headers(node.hash_at(0), 2000)
    headers = [raw[at : at + 80] for at in range(0, len(raw), 80)]
    assert [digest(one).hex() for one in headers] == [knots.ask("getblockhash", height) for height in range(tip + 1)]
    assert node.block(node.hash_at(50))[:80] == headers[50]


def test_filters_find_the_block_of_a_payment(node, knots, mined, tip):
    address, txid = mined
    script = bytes.fromhex(knots.ask("getaddressinfo", address, wallet="miner")["scriptPubKey"])
    assert [one.hex() for one in node.scan([script], 0, tip)] == [knots.ask("getbestblockhash")]
    assert node.scan([b"\x00\x14" + bytes(20)], 0, tip) == []
    found = node.transaction(bytes.fromhex(txid))
    assert found is not None
    assert found[1] == node.hash_at(tip)
    assert node.transaction(bytes(32)) is None
    spent = node.spent(node.hash_at(tip))
    assert spent is None or spent[:2] == b"\x02\x00", "a coinbase and one transaction"


def test_without_rest_the_same_is_had_by_rpc(node, knots, tip):
    plain = Node(knots.url, cookie(knots.cookie, "regtest"))
    plain._rest = False
    assert plain.headers(plain.hash_at(3), 50) == node.headers(node.hash_at(3), 2000)[: 50 * 80]
    assert plain.block(plain.hash_at(tip)) == node.block(node.hash_at(tip))
    assert plain.spent(plain.hash_at(tip)) is None


def test_a_wrong_login_and_a_wrong_height_are_refused(node, knots, tmp_path):
    with pytest.raises(NodeError, match="refuses the login"):
        Node(knots.url, "__cookie__:none").about()
    with pytest.raises(NodeRefusalError, match="out of range"):
        node.hash_at(10_000)
    with pytest.raises(UsageError, match="cookie"):
        cookie(tmp_path, "main")
    (tmp_path / "c").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no cookie"):
        cookie(tmp_path / "c", "main")


def test_a_node_without_filters_says_what_to_do(tmp_path):
    had()
    plain = Knots(tmp_path / "plain")
    try:
        with pytest.raises(NodeRefusalError, match="blockfilterindex=1"):
            Node(plain.url, cookie(plain.folder, "regtest")).scan([b"\x51"], 0, 0)
    finally:
        plain.stop()


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1", "https://127.0.0.1:8332", "http://a:b@c:1", "http://x:99999999", "http://x:1/y"]
)
def test_an_address_of_no_node_is_refused(url):
    with pytest.raises(UsageError, match="no address of a node"):
        Node(url, "a:b")


def answering(*answers):
    """Return a server that gives these answers, one after another, whatever is asked; None: it hangs up."""
    left = list(answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            one = left.pop(0) if left else None
            if one is None:
                self.connection.close()
                return
            status, body, length = one if len(one) == 3 else (*one, None)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) if length is None else length))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - as the library calls it

        def log_message(self, *_):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "cannot be asked"),
        ((200, b"<html>"), "Is it a node"),
        ((200, b'{"result": 5, "error": null}'), "Is it a node"),
        ((200, b'{"result": null, "error": null}'), "no answer"),
        ((200, b'{"result": "00"', 400), "stopped within"),
        ((500, b'{"result": null, "error": {"code": -1, "message": "no"}}'), "refuses getblockhash: no"),
        ((200, b'{"result": "zz", "error": null}'), "hexadecimal"),
        ((200, b'{"result": "00", "error": null}'), "block's hash"),
        ((200, b"\xff\xff"), "Is it a node"),
    ],
)
def test_a_node_that_talks_nonsense_is_an_error_that_says_so(answer, says):
    server = answering(answer)
    try:
        with pytest.raises(NodeError, match=says):
            Node(f"http://127.0.0.1:{server.server_port}", "a:b").hash_at(1)
    finally:
        server.shutdown()
        server.server_close()


def test_a_node_that_is_not_there_is_an_error():
    with pytest.raises(NodeError, match="cannot be asked"):
        Node("http://127.0.0.1:1", "a:b").about()


@pytest.mark.parametrize(
    ("host", "near"),
    [("127.0.0.1", True), ("::1", True), ("10.1.2.3", True), ("192.168.1.9", True), ("fe80::1", True),
     ("localhost", True), ("node.lan", True), ("8.8.8.8", False), ("0.0.0.0", False), ("2606:4700::1", False),
     ("node.example.org", False), ("local", False)],
)  # fmt: skip
def test_only_a_near_node_is_asked_unless_told(host, near):
    assert is_near(host) is near
