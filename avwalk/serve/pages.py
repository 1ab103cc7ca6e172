"""The pages of the server, made here: no script, font or style comes from elsewhere, and texts are escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: what a page may load."""
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  background: #14151a; color: #e8e6e1 }
a { color: #8fc7ff } h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
textarea, input, button { font: inherit; background: #22242c; color: inherit; border: 1px solid #444a58;
  border-radius: 6px; padding: .5rem .7rem } textarea { width: 100%; box-sizing: border-box }
button { cursor: pointer } button:disabled { opacity: .5 } img { max-width: 100%; border-radius: 6px; margin: .5rem 0 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .3rem .8rem
  .3rem 0; border-bottom: 1px solid #333743 } code { color: #ffd9a0 } #said { color: #ffb4a2 }
"""
_SCRIPT = """
const at = (id) => document.getElementById(id);
async function go() {
  at('go').disabled = true; at('said').textContent = 'painting …'; at('pictures').replaceChildren();
  try {
    const headers = {'Content-Type': 'application/json'};
    if (at('token').value) headers.Authorization = 'Bearer ' + at('token').value;
    const body = JSON.stringify({text: at('text').value, num_images: Number(at('count').value)});
    const answer = await fetch('generate', {method: 'POST', headers, body});
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error);
    for (const data of told.generatedImgs) {
      const img = new Image();
      img.alt = at('text').value;
      img.src = 'data:image/' + told.generatedImgsFormat.toLowerCase() + ';base64,' + data;
      at('pictures').append(img);
    }
    at('said').textContent = '';
  } catch (error) { at('said').textContent = String(error.message || error); }
  at('go').disabled = false;
}
at('go').addEventListener('click', go);
"""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def start_page(nonce: str, painter: str, images: int, token: bool) -> str:
    """The page that browsers get: a text, and its pictures.

    Args:
        nonce: of its script.
        painter: kind of what paints.
        images: pictures of one request, at most.
        token: whether one is needed.
    """
    field = '<input id="token" type="password" placeholder="token" autocomplete="off">'
    hidden = '<input id="token" type="hidden" value="">'
    body = f"""
<h1>avwalk</h1>
<p>Say what is to be seen. Painter: <code>{escape(painter)}</code>. <a href="docs">What else can be asked</a></p>
<textarea id="text" rows="3" maxlength="2000" placeholder="a stormy sea at night"></textarea>
<p><label>Pictures <input id="count" type="number" min="1" max="{images}" value="1"></label>
{field if token else hidden} <button id="go">GO!</button> <span id="said" role="status"></span></p>
<div id="pictures"></div><script nonce="{escape(nonce)}">{_SCRIPT}</script>"""
    return _page("avwalk", body)


def docs_page(schema: Mapping[str, Any]) -> str:
    """What can be asked, as a page: paths, bodies and answers of an OpenAPI schema."""
    parts = [f"<h1>{escape(schema['info']['title'])} {escape(schema['info']['version'])}</h1>"]
    parts.append(
        f"<p>{escape(schema['info'].get('description', ''))} Schema: <a href='openapi.json'>openapi.json</a></p>"
    )
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parts.append(f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>")
            parts.append(f"<p>{escape(operation.get('description', operation.get('summary', '')))}</p>")
            parts += [_rows("", operation.get("parameters", []))] if operation.get("parameters") else []
            for media, content in operation.get("requestBody", {}).get("content", {}).items():
                parts.append(_body(media, content.get("schema", {}), schema))
            said = [(code, answer.get("description", "")) for code, answer in operation.get("responses", {}).items()]
            parts.append(
                "<p>" + ", ".join(f"<code>{escape(code)}</code> {escape(text)}" for code, text in said) + "</p>"
            )
    return _page(schema["info"]["title"], "".join(parts))


def _rows(title: str, parameters: list[dict[str, Any]]) -> str:
    rows = [(each["name"], _kind(each.get("schema", {})), each.get("description", "")) for each in parameters]
    return _table(title, rows)


def _body(media: str, body: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    name = body.get("$ref", "").rpartition("/")[2]
    model = schema.get("components", {}).get("schemas", {}).get(name, body)
    needed = model.get("required", [])
    rows = [
        (
            field,
            _kind(facts) + ("" if field in needed else f", default {facts.get('default', '')!r}"),
            facts.get("description", ""),
        )
        for field, facts in model.get("properties", {}).items()
    ]
    return _table(media, rows)


def _table(title: str, rows: list[tuple[str, str, str]]) -> str:
    cells = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(kind)}</td><td>{escape(text)}</td></tr>"
        for name, kind, text in rows
    )
    return (f"<p>{escape(title)}</p>" if title else "") + f"<table>{cells}</table>"


def _kind(facts: Mapping[str, Any]) -> str:
    if "anyOf" in facts:
        return " or ".join(_kind(each) for each in facts["anyOf"])
    return str(facts.get("type", facts.get("$ref", "").rpartition("/")[2]) or "any")
