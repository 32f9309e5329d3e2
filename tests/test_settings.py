"""Settings from files and the environment; what is refused is named, and its value never said."""

import os
from pathlib import Path

import pytest

from service.settings import SECRETS_DIR, Settings, SettingsRefused, read_settings

SECRET = "hunter2-canary"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of secrets, in an environment that says nothing else."""
    for name in [name for name in os.environ if name.startswith("STOCKTAKE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv(SECRETS_DIR, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", [f"STOCKTAKE_{name.upper()}" for name in Settings.model_fields])
def test_every_setting_may_come_from_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    values = {
        "backup_url": "sqlite:///b.db", "database_url": "sqlite:///x.db", "drill_url": "sqlite:///d.db",
        "hosts": "a.example", "debug": "true", "accept_weak_durability": "true", "pool": "7", "max_body": "2000",
        "renderers": "3", "render_seconds": "9", "rate": "60", "password_memory": "32", "proxies": "192.0.2.7",
        "backup_for": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", "states_in_one_file": "true",
    }  # fmt: skip
    field = name.removeprefix("STOCKTAKE_").lower()
    (folder / name).write_text(values[field] + "\n")
    read = getattr(read_settings(), field)
    assert str(read).lower() == values[field]
    assert read != Settings.model_fields[field].default
    (folder / name).unlink()
    assert getattr(read_settings(), field) == Settings.model_fields[field].default


def test_a_file_goes_before_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKTAKE_POOL", "9")
    assert read_settings().pool == 9
    (folder / "stocktake_pool").write_text("7\n")
    assert read_settings().pool == 7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STOCKTAKE_DATABASE_URL", f"mysql://u:{SECRET}@h/d"),
        ("STOCKTAKE_DATABASE_URL", f"postgresql://u:{SECRET}@h:port/d"),
        ("STOCKTAKE_DATABASE_URL", SECRET),
        ("STOCKTAKE_DATABASE_URL", ""),
        ("STOCKTAKE_BACKUP_URL", f"postgresql+nothing://u:{SECRET}@h/d"),
        ("STOCKTAKE_BACKUP_URL", f"postgresql://u:{SECRET}@h/d"),
        ("STOCKTAKE_DRILL_URL", SECRET),
        ("STOCKTAKE_POOL", SECRET),
        ("STOCKTAKE_POOL", "1"),
        ("STOCKTAKE_POOL", "2"),
        ("STOCKTAKE_MAX_BODY", "1"),
        ("STOCKTAKE_HOSTS", f"https://{SECRET}"),
        ("STOCKTAKE_HOSTS", f"a.example, {SECRET}:8000"),
        ("STOCKTAKE_HOSTS", "*"),
        ("STOCKTAKE_DEBUG", SECRET),
    ],
)
@pytest.mark.parametrize("place", ["file", "environment"])
def test_a_refusal_names_the_setting_and_not_the_value(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, place: str
) -> None:
    if place == "file":
        (folder / name).write_text(value)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    assert name in str(refused.value)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_file_of_no_setting_is_refused_and_others_are_left_alone(folder: Path) -> None:
    (folder / "tls.key").write_text(SECRET)
    (folder / "..data").mkdir()
    assert read_settings() == Settings()
    (folder / "STOCKTAKE_DATABSE_URL").write_text(f"postgresql://u:{SECRET}@h/d")
    with pytest.raises(SettingsRefused, match="STOCKTAKE_DATABSE_URL") as refused:
        read_settings()
    assert SECRET not in str(refused.value)


def test_what_cannot_be_read_is_refused_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "STOCKTAKE_POOL").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsRefused, match="STOCKTAKE_POOL"):
        read_settings()
    (folder / "STOCKTAKE_POOL").unlink()
    (folder / "STOCKTAKE_POOL").mkdir()
    with pytest.raises(SettingsRefused, match="STOCKTAKE_POOL"):
        read_settings()
    monkeypatch.setenv(SECRETS_DIR, str(folder / "nowhere"))
    with pytest.raises(SettingsRefused, match=SECRETS_DIR):
        read_settings()


def test_the_settings_do_not_print_their_addresses() -> None:
    settings = Settings(
        database_url=f"postgresql://u:{SECRET}@h/d",
        backup_url=f"postgresql://b:{SECRET}@h/d",
        drill_url=f"postgresql://o:{SECRET}@h/d",
    )
    assert SECRET not in repr(settings)
    assert SECRET not in f"{settings.database} {settings.backup} {settings.drill}"
    assert settings.database.password == SECRET


def test_host_names_are_told_apart_by_commas() -> None:
    assert Settings(hosts=" A.example ,b.example,,").host_names == {"a.example", "b.example"}
    assert Settings().host_names == frozenset()
