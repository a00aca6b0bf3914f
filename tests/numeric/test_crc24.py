from hypothesis import given
from hypothesis import strategies as st

from vigie.numeric.crc24 import crc24, crc24_python


def test_the_check_value_of_the_catalogue() -> None:
    assert crc24(b"123456789") == 0x21CF02  # CRC-24/OPENPGP in Greg Cook's catalogue of parametrised CRC algorithms


@given(st.binary(max_size=300))
def test_both_forms_agree(data: bytes) -> None:
    assert crc24(data) == crc24_python(data)
