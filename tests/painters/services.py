"""Small servers that speak the protocols of painters' services, with the faults that were observed of them."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np

GRAPH = {
    "3": {"class_type": "KSampler", "inputs": {"seed": "%seed%", "steps": 4, "denoise": 1.0}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "small.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": "%width%", "height": "%height%", "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "%prompt%", "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "ugly, %negative%", "clip": ["4", 1]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
}
GRAPH_OVER = {
    **GRAPH,
    "3": {"class_type": "KSampler", "inputs": {"seed": "%seed%", "steps": 4, "denoise": "%strength%"}},
    "10": {"class_type": "LoadImage", "inputs": {"image": "%image%"}},
}


def png(size: tuple[int, int] = (64, 64), seed: int = 0, over: np.ndarray[Any, Any] | None = None) -> bytes:
    """A picture that differs with its seed; over another one: that one, tinted."""
    rng = np.random.default_rng(seed)
    picture = cv2.resize(rng.integers(0, 255, (4, 4, 3), np.uint8), size, interpolation=cv2.INTER_CUBIC)
    if over is not None:
        picture = cv2.addWeighted(cv2.resize(over, size), 0.7, picture, 0.3, 0)
    return bytes(cv2.imencode(".png", picture)[1].tobytes())


class Service:
    """What a fake server was asked, and how it is to behave.

    Attributes:
        fault: what goes wrong; empty: nothing.
        asked: method, path, headers and body of each request.
        failures: requests that fail before the others do not.
        empty_looks: looks at the history that find it empty although the job is done.
    """

    def __init__(self) -> None:
        self.fault = ""
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.failures = 0
        self.empty_looks = 2
        self.url = ""
        self.jobs: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.made: dict[str, str] = {}

    def posted(self, part: str) -> list[dict[str, Any]]:
        """JSON bodies that were posted to paths with this part."""
        return [json.loads(body) for method, path, _, body in self.asked if method == "POST" and part in path]


class _Handler(BaseHTTPRequestHandler):
    service: Service
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        service = self.service
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        service.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if service.failures > 0:
            service.failures -= 1
            return self.reply(503, {"detail": "model is loading"}, {"Retry-After": "0"})
        if service.fault == "closed":
            self.connection.close()
            return None
        if service.fault == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            self.wfile.write(b'{"images": ["')
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return None
        if service.fault == "drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            try:
                for _ in range(100):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                pass
            return None
        if service.fault == "empty":
            self.send_response(204)
            self.end_headers()
            return None
        if service.fault == "page":
            return self.reply(200, b"<html>a login page</html>")
        if service.fault == "moved":
            return self.reply(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"})
        if service.fault == "unauthorised":
            return self.reply(401, {"detail": "Not authenticated"})
        if service.fault == "busy":
            return self.reply(429, {"error": {"message": "Rate limit reached"}}, {"Retry-After": "0"})
        return self.answer(body)

    def reply(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "image/png" if data[:4] == b"\x89PNG" else "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)

    def encoded(self, picture: bytes) -> str:
        """Base64 of a picture, or what is wrong with it."""
        return {
            "base64": "iVBORw0KGgo*** not base64 ***",
            "no picture": base64.b64encode(b"this is no picture").decode(),
            "half": base64.b64encode(picture[: len(picture) // 2]).decode(),
            "flat": base64.b64encode(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes()).decode(),
        }.get(self.service.fault, base64.b64encode(picture).decode())

    def answer(self, body: bytes) -> None:
        raise NotImplementedError


class A1111(_Handler):
    """``/sdapi/v1``."""

    def answer(self, body: bytes) -> None:
        wish = json.loads(body)
        if self.service.fault == "refused":
            said = {"error": "HTTPException", "detail": "Sampler not found", "body": "", "errors": ""}
            return self.reply(404, said)
        over = None
        if "img2img" in self.path:
            if not wish.get("init_images"):
                return self.reply(404, {"error": "HTTPException", "detail": "Init image not found", "errors": ""})
            data = base64.b64decode(wish["init_images"][0])
            over = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        size = wish["width"], wish["height"]
        steps, seed = wish["steps"], wish["seed"]
        text = f"{wish['prompt']}\nSteps: {steps}, Sampler: Euler a, CFG scale: 7, Seed: {seed}, Model: small"
        info = json.dumps({"seed": wish["seed"], "all_seeds": [wish["seed"]], "infotexts": [text]})
        images = [] if self.service.fault == "none" else [self.encoded(png(size, wish["seed"], over))]
        return self.reply(200, {"images": images, "parameters": wish, "info": info})


class ComfyUI(_Handler):
    """ComfyUI 0.8: queue, history with its empty moment, files."""

    def answer(self, body: bytes) -> None:
        service, parts = self.service, urlsplit(self.path)
        if self.headers.get("Origin"):
            return self.reply(403, b"")
        if parts.path == "/upload/image":
            name = body.split(b'filename="')[1].split(b'"')[0].decode()
            service.files[f"avwalk/{name}"] = body.split(b"\r\n\r\n", 4)[4].rsplit(b"\r\n--", 1)[0]
            return self.reply(200, {"name": name, "subfolder": "avwalk", "type": "input"})
        if parts.path == "/prompt":
            return self._prompt(json.loads(body))
        if parts.path == "/queue":
            running = [[0, job] for job in service.jobs] if service.fault != "lost" else []
            return self.reply(200, {"queue_running": running, "queue_pending": []})
        if parts.path.startswith("/history/"):
            return self._history(parts.path.rpartition("/")[2])
        if parts.path == "/view":
            wish = parse_qs(parts.query)
            if ".." in wish["filename"][0]:
                return self.reply(400, b"")
            data = service.files[wish["filename"][0]]
            if service.fault == "half":
                data = data[: len(data) // 2]
            return self.reply(200, b"no picture" if service.fault == "no picture" else data)
        return self.reply(404, b"404: Not Found")

    def _prompt(self, wish: dict[str, Any]) -> None:
        if self.service.fault == "refused":
            errors = [
                {"type": "value_not_in_list", "message": "Value not in list", "details": "ckpt_name: 'x' not in []"}
            ]
            error = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation"}
            return self.reply(400, {"error": error, "node_errors": {"4": {"errors": errors}}})
        graph, job = wish["prompt"], wish["prompt_id"]
        sampler = graph["3"]["inputs"]
        size = graph["5"]["inputs"]
        key = json.dumps(graph, sort_keys=True)
        if key not in self.service.made:  # the same graph gives the same file
            name = f"avwalk_{len(self.service.made):05d}_.png"
            over = None
            if "10" in graph:
                data = self.service.files[graph["10"]["inputs"]["image"]]
                over = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            self.service.files[name] = png((size["width"], size["height"]), sampler["seed"], over)
            self.service.made[key] = name
        self.service.jobs[job] = {"name": self.service.made[key], "looks": 0}
        return self.reply(200, {"prompt_id": job, "number": 1, "node_errors": {}})

    def _history(self, job: str) -> None:
        state = self.service.jobs.get(job)
        if state is None or self.service.fault == "lost" or state["looks"] < self.service.empty_looks:
            if state:
                state["looks"] += 1
            return self.reply(200, {})
        status: dict[str, Any] = {"status_str": "success", "completed": True, "messages": []}
        outputs = {"9": {"images": [{"filename": state["name"], "subfolder": "", "type": "output"}]}}
        if self.service.fault == "failed":
            facts = {"node_id": "3", "node_type": "KSampler", "exception_message": "out of memory"}
            status = {"status_str": "error", "completed": False, "messages": [["execution_error", facts]]}
        if self.service.fault in ("failed", "none"):
            outputs = {}
        return self.reply(200, {job: {"prompt": [], "outputs": outputs, "status": status}})


class OpenAI(_Handler):
    """``/images/generations`` and ``/images/edits``."""

    def answer(self, body: bytes) -> None:
        service = self.service
        if self.path.startswith("/files/"):
            return self.reply(200, service.files[self.path])
        if service.fault == "refused":
            error = {"message": "Your request was rejected by the safety system.", "type": "invalid_request_error"}
            return self.reply(400, {"error": error})
        seed, over = len(service.asked), None
        if "edits" in self.path:
            data = body.split(b"image/png\r\n\r\n")[1].rsplit(b"\r\n--", 1)[0]
            over = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            size = (64, 64)
        else:
            width, _, height = json.loads(body)["size"].partition("x")
            size = (int(width), int(height))
        picture = png(size, seed, over)
        if service.fault == "none":
            return self.reply(200, {"created": 1, "data": []})
        if service.fault == "address":
            service.files["/files/1.png"] = picture
            return self.reply(200, {"created": 1, "data": [{"url": f"{service.url}/files/1.png"}]})
        return self.reply(200, {"created": 1, "data": [{"b64_json": self.encoded(picture)}]})


class Jobs(_Handler):
    """A service that answers with a job first, as EchoAI's did."""

    def answer(self, body: bytes) -> None:
        service = self.service
        if self.path == "/jobs/create":
            if service.fault == "refused":
                return self.reply(422, {"detail": [{"loc": ["body", "prompt"], "msg": "field required"}]})
            service.jobs["7"] = {"looks": 0, **json.loads(body)}
            return self.reply(200, {"jobId": 7})
        if self.path == "/jobs/7":
            job = service.jobs["7"]
            job["looks"] += 1
            if job["looks"] <= service.empty_looks:
                return self.reply(200, {"status": "pending"})
            if service.fault == "failed":
                return self.reply(200, {"status": "error", "message": "no credit left"})
            if service.fault == "none":
                return self.reply(200, {"status": "success", "images": []})
            picture = png((job["width"], job["height"]), job["seed"])
            if service.fault in ("base64", "no picture", "half", "flat"):
                return self.reply(200, {"status": "success", "images": [self.encoded(picture)]})
            service.files["/made.png"] = picture
            return self.reply(200, {"status": "success", "images": [f"{service.url}/made.png"]})
        return self.reply(200, service.files[self.path])


@contextmanager
def serving(handler: type[_Handler]) -> Iterator[Service]:
    """A fake service on this machine while it lasts."""
    service = Service()
    bound = type("Bound", (handler,), {"service": service})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that go away are part of the tests
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
