"""Backups that only who has the private key reads: on both databases, through the command line, and what is refused."""

import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedIOBase
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519
from sqlalchemy import URL, NullPool, create_engine, inspect
from typer.testing import Result

from route_calls import Holding
from service.db.session import frozen
from service.operating import drilling, encryption, keeping
from service.operating.copies import Copies, CopyFailed
from service.operating.drilling import drill, seen_whole
from service.operating.encryption import Identities, Recipients, identities_in, new_identity, recipients
from service.operating.keeping import back_up, restore
from service.operating.proofs import PROOFS
from service.settings import Settings, SettingsRefused, read_settings

CHUNK = 64 * 1024 + 16
"""What age encrypts at once, with its tag."""
NOW = datetime(2026, 5, 6, tzinfo=UTC)
HEADER = b"age-encryption.org/v1\n"


@dataclass(frozen=True)
class Pair:
    """A private key in a file, and its public key."""

    file: Path
    public: str

    @property
    def who(self) -> Identities:
        return identities_in(self.file)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path / "key", new_identity(tmp_path / "key", NOW))


@dataclass(frozen=True)
class Ground:
    """A full database, how it is copied, and a folder to keep copies in."""

    settings: Settings
    held: Holding
    copies: Copies
    folder: Path
    pair: Pair

    @property
    def canary(self) -> bytes:
        """What can be found in a plain copy: on PostgreSQL rows are compressed, the names of tables are not."""
        sqlite = self.settings.database.get_backend_name() == "sqlite"
        return self.held.mark.encode() if sqlite else b"audit_event"

    def keep(self, name: str = "kept") -> Path:
        """A backup, encrypted for the key."""
        back_up(self.settings, self.copies, self.folder / name, recipients([self.pair.public]))
        return self.folder / name

    def restore(self, source: Path, into: URL) -> None:
        """Restore it with the key."""
        restore(self.copies, source, into, self.pair.who)


@pytest.fixture
def ground(settings: Settings, held: Holding, copies: Copies, tmp_path: Path, pair: Pair) -> Ground:
    return Ground(settings, held, copies, tmp_path, pair)


@pytest.fixture
def place(settings: Settings, copies: Copies, tmp_path: Path) -> Iterator[URL]:
    """An empty place to restore into."""
    (tmp_path / "fresh").mkdir()
    with copies.fresh(settings.drill, tmp_path / "fresh") as made:
        yield made


def is_empty(place: URL) -> bool:
    """Whether nothing was left in a place: no table, no file."""
    if place.get_backend_name() == "sqlite":
        return list(Path(place.database or "").parent.iterdir()) == []
    engine = create_engine(place, poolclass=NullPool)
    with engine.connect() as connection:
        return inspect(connection).get_table_names() == []


