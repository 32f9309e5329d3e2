"""The rules of the ground: each check is tried on facts that fit and on facts that do not."""

from dataclasses import replace

import pytest

from service.operating.rules import (
    Finding,
    Password,
    Postgres,
    Schema,
    Serving,
    Sqlite,
    SqliteFile,
    Verdict,
    file_system_of,
    is_loopback,
    judge_postgres,
    judge_schema,
    judge_serving,
    judge_sqlite,
    judge_tenants,
    password_of,
    settle,
)

NEAR = Serving("127.0.0.1", frozenset(), debug=False, accept_weak=False)
FAR = Serving("0.0.0.0", frozenset({"a.example"}), debug=False, accept_weak=False)  # noqa: S104  # said, not listened on
DISK = SqliteFile(0o600, 0o700, "ext4")
FILE = Sqlite((3, 51, 3), "wal", 2, foreign_keys=True, file=DISK)
SERVER = Postgres(
    180000,
    "on",
    "on",
    "on",
    superuser=False,
    bypasses=False,
    owns=False,
    host="10.0.0.5",
    password=Password.FINE,
    proven=False,
    encrypted=True,
)


def verdicts(findings: list[Finding]) -> dict[str, Verdict]:
    """The verdict of every check that is not ok; whatever is not ok says what to do."""
    assert all(one.detail for one in findings if one.verdict is not Verdict.OK)
    return {one.check: one.verdict for one in findings if one.verdict is not Verdict.OK}


def test_good_ground_is_ok() -> None:
    every = [
        *judge_serving(NEAR),
        *judge_serving(FAR),
        *judge_sqlite(FILE),
        *judge_postgres(SERVER),
        *judge_schema(Schema("3", "3")),
    ]
    assert len(every) == 21
    assert verdicts(every) == {}


@pytest.mark.parametrize(
    ("serving", "check"),
    [
        (replace(FAR, debug=True), "debug"),
        (replace(FAR, names=frozenset()), "host names"),
        (replace(FAR, accept_weak=True), "weak durability"),
    ],
)
def test_what_is_for_loopback_only_is_refused_beyond_it(serving: Serving, check: str) -> None:
    assert verdicts(list(judge_serving(serving))) == {check: Verdict.REFUSED}
    assert verdicts(list(judge_serving(replace(serving, host="127.0.0.1")))) == {}


@pytest.mark.parametrize("found", [None, "0002", "0004"])
def test_another_schema_is_refused(found: str | None) -> None:
    assert verdicts(list(judge_schema(Schema(found, "0003")))) == {"schema": Verdict.REFUSED}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (replace(FILE, version=(3, 36, 0)), {"SQLite version": Verdict.REFUSED}),
        (replace(FILE, version=(3, 37, 0)), {"SQLite version": Verdict.NOTE}),
        (replace(FILE, version=(3, 51, 2)), {"SQLite version": Verdict.NOTE}),
        (replace(FILE, journal="delete"), {"journal": Verdict.WEAK}),
        (replace(FILE, journal="memory", file=None), {"journal": Verdict.WEAK}),
        (replace(FILE, synchronous=1), {"synchronous": Verdict.WEAK}),
        (replace(FILE, synchronous=3), {}),
        (replace(FILE, foreign_keys=False), {"foreign keys": Verdict.REFUSED}),
        (replace(FILE, file=replace(DISK, file_system="nfs4")), {"file system": Verdict.REFUSED}),
        (replace(FILE, file=replace(DISK, file_system=None)), {"file system": Verdict.NOTE}),
        (replace(FILE, file=replace(DISK, file_mode=0o644, folder_mode=0o755)), {"file": Verdict.REFUSED}),
        (replace(FILE, file=replace(DISK, file_mode=0o602, folder_mode=0o711)), {"file": Verdict.REFUSED}),
        (replace(FILE, file=replace(DISK, file_mode=0o644, folder_mode=0o750)), {}),
        (replace(FILE, file=replace(DISK, file_mode=0o640, folder_mode=0o755)), {}),
        (replace(FILE, file=replace(DISK, folder_mode=0o1777)), {"folder": Verdict.REFUSED}),
        (replace(FILE, file=replace(DISK, file_mode=None, folder_mode=None)), {}),
    ],
)
def test_sqlite(facts: Sqlite, expected: dict[str, Verdict]) -> None:
    assert verdicts(list(judge_sqlite(facts))) == expected


