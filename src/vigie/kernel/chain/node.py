"""The unit's own node, asked over RPC and REST: nothing else of vigie uses a network, and this only when told to.

Bitcoin Core's interfaces (doc/JSON-RPC-interface.md, doc/REST-interface.md): what is in blocks comes as bytes and is
read in the cell; of JSON only a few answers are read here, typed, and bounded before they are read. Whatever the node
says is checked by who asks: a hash is computed, a header has its work, a transaction hangs on its block.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import socket
import typing as t
import urllib.parse

import msgspec

from vigie.kernel.errors import UsageError

if t.TYPE_CHECKING:
    from pathlib import Path

MOST_BLOCK_BYTES: t.Final = 8 << 20
"""A block has 4 MB at most (BIP 141), what it spends rarely more."""
MOST_JSON_BYTES: t.Final = 64 << 20
HEADERS: t.Final = 2000
"""Headers in one REST answer."""
HEADER_BYTES: t.Final = 80
PORTS: t.Final = {"main": 8332, "test": 18332, "testnet4": 48332, "signet": 38332, "regtest": 18443}
COOKIES: t.Final = {"main": "", "test": "testnet3", "testnet4": "testnet4", "signet": "signet", "regtest": "regtest"}
"""Folder of the node's data in which its cookie lies."""
_SECONDS: t.Final = 60.0
_SCAN_SECONDS: t.Final = 6 * 3600.0
"""A scan of all filters of the main chain takes the node many minutes, and it says nothing meanwhile."""

R = t.TypeVar("R")


class NodeError(UsageError):
    """The node cannot be reached, refuses, stops, or says what cannot be."""


class About(msgspec.Struct, frozen=True):
    """What a node says of its chain (``getblockchaininfo``)."""

    chain: str
    blocks: int
    headers: int
    bestblockhash: str
    initialblockdownload: bool
    pruned: bool = False
    pruneheight: int = 0


class Scanned(msgspec.Struct, frozen=True):
    """Which blocks may hold what was asked for (``scanblocks``)."""

    from_height: int
    to_height: int
    relevant_blocks: list[str]
    completed: bool = True


class _Trouble(msgspec.Struct, frozen=True):
    message: str = ""
    code: int = 0


class _Answer(msgspec.Struct, t.Generic[R], frozen=True):
    result: R | None = None
    error: _Trouble | None = None


