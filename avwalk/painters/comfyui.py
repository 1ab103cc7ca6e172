"""ComfyUI, with a graph of the user's own in API format.

In the graph's texts stand placeholders: ``%prompt%``, ``%negative%``, ``%seed%``, ``%width%``, ``%height%``,
``%image%`` (the name of the picture that was sent) and ``%strength%``. A text that is nothing but a placeholder becomes
its value, number or text; within longer texts it is replaced.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from avwalk.contracts import Frames
from avwalk.errors import OptionError, PainterError
from avwalk.files.bounded import parse_json
from avwalk.painters.address import PainterAddress
from avwalk.painters.answers import fitted, picture_of, png_of
from avwalk.painters.connection import connect, multipart, server_message
from avwalk.painters.contract import Painting, PaintRequest
from avwalk.painters.service import Service, check_request, worked_in

USUAL = "http://127.0.0.1:8188"
SETTINGS = {"graph": "JSON file of the graph, saved with Export (API)"}
MAX_SEED = 2**64 - 1
_POLL = (0.05, 1.0)  # seconds between looks at the history: the first, the longest
_LOST = 8  # looks at which a job is neither in the queue nor in the history


class ComfyPainter(Service):
    """Paints by a graph.

    Args:
        address: as named; ``graph`` is needed.

    Raises:
        OptionError: the graph is missing, or no graph in API format.
    """

    def __init__(self, address: PainterAddress) -> None:
        super().__init__(address, USUAL, SETTINGS)
        self._graph = _read_graph(address.settings.get("graph", ""))
        text = json.dumps(self._graph, sort_keys=True)
        self._holds = {name for name in ("prompt", "negative", "seed", "image", "strength") if f"%{name}%" in text}
        if "prompt" not in self._holds:
            raise OptionError(
                f"the graph '{address.settings['graph']}' holds no %prompt%; write it where the prompt goes"
            )
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.identity = {"kind": self.kind, "url": self.url, "graph": digest}
        self._connection = connect(self.url, timeout=min(self.timeout, 120.0))

    def paint(
        self,
        prompt: str,
        negative: str = "",
        seed: int = 0,
        size: tuple[int, int] = (512, 512),
        init_image: Frames | None = None,
        strength: float = 0.5,
    ) -> Painting:
        """See `avwalk.painters.contract.Painter`."""
        check_request(size, strength)
        width, height = worked_in(size)
        values: dict[str, Any] = {
            "prompt": prompt,
            "negative": negative,
            "seed": seed % (MAX_SEED + 1),
            "width": width,
            "height": height,
            "strength": float(strength),
            "image": "",
        }
        if init_image is not None:
            if "image" not in self._holds:
                raise PainterError("this graph starts from no picture: it holds no %image%; give one with LoadImage")
            values["image"] = self._upload(png_of(fitted(init_image, (width, height))))
        elif "image" in self._holds:
            raise PainterError("this graph starts from a picture (%image%), and there is none; give --init, or another")
        graph = filled(self._graph, values)
        request = PaintRequest(prompt, negative, seed, size, init_image, strength)
        job = self._submit(graph, request)
        entry = self._wait(job)
        data = self._picture(entry)
        notes = [f"the graph holds no %{name}%" for name in ("seed", "negative") if name not in self._holds]
        used = {"Seed": values["seed"], "Model": _model(graph), "Steps": _steps(graph), "notes": notes}
        return Painting(
            fitted(picture_of(data, self.url), size), {k: v for k, v in used.items() if v not in (None, [])}
        )

    def _upload(self, picture: bytes) -> str:
        """Sends a picture, named by its bytes; gives the name that LoadImage takes."""
        name = f"{hashlib.sha256(picture).hexdigest()[:24]}.png"
        fields = {"overwrite": "true", "type": "input", "subfolder": "avwalk"}
        body, kind = multipart(fields, {"image": (name, picture)})
        value = self._json(self._connection.request("POST", "upload/image", body, kind).body)
        if not isinstance(value, dict) or not value.get("name"):
            raise PainterError(f"{self.url} did not take the picture; see its log")
        return f"{value['subfolder']}/{value['name']}" if value.get("subfolder") else str(value["name"])

    def _submit(self, graph: Mapping[str, Any], request: PaintRequest) -> str:
        """Puts the graph in the queue; gives the job's name, which is new for each try."""
        text = json.dumps([graph, request.seed, time.time_ns()], sort_keys=True)
        job = str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))
        value = self._json(
            self._connection.post("prompt", {"prompt": graph, "client_id": "avwalk", "prompt_id": job}).body
        )
        if isinstance(value, dict) and value.get("node_errors"):
            raise PainterError(f"{self.url} refuses the graph: {server_message(json.dumps(value).encode())}")
        return str(value.get("prompt_id") or job) if isinstance(value, dict) else job

    def _wait(self, job: str) -> Mapping[str, Any]:
        """The job's entry of the history.

        It is empty while the job waits, while it runs, and for a moment after it has run: only an entry is an answer.
        """
        deadline, pause, lost = time.monotonic() + self.timeout, _POLL[0], 0
        while True:
            history = self._json(self._connection.get(f"history/{quote(job)}").body)
            entry = history.get(job) if isinstance(history, dict) else None
            if isinstance(entry, dict):
                _check_status(self.url, entry)
                return entry
            lost = 0 if self._is_queued(job) else lost + 1
            if lost > _LOST:
                raise PainterError(f"{self.url} has forgotten the picture; was it started anew, or its queue cleared?")
            if time.monotonic() > deadline:
                raise PainterError(f"{self.url}: no picture within {self.timeout:g} s; give timeout=N for more")
            time.sleep(pause)
            pause = min(_POLL[1], pause * 1.5)

    def _is_queued(self, job: str) -> bool:
        value = self._json(self._connection.get("queue").body)
        return job in json.dumps(value)

    def _picture(self, entry: Mapping[str, Any]) -> bytes:
        """The file of the picture that the graph saved; of several the last, and what is kept before previews."""
        outputs = entry.get("outputs")
        images = [
            image
            for node in (outputs.values() if isinstance(outputs, dict) else ())
            if isinstance(node, dict)
            for image in node.get("images") or ()
            if isinstance(image, dict) and image.get("filename")
        ]
        if not images:
            raise PainterError("the graph saved no picture; it needs a SaveImage node")
        best = [image for image in images if image.get("type") == "output"] or images
        query = {name: str(best[-1].get(name) or "") for name in ("filename", "subfolder", "type")}
        return self._connection.get(f"view?{urlencode(query)}").body

    def _json(self, body: bytes) -> Any:
        try:
            return json.loads(body) if body.strip() else {}
        except ValueError:
            raise PainterError(f"{self.url} answers with what is no JSON; is it ComfyUI?") from None


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """A graph with its placeholders replaced; texts of prompts are never looked through again."""
    if isinstance(value, dict):
        return {name: filled(each, values) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, values) for each in value]
    if not isinstance(value, str) or "%" not in value:
        return value
    if value[1:-1] in values and value[0] == value[-1] == "%":
        return values[value[1:-1]]
    parts = value.split("%")
    out, k = [parts[0]], 1
    while k < len(parts):
        if k + 1 < len(parts) and parts[k] in values:
            out.append(str(values[parts[k]]) + parts[k + 1])
            k += 2
        else:
            out.append("%" + parts[k])
            k += 1
    return "".join(out)


