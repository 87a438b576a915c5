"""The JSON Schema of trace documents: it names what is written, and nothing else is written."""

import copy
import json
import re
from pathlib import Path

import jsonschema
import pytest

import adviz as ad
from adviz.render.document import MIME_TYPE, document
from tests.javascript.agreement import agreement
from tests.javascript.documents import traces

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(
    Path(ad.__file__).with_name("render").joinpath("trace-document.schema.json").read_text("utf-8")
)


def strict(schema):
    """The schema without leave to write keys that it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: strict(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        parts.setdefault("additionalProperties", False)
    return parts


VALIDATOR = jsonschema.Draft202012Validator(strict(SCHEMA))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", sorted(traces()))
def test_documents_are_as_the_schema_says(name):
    for folded in (True, False):
        written = document(traces()[name], "reverse", folded=folded, predict=True)
        VALIDATOR.validate(json.loads(json.dumps(written, allow_nan=False)))


def test_documents_of_random_programs_too():
    for entry in agreement(15):
        VALIDATOR.validate(entry["document"])


def test_what_lessons_have_saved_is_a_document():
    found = 0
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                saved = output.get("data", {}).get(MIME_TYPE)
                if saved is not None and saved["version"] == 2:
                    VALIDATOR.validate(saved)
                found += saved is not None
    assert found


@pytest.mark.parametrize("key", ["version", "rows", "programs", "mistakes"])
def test_a_document_that_lacks_a_part_is_none(key):
    written = copy.deepcopy(document(traces()["eq5"]))
    del written[key]
    assert not VALIDATOR.is_valid(written)


def test_the_page_on_documents_says_what_each_key_means():
    text = (ROOT / "docs" / "document.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+)`", text))

    def names(schema):
        if isinstance(schema, dict):
            yield from schema.get("properties", {})
            for part in schema.values():
                yield from names(part)
        elif isinstance(schema, list):
            for part in schema:
                yield from names(part)

    assert set(names(SCHEMA)) <= named