REFUSED_VERSION = {"PostgreSQL version": Verdict.REFUSED}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (replace(SERVER, version=140019), REFUSED_VERSION),
        (replace(SERVER, version=150013), REFUSED_VERSION),
        (replace(SERVER, version=150014), {}),
        (replace(SERVER, version=160009), REFUSED_VERSION),
        (replace(SERVER, version=170005), REFUSED_VERSION),
        (replace(SERVER, version=170006), {}),
        (replace(SERVER, version=190000), {}),
        (replace(SERVER, fsync="off"), {"fsync": Verdict.WEAK}),
        (replace(SERVER, full_page_writes="off"), {"full_page_writes": Verdict.WEAK}),
        (replace(SERVER, synchronous_commit="off"), {"synchronous_commit": Verdict.WEAK}),
        (replace(SERVER, synchronous_commit="local"), {}),
        (replace(SERVER, superuser=True), {"superuser": Verdict.REFUSED}),
        (replace(SERVER, bypasses=True), {"BYPASSRLS": Verdict.REFUSED}),
        (replace(SERVER, owns=True), {"owner": Verdict.NOTE}),
        (replace(SERVER, password=Password.ABSENT), {"database password": Verdict.REFUSED}),
        (replace(SERVER, password=Password.ABSENT, proven=True), {}),
        (replace(SERVER, password=Password.DEFAULT), {"database password": Verdict.REFUSED}),
        (replace(SERVER, password=Password.SHORT), {"database password": Verdict.REFUSED}),
        (replace(SERVER, password=Password.DEFAULT, host="127.0.0.1"), {}),
        (replace(SERVER, password=Password.ABSENT, host="/run/postgresql"), {}),
        (replace(SERVER, encrypted=False), {"connection": Verdict.NOTE}),
        (replace(SERVER, encrypted=False, host="::1"), {}),
    ],
)
def test_postgresql(facts: Postgres, expected: dict[str, Verdict]) -> None:
    assert verdicts(list(judge_postgres(facts))) == expected


@pytest.mark.parametrize(
    ("states", "refused"),
    [
        ([], ""),
        (["QZA"], ""),
        (["QZA", "XAA", "XSG", "XZZ"], ""),
        (["XAA", "XSG"], ""),
        (["QZB", "QZA", "QZB"], "QZA, QZB share"),
        (["QZA", "XSG", "WLF"], "QZA, WLF share"),
        (["QZD", "QZC", "QZB", "QZA"], "QZA, QZB, QZC and 1 more share"),
    ],
)
def test_one_member_state_in_a_file(states: list[str], refused: str) -> None:
    found, accepted = (judge_tenants(states, accepted=said) for said in (False, True))
    assert found.detail.startswith(refused)
    assert (found.verdict, accepted.verdict) == (
        (Verdict.REFUSED, Verdict.ACCEPTED) if refused else (Verdict.OK, Verdict.OK)
    )


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", Password.ABSENT),
        ("postgres", Password.DEFAULT),
        ("Stocktake", Password.DEFAULT),
        ("changeme", Password.DEFAULT),
        ("keeper-of-the-house", Password.DEFAULT),
        ("ledger-of-the-state", Password.DEFAULT),
        ("elevenchars", Password.SHORT),
        ("a-longer-one", Password.FINE),
    ],
)
def test_passwords(password: str, expected: Password) -> None:
    assert password_of(password, "Keeper-of-the-house", "ledger-of-the-state") is expected


@pytest.mark.parametrize(
    ("serving", "verdict"),
    [
        (NEAR, Verdict.REFUSED),
        (replace(NEAR, accept_weak=True), Verdict.ACCEPTED),
        (replace(FAR, accept_weak=True), Verdict.REFUSED),
        (replace(NEAR, host="localhost", accept_weak=True), Verdict.ACCEPTED),
    ],
)
def test_weak_durability_is_accepted_on_loopback_only_and_nothing_else_is(serving: Serving, verdict: Verdict) -> None:
    found = settle(judge_sqlite(replace(FILE, synchronous=1, foreign_keys=False)), serving)
    assert verdicts(found) == {"synchronous": verdict, "foreign keys": Verdict.REFUSED}


def test_loopback() -> None:
    near = {host for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost") if is_loopback(host)}
    assert len(near) == 4
    assert not any(map(is_loopback, ("0.0.0.0", "::", "", "10.0.0.5", "localhost.example", "127.1")))  # noqa: S104


MOUNTS = r"""
6 27 0:1 / / rw - ext4 /dev/vda rw
7 6 0:2 / /srv rw,relatime shared:1 - xfs /dev/vdb rw
8 7 0:3 / /srv/far\040away rw - nfs4 server:/x rw
9 7 0:4 / /data rw - overlay overlay rw
10 9 0:5 / /data rw - cifs //server/x rw
half a line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/opt/x.db", "ext4"),
        ("/srv/x.db", "xfs"),
        ("/srvother/x.db", "ext4"),
        ("/srv/far away/x.db", "nfs4"),
        ("/data/x.db", "cifs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert file_system_of(path, MOUNTS) == kind
    assert file_system_of(path, "") is None
