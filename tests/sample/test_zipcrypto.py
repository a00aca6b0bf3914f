"""The encrypted zip, opened by the standard library, which reads what it cannot write."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.sample.zipcrypto import encrypted_zip


@given(
    data=st.binary(max_size=300), password=st.binary(min_size=1, max_size=20), salt=st.binary(min_size=11, max_size=11)
)
def test_the_password_opens_it(data, password, salt):
    with zipfile.ZipFile(io.BytesIO(encrypted_zip(b"a.jpg", data, password=password, salt=salt))) as archive:
        assert archive.namelist() == ["a.jpg"]
        assert archive.infolist()[0].flag_bits & 1
        assert archive.read("a.jpg", pwd=password) == data


def test_without_the_password_it_stays_shut():
    content = encrypted_zip(b"a.jpg", b"drawn", password=b"okari", salt=bytes(11))
    with zipfile.ZipFile(io.BytesIO(content)) as archive, pytest.raises(RuntimeError, match="encrypted"):
        archive.read("a.jpg")
