"""Where statements end: as psql has it, however they are cut into pieces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.numeric.dollared import END, META, MORE, Statement


def ending(text, *, cuts=(), **how):
    """Return how reading ended, and where."""
    machine = Statement(**how)
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        status, at = machine.read(np.frombuffer(text[begin:end], np.uint8), 0)
        if status != MORE:
            return status, begin + at
    return MORE, len(text)


WHOLE = (
    "SELECT 1", "SELECT ';'", "SELECT 'it''s;'", "SELECT '\\'", "SELECT E'\\';'", "SELECT e'a''\\';'", 'SELECT ";""\'"',
    "SELECT $$;'$$", "SELECT $a$;$$;$b$;$a$", "SELECT $a$$a;$a$", "SELECT a$b$c", "SELECT $1, $2", "SELECT (1; 2)",
    "SELECT 1)", "SELECT 1 -- ;\n", "SELECT 1 --;'\n + 2", "SELECT /* ; */ 1", "SELECT /* /* ; */ ; */ 1",
    "SELECT 1 - 2 / 3", "SELECT '\\\\'", "SELECT 1 # 2", "SELECT typee'\\'", "SELECT $é$;$é$", "SELECT 'a' 'b;'",
    "SELECT $$\\$$",
)  # fmt: skip


@pytest.mark.parametrize("text", WHOLE)
def test_a_statement_ends_where_it_ends(text):
    told = text.encode() + b";"
    assert ending(told + b" rest;") == (END, len(told))
    assert ending(told[:-1])[0] == MORE


def test_backslashes_mean_something_where_the_dump_says_so():
    assert ending(b"SELECT '\\';';", escapes=True) == (END, 13)
    assert ending(b"SELECT '\\';';") == (END, 11)


@pytest.mark.parametrize("text", [b"SELECT 1 \\! x", b"\\copy", b"SELECT $a\\", b"SELECT 'a' \\g"])
def test_a_command_of_the_client_stops_it_anywhere(text):
    assert ending(text) == (META, text.index(b"\\"))


def test_the_body_of_a_function_holds_statements():
    body = b"CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE a WHEN 1 THEN 2 END; SELECT \"end\"; SELECT 'end'; END;"
    assert ending(body + b" SELECT 1;", routine=True) == (END, len(body))
    assert ending(body) == (END, body.index(b";") + 1)
    assert ending(b"CREATE FUNCTION f(begin int) AS 'x';", routine=True)[0] == END


@settings(max_examples=400, deadline=None)
@given(st.text("'\"$a-/*;E\\(\n e", max_size=40).map(str.encode), st.booleans(), st.booleans(), st.data())
def test_any_bytes_are_the_same_however_they_are_cut(text, escapes, routine, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    assert ending(text, escapes=escapes, routine=routine) == ending(text, cuts=cuts, escapes=escapes, routine=routine)
