"""A forum's dump in a case, through the real sandbox: rows by a mapping, identifiers, secrets, and nothing lost."""

import gzip
import shutil

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kernel.conftest import new_case
from kernel.rig import Rig
from vigie.desk.numbers import numbers
from vigie.kernel import vault
from vigie.kernel.conservation import check
from vigie.kernel.errors import IntegrityError
from vigie.kernel.explain import explain
from vigie.kernel.local import Local
from vigie.rows.people import Account, Mention, Moderation, Platform, Post, Profile, Secret, Taken
from vigie.rows.problems import Problem

STAGES = ("originals", "files", "relations", "platforms", "records")
TABLES = {
    "users": "user_id user_type group_id user_permissions user_ip user_regdate username username_clean user_password"
    " user_email user_actkey user_sig user_jabber",
    "posts": "post_id topic_id forum_id poster_id poster_ip post_time post_username post_subject post_text"
    " post_checksum bbcode_uid bbcode_bitfield post_delete_time post_delete_user post_delete_reason",
    "topics": "topic_id forum_id topic_poster topic_first_poster_name topic_title topic_time",
    "forums": "forum_id parent_id left_id right_id forum_name",
    "groups": "group_id group_name group_type",
    "privmsgs": "msg_id author_id to_address bcc_address message_text",
    "privmsgs_to": "msg_id user_id author_id folder_id",
    "acl_groups": "group_id forum_id auth_option_id auth_role_id auth_setting",
}
KEY = "-----BEGIN PGP PRIVATE KEY BLOCK-----\\n\\nlQOYBF\\n=abcd\\n-----END PGP PRIVATE KEY BLOCK-----"
BITCOIN = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"  # an address of examples, well known


def _deleted(i: int) -> str:
    """Give who deleted a post, when and why; the reason names somebody, and one holds a key."""
    return f"1600000000,1,'he is other{i}@example.net {KEY if i == 7 else ''}'" if i in (6, 7) else "0,0,''"


def dump(prefix: str, posts: int = 30) -> bytes:
    lines = ["-- MySQL dump 10.13", "/*!40101 SET NAMES utf8mb4 */;"]
    for name, columns in TABLES.items():
        declared = ",".join(f"`{column}` text" for column in columns.split())
        lines.append(f"CREATE TABLE `{prefix}{name}` ({declared}) ENGINE=InnoDB;")
    lines.append("CREATE TABLE `shop` (`a` int, `b` int) ENGINE=InnoDB;\nINSERT INTO `shop` VALUES (1,2),(3,4);")
    users = ",".join(
        f"({i},{3 if i == 1 else 0},2,'','192.0.2.{i}',{1_500_000_000 + i},'n&quot;{i}','n{i}','$H$secret',"
        f"'u{i}@example.org','','','{f'u{i}@jabber.example' if i % 2 else ''}')"
        for i in range(1, 9)
    )
    texts = [f"mail{i}@example.com, {BITCOIN} {KEY if i == 5 else ''}\\nit\\'s" for i in range(posts)]
    rows = ",".join(
        f"({i + 1},1,1,{i % 8 + 1},'192.0.2.9',{1_500_000_000 + i},'','s','{texts[i]}','','','',{_deleted(i)})"
        for i in range(posts)
    )
    lines += [f"INSERT INTO `{prefix}users` VALUES {users};", f"INSERT INTO `{prefix}posts` VALUES {rows};"]
    return ("\n".join(lines) + "\n-- Dump completed\n").encode()


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("records")
    evidence = folder / "server"
    evidence.mkdir()
    (evidence / "forum.sql.gz").write_bytes(gzip.compress(dump("phpbb_")))
    (evidence / "cut.sql").write_bytes(dump("x_")[:-200])
    engine = Local(1)
    made = Rig(new_case(folder / "case"), engine)
    made.add(evidence)
    made.run(STAGES)
    yield made
    engine.close()


def of(rig: Rig, prefix: str) -> bytes:
    return next(one.key for one in rig.case.read(Platform) if one.prefix == prefix)


def test_rows_are_read_by_the_rules(rig: Rig) -> None:
    mine = of(rig, "phpbb_")
    accounts = [one for one in rig.case.read(Account) if one.platform == mine]
    assert [(one.number, one.id, one.name) for one in accounts] == [(i, str(i), f'n"{i}') for i in range(1, 9)]
    assert {one.registration_ip for one in accounts} == {f"192.0.2.{i}" for i in range(1, 9)}
    assert all(one.password for one in accounts)
    posts = [one for one in rig.case.read(Post) if one.platform == mine]
    assert len(posts) == 30
    assert posts[0].text == f"mail0@example.com, {BITCOIN} \nit's"
    raw = dump("phpbb_")
    assert raw[posts[3].place :].startswith(b"(4,1,1,4,")


