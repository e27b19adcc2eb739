"""Modules as they are served: smaller and fewer, and still what was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from runicorn_viewer_http.modules.linking import Unlinkable
from runicorn_viewer_http.modules.pack import pack
from runicorn_viewer_http.modules.slim import Unclear, slim
from runicorn_viewer_http.modules.sources import sources_of
from runicorn_viewer_http.pages import STATIC, as_served


@pytest.mark.parametrize(
    ("source", "served"),
    [
        ("  const a = 1; // one\n\n  /** two\n   lines */\n  f( a );\n", "const a=1;\n\n\n\nf(a);\n"),
        ("const s = 'a  // b', t = \"/* c */  d\";", "const s='a  // b',t=\"/* c */  d\";"),
        (r"const s = 'it\'s  // not';", r"const s='it\'s  // not';"),
        ("const r = /[/'\"`]  \\/  /g;  a / b / c;", "const r=/[/'\"`]  \\/  /g;a/b/c;"),
        ("(a + b) / 2 // half", "(a+b)/2"),
        ("i++ / 2; a + ++b; a - -b; a++ + b", "i++ /2;a+ ++b;a- -b;a++ +b"),
        ("return /* why */ x;\nreturn  /x  y/ in z;", "return x;\nreturn/x  y/ in z;"),
        ("const t = `a\n   b ${ c + `  ${ '}' }  ` }  d`;", "const t=`a\n   b ${c+`  ${'}'}  `}  d`;"),
        ("html`<p>\n    ${ a }\n    b  c</p>`", "html`<p>\n${a}\nb  c</p>`"),
        ("html`<p>${ x.map((y) => `  \n  ${ y }`) }\n  </p>`", "html`<p>${x.map((y)=>`  \n  ${y}`)}\n</p>`"),
        ("const größe = typeof x === 'y' ? .5 : 1;", "const größe=typeof x==='y'?.5:1;"),
        ("if (a) { b } else c", "if(a){b}else c"),
    ],
)
def test_only_what_means_nothing_is_left_out(source: str, served: str) -> None:
    found = slim(source)
    assert found.text == served
    assert len(found.mask) == len(found.text)
    assert found.text.count("\n") == source.count("\n")


@pytest.mark.parametrize("source", ["if (a) /'/.test(b)", "`${a", "const a = /b", "{", "f(`a)"])
def test_what_cannot_be_told_is_served_as_it_is(source: str, tmp_path: Path) -> None:
    with pytest.raises(Unclear):
        slim(source)
    file = tmp_path / "plugin.js"
    file.write_text(source)
    assert as_served(file) == source.encode()


MODULES = {
    "app.js": "import { h } from 'preact';\nimport * as b from './b/b.js';\nh(b, () => import('./c.js'));",
    "b/b.js": "import d from '../d.js';\nimport {\n  e as f,\n} from '../d.js';\nexport const one = d + f;",
    "d.js": "const e = 1;\nexport { e };\nexport default { e };\nexport async function unused() {}",
    "c.js": "import { one } from './b/b.js';\nexport class C { one = one; at = import.meta.url; }",
    "host.js": "export { one as two } from './b/b.js';",
}


def test_a_pack_holds_modules_after_those_they_import_and_gives_what_others_ask_for() -> None:
    packed = pack(MODULES, "app.js", ["host.js"])
    assert packed.packs["app.js"].text.split("\n") == [
        'import*as $0 from"preact";',
        "const $1=(()=>{const e=1;",
        "",
        "const $default={e};",
        "async function unused(){}",
        "return{e,default:$default,unused,}})();",
        "const $2=(()=>{const d=$1.default;",
        "const{e:f}=$1;",
        "",
        "",
        "const one=d+f;",
        "return{one,}})();",
        "const $3=(()=>{const{h}=$0;",
        "const b=$2;",
        'h(b,()=>import("./c.js").then((pack)=>pack.modules["c.js"]));',
        "return{}})();",
        "const $4=(()=>{",
        "return{two:$2.one,}})();",
        'export const modules={"b/b.js":$2,"host.js":$4};',
        "//# sourceMappingURL=app.js.map",
    ]
    assert packed.packs["c.js"].text.split("\n") == [
        'import{modules as $0}from"./app.js";const{"b/b.js":$1}=$0;',
        "const $2=(()=>{const{one}=$1;",
        'class C{one=one;at=new URL("./c.js",import.meta.url).href;}',
        "return{C,}})();",
        'export const modules={"c.js":$2};',
        "//# sourceMappingURL=c.js.map",
    ]
    assert packed.stubs == {
        "host.js": 'import{modules}from"./app.js";const $0=modules["host.js"];export const{two}=$0;'
    }


def test_what_is_imported_later_is_one_pack_where_it_shares_modules_and_several_where_it_does_not() -> None:
    modules = {
        "app.js": "export const all = [() => import('./x.js'), () => import('./y.js'), () => import('./z.js')];",
        "x.js": "import './shared.js';\nexport const x = () => import('./later.js');",
        "y.js": "import './shared.js';",
        "z.js": "export const z = 1;",
        "shared.js": "export const s = 1;",
        "later.js": "import './shared.js';",
    }
    packs = pack(modules, "app.js").packs
    assert {name: one.members for name, one in packs.items()} == {
        "app.js": ("app.js",),
        "later.js": ("shared.js", "later.js", "x.js", "y.js"),
        "z.js": ("z.js",),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import './b/b.js';", "modules import each other in a circle: b/b.js, d.js"),
        ("export default 1;", "b/b.js imports 'e', which d.js does not give"),
        ("export let e = 1;", "d.js: 'export let e=1;' is no form that packs know"),
        ("export * from './e.js';", "d.js: 'export *' does not say what it gives; name it"),
        ("import a, { b } from './e.js';", "d.js: 'import a,{b}' takes neither names, nor a default, nor everything"),
    ],
)
def test_what_a_pack_would_get_wrong_is_told(text: str, said: str) -> None:
    with pytest.raises(Unlinkable) as error:
        pack(MODULES | {"d.js": text}, "app.js")
    assert str(error.value) == said


def test_every_module_of_the_interface_is_in_one_pack() -> None:
    sources = sources_of(STATIC)
    packed = pack(sources, "app.js", ["extend/host.js"])
    members = sorted(name for one in packed.packs.values() for name in one.members)
    assert members == sorted(set(sources) - {"theme.js"})  # which runs before there are modules
    assert sum(len(one.text) for one in packed.packs.values()) < 0.85 * sum(map(len, sources.values()))
