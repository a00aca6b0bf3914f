"""Writes MaxMind DB files, version 2.0, for tests: small trees of our own, whatever they say.

Format: https://maxmind.github.io/MaxMind-DB/.
"""

import ipaddress
import struct

POINTER = object()


def encoded(value):  # noqa: PLR0911 - one return for each kind of value
    """A value of the data section; ``(POINTER, offset)`` is one to another place of it."""
    if isinstance(value, tuple) and value and value[0] is POINTER:
        return bytes([0x20 | 3 << 3]) + struct.pack(">I", value[1])
    if isinstance(value, bool):
        return bytes([int(value), 7])
    if isinstance(value, str):
        raw = value.encode()
        return control(2, len(raw)) + raw
    if isinstance(value, int):
        raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
        kind = 6 if len(raw) <= 4 else 9
        return control(kind, len(raw)) + raw
    if isinstance(value, float):
        return control(3, 8) + struct.pack(">d", value)
    if isinstance(value, list):
        return control(11, len(value)) + b"".join(map(encoded, value))
    return control(7, len(value)) + b"".join(encoded(name) + encoded(one) for name, one in value.items())


def control(kind, size):
    extra = b""
    if size >= 285:
        extra, size = struct.pack(">H", size - 285), 30
    elif size >= 29:
        extra, size = bytes([size - 29]), 29
    if kind > 7:
        return bytes([size, kind - 7]) + extra
    return bytes([kind << 5 | size]) + extra


def written(networks, *, record_bits=24, version=6, **metadata):
    """A database of (network, value); IPv4 lies at ::/96 of one of version 6, and ::ffff:0:0/96 is an alias of it."""
    nodes = [[None, None]]
    data, places = b"", {}

    def put(number, length, bits, leaf):
        at = 0
        for depth in range(length):
            side = number >> (bits - 1 - depth) & 1
            if depth == length - 1:
                nodes[at][side] = leaf
                return
            if not isinstance(nodes[at][side], int):
                nodes.append([nodes[at][side]] * 2)
                nodes[at][side] = len(nodes) - 1
            at = nodes[at][side]

    for text, value in networks:
        net = ipaddress.ip_network(text)
        raw = value if isinstance(value, bytes) else encoded(value)
        if raw not in places:
            places[raw] = len(data)
            data += raw
        bits = 32 if version == 4 else 128
        put(int(net.network_address), net.prefixlen + (96 if version == 6 and net.version == 4 else 0), bits,
            ("data", places[raw]))  # fmt: skip
    if version == 6:
        at = 0
        for _ in range(96):
            at = nodes[at][0]
        put(0xFFFF << 32, 96, 128, at)
    about = {
        "node_count": len(nodes), "record_size": record_bits, "ip_version": version, "binary_format_major_version": 2,
        "binary_format_minor_version": 0, "build_epoch": 1577836800, "database_type": "Test-Country",
        "languages": ["en"], "description": {"en": "made by a test"},
    }  # fmt: skip
    tree = b"".join(node(one, len(nodes), record_bits) for one in nodes)
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + encoded({**about, **metadata})


def node(pair, count, record_bits):
    left, right = (count if one is None else one if isinstance(one, int) else count + 16 + one[1] for one in pair)
    if record_bits == 24:
        return left.to_bytes(3, "big") + right.to_bytes(3, "big")
    if record_bits == 32:
        return left.to_bytes(4, "big") + right.to_bytes(4, "big")
    top = left >> 24 << 4 | right >> 24
    return (left & 0xFFFFFF).to_bytes(3, "big") + bytes([top]) + (right & 0xFFFFFF).to_bytes(3, "big")