class Node:
    """One node. ``url``: ``http://HOST:PORT``; ``login``: ``user:password``, as a cookie file holds it."""

    def __init__(self, url: str, login: str) -> None:
        parts = urllib.parse.urlsplit(url if "//" in url else f"http://{url}")
        try:
            port = parts.port
        except ValueError:
            port = None
        if parts.scheme != "http" or not parts.hostname or not port or parts.path.strip("/") or parts.username:
            raise UsageError(f"{url!r} is no address of a node. Write it as http://127.0.0.1:8332.")
        self.host, self.port = parts.hostname, port
        self._login = base64.b64encode(login.encode()).decode()
        self._rest: bool | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def about(self) -> About:
        """Return how far the node is. Errors: NodeError, here and below."""
        return self.call("getblockchaininfo", [], About)

    def hash_at(self, height: int) -> bytes:
        """Return the hash (display order) of the block of its chain at a height."""
        return self._hash(self.call("getblockhash", [height], str))

    def headers(self, first: bytes, count: int) -> bytes:
        """Return up to ``count`` headers of its best chain, 80 bytes each, from block ``first`` (display order) on."""
        if self.has_rest():
            raw = self.get(f"headers/{first.hex()}.bin?count={min(count, HEADERS)}", HEADERS * HEADER_BYTES)
        else:
            raw = self._headers_by_rpc(first, min(count, 100))
        if len(raw) % HEADER_BYTES:
            raise NodeError(f"The node at {self} gave {len(raw)} bytes as headers, which are 80 each. Is it a node?")
        return raw

    def block(self, which: bytes) -> bytes:
        """Return a block as its bytes."""
        if self.has_rest():
            return self.get(f"block/{which.hex()}.bin", MOST_BLOCK_BYTES)
        return self._bytes(self.call("getblock", [which.hex(), 0], str, 2 * MOST_BLOCK_BYTES + 4096))

    def spent(self, which: bytes) -> bytes | None:
        """Return all outputs that a block spends, as ``rest/spenttxouts`` gives them; None: this node has no such."""
        if not self.has_rest():
            return None
        status, raw = self._ask("GET", f"/rest/spenttxouts/{which.hex()}.bin", b"", MOST_BLOCK_BYTES * 4, _SECONDS)
        return raw if status == http.HTTPStatus.OK else None

    def transaction(self, txid: bytes) -> tuple[bytes, bytes] | None:
        """Return a transaction's bytes and its block's hash, by the node's index; None: not there, or no index."""
        try:
            told = self.call("getrawtransaction", [txid.hex(), 1], _Raw, 2 * MOST_BLOCK_BYTES * 4)
        except NodeRefusalError:
            return None
        return (self._bytes(told.hex), self._hash(told.blockhash)) if told.blockhash else None

    def scan(self, scripts: t.Sequence[bytes], first: int, last: int) -> list[bytes]:
        """Return the hashes of blocks that may touch scripts, by the node's filters (BIP 157, 158), in its order."""
        wanted = [f"raw({script.hex()})" for script in scripts]
        told = self.call("scanblocks", ["start", wanted, first, last], Scanned, seconds=_SCAN_SECONDS)
        if not told.completed:
            raise NodeError(f"The node at {self} stopped its scan before its end. Ask it again.")
        return [self._hash(one) for one in told.relevant_blocks]

    def filter(self, which: bytes) -> bytes:
        """Return a block's compact filter (BIP 158, basic), as it is hashed."""
        if not self.has_rest():
            return self._bytes(self.call("getblockfilter", [which.hex()], _Filter).filter)
        raw = self.get(f"blockfilter/basic/{which.hex()}.bin", MOST_BLOCK_BYTES)
        wide = 1 << raw[33] - 0xFC if len(raw) > 33 and raw[33] >= 0xFD else 0
        size = int.from_bytes(raw[34 : 34 + wide], "little") if wide else raw[33] if len(raw) > 33 else -1
        if raw[:33] != b"\0" + which[::-1] or len(raw) != 34 + wide + size:
            raise NodeError(f"The node at {self} gave {_short(raw)} as the filter of {which.hex()}. Is it a node?")
        return raw[34 + wide :]

    def filter_header(self, which: bytes) -> bytes:
        """Return the header of a block's filter (BIP 157), order of blocks: it commits to all filters up to there."""
        if not self.has_rest():
            return self._hash(self.call("getblockfilter", [which.hex()], _Filter).header)[::-1]
        raw = self.get(f"blockfilterheaders/basic/{which.hex()}.bin?count=1", 64)
        if len(raw) != 32:
            raise NodeError(f"The node at {self} gave {_short(raw)} as the header of a filter. Is it a node?")
        return raw

    def has_rest(self) -> bool:
        """Tell whether it answers over REST (``rest=1``); it is asked once."""
        if self._rest is None:
            status, _ = self._ask("GET", "/rest/chaininfo.json", b"", 1 << 20, _SECONDS)
            self._rest = status == http.HTTPStatus.OK
        return self._rest

    def call(
        self, method: str, params: list[t.Any], kind: type[R], most: int = MOST_JSON_BYTES, seconds: float = _SECONDS
    ) -> R:
        """Call a method. Errors: NodeRefusalError where the node says no."""
        body = msgspec.json.encode({"jsonrpc": "1.0", "id": "vigie", "method": method, "params": params})
        status, raw = self._ask("POST", "/", body, most, seconds)
        if status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
            raise NodeError(f"The node at {self} refuses the login. Give the cookie of its running instance: --cookie.")
        try:
            told = msgspec.json.decode(raw, type=_Answer[kind])  # type: ignore[valid-type]  # a type made at run time
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NodeError(
                f"The node at {self} answered {method} with {_short(raw)}: {error}. Is it a node?"
            ) from None
        if told.error is not None:
            raise NodeRefusalError(
                f"The node at {self} refuses {method}: {told.error.message[:300]}.{_advice(told.error.message)}"
            )
        if told.result is None:
            raise NodeError(f"The node at {self} gave no answer to {method} (HTTP {status}).")
        return t.cast("R", told.result)

    def get(self, what: str, most: int) -> bytes:
        """Ask over REST."""
        status, raw = self._ask("GET", f"/rest/{what}", b"", most, _SECONDS)
        if status != http.HTTPStatus.OK:
            raise NodeRefusalError(
                f"The node at {self} refuses {what.partition('?')[0]}: {_short(raw)} (HTTP {status})."
            )
        return raw

    def _headers_by_rpc(self, first: bytes, count: int) -> bytes:
        height = self.call("getblockheader", [first.hex()], _Height).height
        last = min(height + count - 1, self.about().blocks)
        hashes = [first, *(self.hash_at(one) for one in range(height + 1, last + 1))]
        return b"".join(self._bytes(self.call("getblockheader", [one.hex(), False], str)) for one in hashes)

    def _ask(self, method: str, path: str, body: bytes, most: int, seconds: float) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=seconds)
        head = {"Authorization": f"Basic {self._login}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, body or None, head)
            answer = connection.getresponse()
            raw = answer.read(most + 1)
            whole = not answer.length  # what was promised and did not come
        except TimeoutError:
            raise NodeError(f"The node at {self} has not answered for {seconds:.0f} s. Look at its log.") from None
        except (OSError, socket.gaierror, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            raise NodeError(f"The node at {self} cannot be asked: {why}. Is it running, with server=1?") from None
        finally:
            connection.close()
        if len(raw) > most:
            raise NodeError(f"The node at {self} gave more than {most:,} bytes for {path[:60]}. Is it a node?")
        if not whole:
            raise NodeError(f"The node at {self} stopped within an answer. Ask it again when it runs.")
        return answer.status, raw

    def _hash(self, text: str) -> bytes:
        raw = self._bytes(text)
        if len(raw) != 32:
            raise NodeError(f"The node at {self} gave {text[:80]!r} as a block's hash.")
        return raw

    def _bytes(self, text: str) -> bytes:
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise NodeError(f"The node at {self} gave {text[:80]!r} where hexadecimal digits belong.") from None


class NodeRefusalError(NodeError):
    """The node answered, and said no."""


class _Raw(msgspec.Struct, frozen=True):
    hex: str
    blockhash: str = ""


class _Filter(msgspec.Struct, frozen=True):
    filter: str
    header: str


class _Height(msgspec.Struct, frozen=True):
    height: int


def cookie(path: Path, network: str) -> str:
    """Read a login: from a cookie file, or from the data folder of a node in which one lies. Errors: UsageError."""
    file = path / COOKIES[network] / ".cookie" if path.is_dir() else path
    try:
        login = file.read_text().strip()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}. A node writes its cookie when it starts; give its file.") from None
    except UnicodeDecodeError:
        login = ""
    if ":" not in login or len(login) > 1000:
        raise UsageError(f"{file} holds no cookie of a node (user:password, one line).")
    return login


def is_near(host: str) -> bool:
    """Tell whether a host is this machine or of a private network. Names are not asked for: a resolver would learn."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".lan", ".internal"))
    return address.is_loopback or address.is_link_local or (address.is_private and not address.is_unspecified)


def _advice(message: str) -> str:
    low = message.lower()
    if "index is not enabled" in low or "filtertype" in low:
        return " Start it with blockfilterindex=1, wait until it is built, and ask again."
    if "pruned" in low:
        return " It does not keep old blocks: ask a node that does."
    if "scan already in progress" in low:
        return " Wait for it, or end it: bitcoin-cli scanblocks abort."
    return ""


def _short(raw: bytes) -> str:
    return repr(raw[:120])
