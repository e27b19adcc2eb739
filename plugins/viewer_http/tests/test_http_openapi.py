"""The document describes what really happens: nothing undocumented is answered, whatever is asked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runicorn_viewer_http import api, v2

Document = dict[str, Any]


@pytest.fixture
def busy(viewer: Any, make_run: Any) -> Any:
    """A viewer over runs that have something of everything."""
    for name in ("a", "b"):
        run = make_run(name)
        run.session.write("params", {"lr": 0.1})
        run.session.write("summary", {"acc": 0.5, "best": {"metric": "v", "value": 1.0, "step": 1, "mode": "max"}})
        for step in range(20):
            run.log(step, "train", v=float(step), w="NaN" if step % 2 else 1.0, t="text")
        run.line("hello")
        run.image("eyes", 3, b"\x89PNG")
    viewer.post("/api/runs/soft-delete", json={"run_ids": ["b"]})
    return viewer


@pytest.fixture
def document(busy: Any) -> Document:
    """Read once: what examples draw from may not change between them."""
    document: Document = busy.get("/api/openapi.json").json()
    return document


def test_every_reference_resolves_and_every_operation_has_a_name_of_its_own(viewer: Any) -> None:
    document = viewer.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for reference in re.findall(r'"\$ref":"#/components/schemas/(\w+)"', viewer.get("/api/openapi.json").text):
        assert reference in document["components"]["schemas"]
    for path, method, operation in operations(document):
        assert operation["summary"], (method, path)
        in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))


@pytest.mark.parametrize(
    ("template", "query"),
    [
        ("/api/config", ""),
        ("/api/experiments", ""),
        ("/api/experiments", "?include_deleted=true"),
        ("/api/health", ""),
        ("/api/metrics/{id}", ""),
        ("/api/metrics/{id}", "?buckets=5&counts=true"),
        ("/api/openapi.json", ""),
        ("/api/plugins", ""),
        ("/api/projects", ""),
        ("/api/projects/names", "?project=p"),
        ("/api/projects/runs", "?project=p"),
        ("/api/recycle-bin", ""),
        ("/api/runs/{id}", ""),
        ("/api/runs/{id}/logs", ""),
        ("/api/runs/{id}/media", ""),
        ("/api/runs/{id}/params", ""),
        ("/api/v2/runs", "?columns=status,tags,params.lr,metrics.v.max,summary.acc&q=a"),
        ("/api/v2/changes", "?sub=runs:&sub=metrics:a"),
        ("/api/v2/experiments", "?columns=metrics.v.max,params.lr,summary.acc,note"),
        ("/api/v2/fields", "?project=p"),
        ("/api/v2/filter", "?q=params.lr < 1 and a"),
        ("/api/v2/filter", "?q=lr < 1"),
        ("/api/v2/metrics/keys", "?project=p"),
        ("/api/v2/runs", "?group_by=status&columns=metrics.v.max,name"),
    ],
)
def test_answers_are_as_the_document_describes_them(busy: Any, template: str, query: str) -> None:
    document = busy.get("/api/openapi.json").json()
    answer = busy.get(template.replace("{id}", "a") + query)
    assert answer.status_code == 200
    schema = document["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert mismatch(answer.json(), schema, document) == ""


WORDS = ["a", "p", "step", "true", "0", "-1", "1e999", "v", "media/x", "p/n/runs/a", ".."]
WORDS += ["params.lr < 1 or tags has x", "metrics.v.max,-created_at", "status", "also", "summary.acc exists"]
ANYTHING = st.one_of(st.text(max_size=8), st.sampled_from(WORDS))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_undocumented_is_answered(busy: Any, document: Document, data: st.DataObject) -> None:
    path, method, operation = data.draw(st.sampled_from([o for o in operations(document) if o[1] != "put"]))
    parameters = operation.get("parameters", [])
    filled = path
    for parameter in parameters:
        if parameter["in"] == "path":
            filled = filled.replace(f"{{{parameter['name']}}}", quote(data.draw(ANYTHING), safe="") or "a")
    query = [(p["name"], data.draw(ANYTHING)) for p in parameters if p["in"] == "query" and data.draw(st.booleans())]
    body = data.draw(bodies()) if "requestBody" in operation else None
    answer = busy.request(method, busy.base_url.copy_with(raw_path=filled.encode()), params=query, json=body)
    documented = operation["responses"].get(str(answer.status_code))
    if documented is None:  # an empty or two-part segment is another path
        assert answer.json()["code"] in ("no-such-endpoint", "method-not-allowed")
        return
    kind = answer.headers.get("content-type", "").partition(";")[0]
    assert kind in documented.get("content", {}) or answer.status_code in (206, 304)


def bodies() -> st.SearchStrategy[Any]:
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    plain = st.one_of(st.none(), st.booleans(), st.integers(), numbers, ANYTHING)
    names = st.sampled_from(["run_ids", "value", "confirm", "tags", "note", "name", "other"])
    free = st.dictionaries(names, st.one_of(plain, st.lists(plain, max_size=3)), max_size=4)
    return st.one_of(plain, free, curves())


def curves() -> st.SearchStrategy[Any]:
    """Bodies that ask for curves, most of them sensible."""
    numbers = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-5, 30))
    since = st.fixed_dictionaries(
        {
            "generation": ANYTHING,
            "width": st.floats(1e-9, 1e9),
            "last_x": st.dictionaries(st.sampled_from("ab"), numbers),
        }
    )
    return st.fixed_dictionaries(
        {
            "runs": st.lists(st.sampled_from(["a", "b", "none", "p/n/runs/a"]), min_size=1, max_size=3),
            "keys": st.lists(st.sampled_from(["v", "w", "t", "none"]), min_size=1, max_size=3),
        },
        optional={
            "x": st.sampled_from(["step", "relative", "wall", "v", "w", "t", "none"]),
            "range": st.one_of(st.none(), st.lists(numbers, min_size=2, max_size=2)),
            "buckets": st.integers(1, 30),
            "log_x": st.booleans(),
            "group_by": st.sampled_from(["status", "params.lr", "tags", "metrics.w.last", "none"]),
            "precision": st.sampled_from(["float32", "float64", "picture"]),
            "since": since,
        },
    )


def operations(document: Document) -> list[tuple[str, str, Document]]:
    return [(path, method, found) for path, item in document["paths"].items() for method, found in item.items()]


def mismatch(value: Any, schema: Document, document: Document, at: str = "answer") -> str:
    """Where a value is not as its JSON Schema says; the part of it that our documents use."""
    if "$ref" in schema:
        return mismatch(value, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document, at)
    if "anyOf" in schema:
        found = [mismatch(value, option, document, at) for option in schema["anyOf"]]
        return "" if "" in found else "; ".join(found)
    if "enum" in schema and value not in schema["enum"]:
        return f"{at}: {value!r} is none of {schema['enum']}"
    kinds: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    kinds |= {"integer": int, "number": (int, float)}
    kind = schema.get("type")
    if kind and (not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind in ("integer", "number"))):
        return f"{at}: {value!r} is no {kind}"
    if kind == "array":
        return "".join(mismatch(item, schema["items"], document, f"{at}[{n}]") for n, item in enumerate(value))
    if kind == "object":
        missing = [name for name in schema.get("required", []) if name not in value]
        if missing:
            return f"{at}: lacks {missing}"
        known = schema.get("properties", {})
        rest = schema.get("additionalProperties", {})
        undeclared = [name for name in value if known and name not in known]
        if undeclared:
            return f"{at}: {undeclared} are not described"
        return "".join(mismatch(item, known.get(name, rest), document, f"{at}.{name}") for name, item in value.items())
    return ""


def test_the_guide_names_every_endpoint_and_no_other(viewer: Any) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "http-api.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /api/[^`?]+)`", guide))
    document = viewer.get("/api/openapi.json").json()
    offered = (*api.routes(viewer.viewer), *v2.routes(viewer.viewer))
    ours = {route.path.replace(":path", "") for route in offered} | {"/api/plugins/panels", "/api/openapi.json"}
    everything = {f"{method.upper()} {path}": path in ours for path, method, _ in operations(document)}
    assert named - everything.keys() == set()
    assert {name for name, is_ours in everything.items() if is_ours} - named == set()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=curves())
def test_curves_are_answered_or_refused_whatever_is_asked(busy: Any, body: Any) -> None:
    answer = busy.post("/api/v2/metrics", json=body)
    assert answer.status_code in (200, 400), answer.text
