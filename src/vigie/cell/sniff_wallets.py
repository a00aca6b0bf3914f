"""Wallet files by content: Bitcoin Core's in SQLite and Berkeley DB, Electrum's, Wasabi's.

Sources: Bitcoin Core ``wallet/sqlite.cpp`` and ``wallet/bdb.cpp``; Electrum ``wallet_db.py`` and ``storage.py`` (all
versions: JSON, Python literals before 2.0, base64 of ``BIE1`` or ``BIE2``); Wasabi ``KeyManager``.
"""

from __future__ import annotations

import re
import typing as t

CORE_SQLITE: t.Final = "application/x-bitcoin-wallet-sqlite"
CORE_BDB: t.Final = "application/x-bitcoin-wallet-bdb"
ELECTRUM: t.Final = "application/x-electrum-wallet"
ELECTRUM_ENCRYPTED: t.Final = "application/x-electrum-wallet-encrypted"
WASABI: t.Final = "application/x-wasabi-wallet"

_MAIN_TABLE: t.Final = re.compile(rb"CREATE TABLE main\s*\(key BLOB PRIMARY KEY", re.IGNORECASE)
_BTREE: t.Final = (b"\x62\x31\x05\x00", b"\x00\x05\x31\x62")
_MAIN_ITEM: t.Final = (b"\x04\x00\x01main", b"\x00\x04\x01main")
_BTREE_META: t.Final = 9
_ELECTRUM: t.Final = re.compile(
    rb"""["'](addr_history|seed_version|wallet_type|keystore|stored_height|use_encryption|verified_tx\d?|txi|txo"""
    rb"""|master_public_keys?|accounts|addresses|payment_requests|imported_keys|pruned_txo|spent_outpoints|x1/)["']\s*:"""
)
_ALWAYS: t.Final = (b"addr_history", b"seed_version", b"wallet_type", b"master_public_key", b"master_public_keys")
_WASABI: t.Final = re.compile(rb'"(ExtPubKey|EncryptedSecret|HdPubKeys|MasterFingerprint|BlockchainState)"\s*:')
_BIE: t.Final = re.compile(rb"QklFM[Qg][A-Za-z0-9+/=\s]*")
_LEAST: t.Final = 2
"""Different names of members that tell a document."""


def content_type(head: bytes) -> str:
    """Return the type of a wallet file; ``""`` where it is none that is known."""
    if head.startswith(b"SQLite format 3\0"):
        return CORE_SQLITE if _MAIN_TABLE.search(head, 0, 65_536) else ""
    if head[12:16] in _BTREE and len(head) > 25 and head[25] == _BTREE_META:
        return CORE_BDB if any(one in head for one in _MAIN_ITEM) else ""
    if head.startswith(b"QklFM"):
        return ELECTRUM_ENCRYPTED if _BIE.fullmatch(head) else ""
    start = head[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return _document(head) if start.startswith(b"{") else ""


def _document(head: bytes) -> str:
    if len(set(_WASABI.findall(head))) > _LEAST:
        return WASABI
    names = set(_ELECTRUM.findall(head))
    return ELECTRUM if len(names) >= _LEAST and names.intersection(_ALWAYS) else ""
