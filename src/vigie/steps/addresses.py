"""How the address of an order is read, in SQL: what is watched and what is settled must read it alike."""

import typing as t

_BARE: t.Final = "regexp_extract(trim(address), '^(?i:bitcoin:(?://)?)?([^?\\s]*)', 1)"
ADDRESS: t.Final = f"if(regexp_matches(lower({_BARE}), '^(bc|tb|bcrt)1'), lower({_BARE}), {_BARE})"
"""Of the column ``address``: taken out of a URI (BIP 21), a bech32 address (BIP 173) in its normal form."""