def test_passwords_are_nowhere_in_the_case(rig: Rig) -> None:
    for file in (rig.folder / "tables").rglob("*.parquet"):
        for batch in _texts(file):
            assert not any(one and "$H$secret" in one for one in batch), file


def _texts(file):
    table = pq.read_table(file)
    return [column.to_pylist() for column in table.columns if pa.types.is_string(column.type)]


def test_each_rule_says_what_became_of_the_rows(rig: Rig) -> None:
    mine = of(rig, "phpbb_")
    taken = {one.rule: (one.read, one.made, one.left) for one in rig.case.read(Taken) if one.platform == mine}
    assert taken["account"] == (8, 8, 0)
    assert taken["jabber"] == (8, 4, 4)
    assert taken["post"] == (30, 30, 0)
    assert len([one for one in rig.case.read(Profile) if one.platform == mine and one.rule == "jabber"]) == 4


def test_nothing_is_lost_and_what_nobody_reads_is_named(rig: Rig) -> None:
    balance = next(one for one in check(rig.case).balances if one.name == "records")
    assert balance.state == "holds"
    assert f"; {numbers(rig.case).unread} tables with 4 rows are read by no mapping" in balance.beside


def test_identifiers_are_found_where_they_stand(rig: Rig) -> None:
    mine = of(rig, "phpbb_")
    found = [one for one in rig.case.read(Mention) if one.platform == mine]
    mails = {(one.number, one.value) for one in found if one.column == "post_text" and one.kind == "email"}
    assert mails == {(i + 1, f"mail{i}@example.com") for i in range(30)}
    assert {(one.kind, one.checked) for one in found if one.value == BITCOIN} == {("btc", True)}


def test_a_private_key_is_sealed_and_a_mark_stands_in_its_place(rig: Rig) -> None:
    mine = [one for one in rig.case.read(Secret) if one.platform == of(rig, "phpbb_")]
    (one,) = [one for one in mine if one.column == "post_text"]
    key = rig.case.custody.vault_key()
    assert vault.unseal(key, one.sealed, one.key) == KEY.replace("\\n", "\n").encode()
    with pytest.raises(IntegrityError):
        vault.unseal(key, one.sealed, b"another row")
    post = next(row for row in rig.case.read(Post) if row.platform == one.platform and row.number == one.number)
    assert "[private key, sealed]" in post.text
    assert "lQOYBF" not in post.text


def test_what_staff_wrote_of_a_post_is_sealed_too_and_is_no_mention_of_its_writer(rig: Rig) -> None:
    mine = of(rig, "phpbb_")
    assert [one.number for one in rig.case.read(Secret) if one.platform == mine and one.column != "post_text"] == [8]
    details = [one.detail for one in rig.case.read(Moderation) if one.platform == mine]
    assert details == ["he is other6@example.net ", "he is other7@example.net [private key, sealed]"]
    assert not any(one.value.startswith("other") for one in rig.case.read(Mention))


def test_a_dump_that_ends_early_gives_what_it_has(rig: Rig) -> None:
    mine = of(rig, "x_")
    assert 20 < len([one for one in rig.case.read(Post) if one.platform == mine]) < 30
    assert "truncated" in {one.code for one in rig.case.read(Problem) if one.stage == "relations"}


def test_a_row_is_explained_back_to_the_evidence(rig: Rig) -> None:
    key = next(one.key for one in rig.case.read(Post) if one.platform == of(rig, "phpbb_"))
    told = msgspec.json.encode(explain(rig.case, key.hex())).decode()
    assert "forum.sql.gz" in told
    assert "checkpoint" in told


def test_another_mapping_reads_anew_and_the_rest_is_kept(rig: Rig, tmp_path) -> None:
    shutil.copytree(rig.folder, tmp_path / "case")
    again = Rig(tmp_path / "case", rig.engine)
    mapping = """
    software = "shop"
    [[rule]]
    name = "order"
    table = "shop"
    into = "payment"
    [rule.fields]
    id = "a"
    account = "b"
    """
    settings = again.folder / "case.toml"
    given = msgspec.json.encode(mapping).decode()
    settings.write_text(settings.read_text() + f'\n[[stage.platforms.mappings]]\nname = "shop.toml"\ntext = {given}\n')
    again.reopen()
    before = {path.name for path in (again.folder / "tables" / "post").iterdir()}
    again.run(STAGES)
    assert {path.name for path in (again.folder / "tables" / "post").iterdir()} == before
    taken = {(one.relation, one.rule): one.made for one in again.case.read(Taken)}
    assert taken["shop", "order"] == 2
    assert taken["phpbb_posts", "post"] == 30
    assert len(again.case.read(Post)) == len(rig.case.read(Post))
    assert check(again.case).state != "broken"
