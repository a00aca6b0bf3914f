"""Media and people joined: attachments meet the files of the media strand, and who was first comes out."""

import datetime as dt

import msgspec

from person_rows import NO_COPIES
from vigie.kernel.stage import STAGES
from vigie.kernel.table import Table, look, of
from vigie.rows.artefacts import File
from vigie.rows.groups import Group, Member
from vigie.rows.people import Account, Attachment
from vigie.rows.uploads import Producer, Upload, Uploader
from vigie.steps.artefacts.people_activity import Numbers, activity
from vigie.steps.copied import files_once
from vigie.steps.groups.people_uploads import uploads

FORUM, OTHER = b"P" * 16, b"Q" * 16


def content(number: int) -> bytes:
    return bytes([number]) * 32


def file(number: int, path: str, size: int = 100) -> File:
    return File.make(
        locator=f"server!{path}", item=b"i" * 16, original=b"o" * 16, container="",
        name=path.rpartition("/")[2], depth=0, size_bytes=size,
        md5=bytes([number]) * 16, sha1=bytes([number]) * 20, sha256=content(number),
        content_type="image/jpeg", kind="image", origin="allocated", modified=None, accessed=None, changed=None,
        created=None, times_from="",
    )  # fmt: skip


def attached(
    number: int,
    account: str,
    *,
    path: str = "",
    digest: str = "",
    day: int | None = None,
    size: int | None = None,
    platform: bytes = FORUM,
) -> Attachment:
    return Attachment.make(
        platform=platform, relation="a", number=number, place=0, rule="attachment", part=0, id=str(number),
        account=account, post="", message="", at=None if day is None else dt.datetime(2020, 1, day, tzinfo=dt.UTC),
        name="x.jpg", path=path, digest=digest, size_bytes=size, downloads=None,
    )  # fmt: skip


def account(name: str, platform: bytes = FORUM, state: str = "") -> Account:
    return Account.make(
        platform=platform, relation="u", number=1, place=0, rule="account", part=0, id=name, name=f"name of {name}",
        email="", registered=None, last_seen=None, registration_ip="", last_ip="", born="", language="", time_zone="",
        rank="", posts_said=None, state=state, admin=None, moderator=None, usergroup="", password=True,
    )  # fmt: skip


def joined(
    attachments: list[Attachment], files: list[File], standing: str = "new", bots: tuple[str, ...] = ()
) -> tuple[list[Upload], list[Uploader], list[Producer]]:
    """Return what comes of them where each content is a group of its own."""
    contents = sorted({one.sha256 for one in files})
    groups = [
        Group.make(first=one, representative=one, kind="image", standing=standing, contents=1, files=1,
                   diameter_bits=0, weakest_link_bits=0)
        for one in contents
    ]  # fmt: skip
    members = [Member.make(content=one.first, group=one.key, standing=standing, distance_bits=0) for one in groups]
    names = sorted({(one.platform, one.account) for one in attachments})
    made: tuple[Table[Upload], Table[Uploader], Table[Producer]] = uploads(
        attachments=of(Attachment, attachments), files=of(File, files), members=of(Member, members),
        groups=of(Group, groups),
        accounts=of(Account, [account(name, at, "bot" if name in bots else "") for at, name in names]),
        layers=NO_COPIES[0], remnants=NO_COPIES[1],
    )  # fmt: skip
    return made[0].rows(), made[1].rows(), made[2].rows()


def test_a_digest_ties_whatever_the_path() -> None:
    for digest in ("01" * 16, "01" * 20, "01" * 32, ("01" * 16).upper()):
        (one,), _, _ = joined([attached(1, "7", digest=digest)], [file(1, "a/b.jpg"), file(2, "a/c.jpg")])
        assert (one.content, one.by, one.sure) == (content(1), "digest", True)


def test_a_path_ties_step_by_step() -> None:
    files = [file(1, "var/www/files/2_ab"), file(2, "var/www/files/12_ab"), file(3, "elsewhere/2_ab.jpg")]
    (one,), _, _ = joined([attached(1, "7", path="./files//2_ab")], files)
    assert (one.content, one.by, one.sure) == (content(1), "path", True)
    assert not joined([attached(1, "7", path="les/2_ab")], files)[0]


def test_a_path_that_fits_several_contents_is_not_sure_and_counts_for_nobody() -> None:
    made, who, producers = joined([attached(1, "7", path="2_ab", day=1)], [file(1, "x/2_ab"), file(2, "y/2_ab")])
    assert [one.sure for one in made] == [False, False]
    assert not who
    assert not producers


