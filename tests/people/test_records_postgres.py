"""A Discourse forum that Debian's PostgreSQL dumped in three ways is the same forum three times."""

import pytest

from cell.dumps import postgres_server
from drive import main
from kernel.conftest import new_case
from vigie.kernel.case import Case
from vigie.rows.artefacts import File
from vigie.rows.people import Account, Event, Platform, Post, Profile, Topic
from vigie.rows.problems import Problem

pytestmark = pytest.mark.skipif(not postgres_server.INITDB, reason=postgres_server.MISSING)

FORUM = r"""
CREATE TABLE users (
  id serial PRIMARY KEY, username text, username_lower text, created_at timestamp, name text, active boolean,
  last_seen_at timestamp, admin boolean, moderator boolean, trust_level int, previous_visit_at timestamp,
  suspended_at timestamp, suspended_till timestamp, ip_address inet, registration_ip_address inet, title text,
  locale text, staged boolean, password_hash text);
CREATE TABLE posts (
  id serial PRIMARY KEY, user_id int, topic_id int, post_number int, raw text, cooked text, created_at timestamp,
  updated_at timestamp, deleted_at timestamp, user_deleted boolean);
CREATE TABLE topics (
  id serial PRIMARY KEY, title text, created_at timestamp, user_id int, archetype text, category_id int,
  deleted_at timestamp);
CREATE TABLE user_emails (id serial PRIMARY KEY, user_id int, email text, "primary" boolean);
INSERT INTO users (username, username_lower, created_at, active, staged, admin, moderator, trust_level, ip_address,
                   registration_ip_address, name, password_hash)
  SELECT 'User' || i, 'user' || i, '2020-01-01'::timestamp + i * interval '1 hour', i % 5 <> 0, false, i = 1, i = 2, 1,
         '192.0.2.1', '2001:db8::7', E'N\u00e4me\t\\ ' || i, 'secret' FROM generate_series(1, 20) i;
INSERT INTO topics (title, created_at, user_id, archetype, category_id)
  SELECT 'topic ' || i, '2020-02-01', i, 'regular', 1 FROM generate_series(1, 5) i;
INSERT INTO posts (user_id, topic_id, post_number, raw, cooked, created_at, user_deleted)
  SELECT i % 20 + 1, i % 5 + 1, i, E'it''s a line\n\tand \\ a tab ' || i, '<p>', '2020-03-01 12:00:00.123', false
  FROM generate_series(1, 60) i;
INSERT INTO user_emails (user_id, email, "primary")
  SELECT i, 'u' || i || '@example.org', true FROM generate_series(1, 20) i;
"""
STAGES = ("originals", "files", "relations", "platforms", "records")
WAYS = {"copy.sql": [], "inserts.sql": ["--column-inserts"], "custom.dump": ["-Fc"]}


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    folder = tmp_path_factory.mktemp("discourse")
    (folder / "server").mkdir()
    with postgres_server.running() as server:
        server.do("CREATE DATABASE forum", "postgres")
        server.do(FORUM)
        for name, how in WAYS.items():
            (folder / "server" / name).write_bytes(server.run("pg_dump", *how))
    main(new_case(folder / "case"), [str(folder / "server")], only=STAGES)
    return Case.open(folder / "case")


def test_each_is_told(case):
    assert {one.software for one in case.read(Platform).rows()} == {"discourse"}
    assert len(case.read(Platform).rows()) == len({one.sha256 for one in case.read(File).rows()}) == len(WAYS)
    assert not [one for one in case.read(Problem).rows() if one.stage in ("relations", "platforms", "records")]


@pytest.mark.parametrize(("row", "many"), [(Account, 20), (Post, 60), (Topic, 5), (Profile, 40), (Event, None)])
def test_all_hold_the_same(case, row, many):
    kept = [name for name in row.__struct_fields__ if name not in ("key", "platform", "place")]
    found = {}
    for one in case.read(row).rows():
        found.setdefault(one.platform, []).append(repr([getattr(one, name) for name in kept]))
    first, *others = [sorted(rows) for rows in found.values()]
    assert len(others) == 2
    assert all(first == other for other in others)
    assert len(first) == (many or len(first))


def test_values_are_those_that_were_written(case):
    post = next(one for one in case.read(Post).rows() if one.id == "7")
    assert post.text == "it's a line\n\tand \\ a tab 7"
    account = next(one for one in case.read(Account).rows() if one.id == "5")
    assert (account.name, account.state, account.registration_ip) == ("User5", "inactive", "2001:db8::7")
    assert any(one.value == "N\u00e4me\t\\ 5" for one in case.read(Profile).rows())