def _read_graph(name: str) -> dict[str, Any]:
    if not name:
        raise OptionError("painter 'comfyui' needs your graph; write comfyui@http://HOST:8188?graph=FILE.json")
    path = Path(name).expanduser()
    try:
        value = parse_json(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise OptionError(f"the graph '{name}' cannot be read: {error.strerror}") from None
    except ValueError:
        raise OptionError(f"the graph '{name}' is no JSON") from None
    if isinstance(value, dict) and "nodes" in value and "links" in value:
        raise OptionError(f"'{name}' is a workflow, not a graph in API format; save it with Workflow, Export (API)")
    nodes = value.values() if isinstance(value, dict) else ()
    if not nodes or not all(isinstance(node, dict) and "class_type" in node for node in nodes):
        raise OptionError(f"'{name}' is no graph in API format: node → class_type and inputs")
    return dict(value)


def _check_status(url: str, entry: Mapping[str, Any]) -> None:
    """Raises if the job failed, in the words of the node that did."""
    status = entry.get("status")
    if not isinstance(status, dict) or status.get("status_str") != "error":
        return
    for message in status.get("messages") or ():
        if isinstance(message, list) and len(message) == 2 and isinstance(message[1], dict):
            kind, facts = message
            if kind == "execution_error":
                said = server_message(json.dumps(facts).encode())
                raise PainterError(f"{url}: node {facts.get('node_id')} ({facts.get('node_type')}) failed: {said}")
            if kind == "execution_interrupted":
                raise PainterError(f"{url}: the picture was stopped there")
    raise PainterError(f"{url}: the graph failed; see its log")


def _input(graph: Mapping[str, Any], *names: str) -> Any:
    nodes = [node for node in graph.values() if isinstance(node.get("inputs"), dict)]
    return next(
        (n["inputs"][name] for name in names for n in nodes if isinstance(n["inputs"].get(name), str | int)), None
    )


def _model(graph: Mapping[str, Any]) -> Any:
    return _input(graph, "ckpt_name", "unet_name")


def _steps(graph: Mapping[str, Any]) -> Any:
    return _input(graph, "steps")