def test_a_size_or_a_digest_decides_between_them() -> None:
    files = [file(1, "x/2_ab", size=10), file(2, "y/2_ab", size=20)]
    (one,), _, _ = joined([attached(1, "7", path="2_ab", size=20)], files)
    assert (one.content, one.sure) == (content(2), True)
    (one,), _, _ = joined([attached(1, "7", path="2_ab", digest="01" * 16)], files)
    assert (one.content, one.by) == (content(1), "both")


def test_who_was_first_over_all_platforms() -> None:
    _, who, producers = joined(
        [
            attached(1, "7", digest="01" * 16, day=5),
            attached(2, "8", digest="01" * 16, day=3, platform=OTHER),
            attached(3, "7", digest="02" * 16, day=1),
            attached(4, "7", digest="03" * 16),
        ],
        [file(1, "a"), file(2, "b"), file(3, "c")],
    )
    places = {(one.account, one.at.day if one.at else None): one.place for one in who}
    assert places == {("8", 3): 1, ("7", 5): 2, ("7", 1): 1, ("7", None): 0}
    assert [(one.name, one.firsts, one.firsts_open, one.groups) for one in producers] == [
        ("name of 7", 1, 1, 3),
        ("name of 8", 1, 1, 1),
    ]


def test_what_is_listed_is_not_open() -> None:
    _, _, (one,) = joined([attached(1, "7", digest="01" * 16, day=5)], [file(1, "a")], standing="listed")
    assert (one.firsts, one.firsts_open) == (1, 0)


def test_guests_and_programs_are_no_uploaders_but_came_first() -> None:
    for nobody in ("", "0", "1"):
        given = [
            attached(1, nobody, digest="01" * 16, day=1),
            attached(2, nobody, digest="02" * 16, day=1),
            attached(3, "7", digest="01" * 16, day=2),
        ]
        _, who, (one,) = joined(given, [file(1, "a"), file(2, "b")], bots=("1",))
        assert [(each.account, each.place, each.alone) for each in who] == [("7", 2, True)]
        assert (one.account, one.firsts, one.first) == ("7", 0, None)


def test_of_the_same_second_nobody_is_first() -> None:
    given = [attached(n, who, digest="01" * 16, day=day) for n, (who, day) in enumerate([("7", 1), ("8", 1), ("9", 2)])]
    _, who, producers = joined(given, [file(1, "a")])
    assert {each.account: (each.place, each.alone) for each in who} == {
        "7": (1, False),
        "8": (1, False),
        "9": (3, True),
    }
    assert {each.account: (each.firsts, each.firsts_open) for each in producers} == {
        "7": (0, 0),
        "8": (0, 0),
        "9": (0, 0),
    }
    _, (one,), (producer,) = joined([given[0], attached(4, "", digest="01" * 16, day=1)], [file(1, "a")])
    assert (one.place, one.alone, producer.firsts) == (1, False, 0)


def test_uploads_without_a_time_are_counted() -> None:
    given = [
        attached(1, "7", digest="01" * 16, day=1),
        *(attached(n, who, digest="01" * 16) for n, who in ((2, "8"), (3, ""))),
    ]
    _, who, _ = joined(given, [file(1, "a")])
    assert {each.account: (each.place, each.undated) for each in who} == {"7": (1, 2), "8": (0, 2)}


def two_tables(platform: bytes = FORUM) -> list[Attachment]:
    """A file as vBulletin 4 keeps it: where it lies, and twice where it stands, all under its number."""
    places = [attached(number, "7", day=2, platform=platform) for number in (1, 2)]
    lies = attached(3, "7", digest="01" * 16, path="7/9.attach", day=1, platform=platform)
    return [msgspec.structs.replace(one, id="9") for one in (*places, lies)]


def test_a_file_in_two_tables_is_one_upload() -> None:
    rows = two_tables()
    (upload,), (uploader,), (producer,) = joined(rows, [file(1, "7/9.attach")])
    assert (upload.attachment, uploader.uploads, producer.uploads) == (rows[2].key, 1, 1)
    given = {name: of(kind, rows if kind is Attachment else []) for name, kind in STAGES["activity"].reads.items()}
    (did,) = activity(**given, params=Numbers())
    assert did.uploads == 1


def test_files_whose_place_alone_is_known_all_count() -> None:
    rows = two_tables()[:2]
    assert len(look("select * from a", a=files_once(of(Attachment, rows)))) == 2
    other = msgspec.structs.replace(two_tables(OTHER)[2], id="9")  # the same number on another platform
    assert len(look("select * from a", a=files_once(of(Attachment, [*rows, other])))) == 3