def test_only_who_has_the_key_reads_a_backup(
    ground: Ground, place: URL, command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, pair, tmp_path = ground.settings, ground.pair, ground.folder
    to, plain, other = tmp_path / "kept", tmp_path / "plain", tmp_path / "other"
    new_identity(other, NOW)
    with frozen(settings.backup) as connection:
        before = [proof.read(connection) for proof in PROOFS]
    made = command("backup", str(to), "--for", pair.public)
    assert (made.exit_code, made.stderr) == (0, "")
    assert (to.read_bytes().startswith(HEADER), to.stat().st_mode & 0o777) == (True, 0o600)
    assert command("backup", str(plain)).exit_code == 0
    assert ground.canary in plain.read_bytes()  # else the search is blind
    assert ground.canary not in to.read_bytes()
    monkeypatch.setenv("STOCKTAKE_DATABASE_URL", place.render_as_string(hide_password=False))
    for words, told in (
        ((str(to),), "say --identity"),
        ((str(to), "--identity", str(other)), "No matching keys"),
        ((str(plain), "--identity", str(pair.file)), "is not encrypted"),
        ((str(to), "--identity", str(tmp_path / "none")), "cannot be read"),
    ):
        refused = command("restore", *words)
        assert (refused.exit_code, told in refused.stderr) == (1, True), refused.output
        assert is_empty(place)
    done = command("restore", str(to), "--identity", str(pair.file))
    assert done.exit_code == 0, done.output
    with frozen(seen_whole(settings, place)) as connection:
        assert [proof.read(connection) for proof in PROOFS] == before


def damaged(data: bytes) -> Iterator[bytes]:
    """The file with one byte changed, at 200 places; cut at the end of each chunk; cut at the end of its header."""
    for at in range(0, len(data), max(1, len(data) // 200)):
        yield data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    beginning = data.index(b"\n", data.index(b"\n--- ") + 1) + 1 + 16
    yield from (data[:end] for end in range(beginning, len(data), CHUNK))
    yield data + b"\0"


def test_a_file_that_was_cut_or_changed_leaves_nothing(ground: Ground, place: URL) -> None:
    kept, wrong, tried = ground.keep(), ground.folder / "wrong", 0
    data = kept.read_bytes()
    for one in damaged(data):
        wrong.write_bytes(one)
        with pytest.raises(CopyFailed):
            ground.restore(wrong, place)
        tried += 1
    assert is_empty(place)
    assert tried > 200 + len(data) // CHUNK
    ground.restore(kept, place)
    assert not is_empty(place)


def test_a_file_that_changes_while_it_is_read_leaves_nothing(
    ground: Ground, place: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was whole when it was read to its end, and is not any more: what was handed on is not kept."""
    kept, decrypt_io = ground.keep(), pyrage.decrypt_io

    def half(file: BufferedIOBase, to: BufferedIOBase, who: Identities) -> None:
        if isinstance(to, encryption.Nowhere):
            decrypt_io(file, to, who)
            return
        to.write(pyrage.decrypt(file.read(), who)[:-4000])
        raise OSError("decryption error")

    with monkeypatch.context() as patch:
        patch.setattr(pyrage, "decrypt_io", half)
        with pytest.raises(CopyFailed, match="cannot be restored"):
            ground.restore(kept, place)
    assert is_empty(place)
    ground.restore(kept, place)
    assert not is_empty(place)


def test_plain_bytes_lie_on_no_disk_or_beside_the_database(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path = ground.folder
    for name in ("backups", "passing"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "passing"))
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    found: list[Path] = []

    def look(plain: BufferedIOBase, to: BufferedIOBase, whom: Recipients) -> None:
        encryption.encrypt(plain, to, whom)
        to.flush()
        found.extend(path for path in tmp_path.rglob("*") if path.is_file() and path not in before)

    monkeypatch.setattr(keeping, "encrypt", look)
    ground.keep("backups/kept")
    plain = [path for path in found if path.suffix not in {".db-wal", ".db-shm"} and path.parent.name != "backups"]
    assert len(found) > len(plain)  # the encrypted file was seen while it was made
    assert len(plain) == (1 if ground.settings.database.get_backend_name() == "sqlite" else 0)
    assert all(path.parent == tmp_path for path in plain)
    assert [path for path in found if path.exists() and path.parent == tmp_path and path in plain] == []


def test_a_drill_goes_through_an_encrypted_file(
    settings: Settings, held: Holding, copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bytes] = []

    def write(*of: object) -> None:
        keeping.write(*of)  # type: ignore[arg-type]  # as it was called
        begun.append(Path(str(of[2])).read_bytes()[: len(HEADER)])

    monkeypatch.setattr(drilling, "write", write)
    steps = {step.name: step for step in drill(settings, copies)}
    assert all(step.good for step in steps.values())
    assert (begun, steps["back up"].detail.endswith(" bytes, encrypted")) == ([HEADER], True)
    other = (x25519.Identity.generate(),)
    monkeypatch.setattr(drilling, "restore", lambda copies, file, into, _: restore(copies, file, into, other))
    red = list(drill(settings, copies))[-1]
    assert (red.name, red.good, "No matching keys" in red.detail) == ("stopped", False, True)


# ── keys and settings ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plain_backup_is_said_to_be_one_and_a_setting_rules_it_out(
    held: Holding,
    command: Callable[..., Result],
    pair: Pair,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = command("backup", str(tmp_path / "plain"))
    assert (plain.exit_code, len(plain.stderr.splitlines())) == (0, 1)
    assert all(word in plain.stderr for word in ("in plain", "--for", "backup-key", "STOCKTAKE_BACKUP_FOR"))
    other = Pair(tmp_path / "other", new_identity(tmp_path / "other", NOW))
    monkeypatch.setenv("STOCKTAKE_BACKUP_FOR", f"{pair.public} , {other.public}")
    assert command("backup", str(tmp_path / "both")).stderr == ""
    (tmp_path / "readers").write_text(f"# the archive\n{other.public}\n\n")
    assert command("backup", str(tmp_path / "one"), "--for-file", str(tmp_path / "readers")).exit_code == 0
    opened = {(name, one.file.name) for name in ("both", "one") for one in (pair, other) if opens(tmp_path / name, one)}
    assert opened == {("both", "key"), ("both", "other"), ("one", "other")}


def opens(file: Path, pair: Pair) -> bool:
    """Whether this key decrypts the file, as any program of age's would."""
    try:
        return bool(pyrage.decrypt(file.read_bytes(), pair.who))
    except pyrage.DecryptError:
        return False


def test_a_new_key_is_its_owners_alone(command: Callable[..., Result], tmp_path: Path) -> None:
    to = tmp_path / "key"
    made = keyed(command, to)
    assert (made.exit_code, stat.S_IMODE(to.stat().st_mode)) == (0, 0o600)
    public, (identity,) = made.stdout.strip(), identities_in(to)
    assert str(identity.to_public()) == public
    assert f"# public key: {public}" in to.read_text()
    assert str(identity) not in made.output
    before = to.read_text()
    again = keyed(command, to)
    assert (again.exit_code, "there already" in again.stderr, to.read_text()) == (1, True, before)


def keyed(command: Callable[..., Result], to: Path) -> Result:
    """``backup-key``, which needs neither a database nor its programs."""
    return command("backup-key", str(to), programs=None)


@pytest.mark.parametrize("text", ["age1", "age1qqq", "ssh-ed25519 AAAA", "", "AGE-SECRET-KEY-1CANARY"])
def test_what_is_no_public_key_is_refused_and_not_quoted(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CopyFailed, match="Recipient 2") as refused:
        recipients([str(x25519.Identity.generate().to_public()), text])
    assert "CANARY" not in str(refused.value)
    if text:
        monkeypatch.setenv("STOCKTAKE_BACKUP_FOR", text)
        with pytest.raises(SettingsRefused, match="STOCKTAKE_BACKUP_FOR") as named:
            read_settings()
        assert "CANARY" not in str(named.value)


@pytest.mark.parametrize("text", ["AGE-SECRET-KEY-1CANARY", "age1canary", "# nothing\n", "\udcff"])
def test_what_is_no_private_key_is_refused_and_not_quoted(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(CopyFailed) as refused:
        identities_in(tmp_path / "key")
    assert "canary" not in str(refused.value).lower()
