"""Any other service, described in a TOML file.

method = "POST"                                  # or GET
url = "https://images.example.com/v1/generate"   # may hold placeholders, which are quoted
picture = "data.0.b64_json"                      # where the picture is: base64, data URI or address; "": the body
timeout = 120
price = 0.04                                     # for --estimate

[headers]
Authorization = "Bearer $EXAMPLE_KEY"            # $NAME: from the environment

[body]                                           # sent as JSON; texts hold placeholders
prompt = "%prompt%"
seed = "%seed%"

[job]                                            # for services that answer with a job first
id = "jobId"
url = "https://images.example.com/v1/jobs/%id%"
status = "status"
done = "success"
failed = "error"
"""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, ValidationError

from avwalk.config.fields import Model
from avwalk.contracts import Frames
from avwalk.errors import OptionError, PainterError, clipped
from avwalk.files.bounded import parse_toml
from avwalk.painters.address import PainterAddress
from avwalk.painters.answers import fitted, from_base64, picture_of, png_of
from avwalk.painters.comfyui import filled
from avwalk.painters.connection import Answer, connect, server_message
from avwalk.painters.contract import Painting
from avwalk.painters.service import Service, check_request, key_of

_VARIABLE = re.compile(r"\$([A-Z][A-Z0-9_]*)")
_POLL = (0.2, 3.0)  # seconds between looks at a job: the first, the longest


class Job(Model):
    """A job that a service answers with, and where to look for its end."""

    id: str = Field(description="path to its name in the first answer")
    url: str = Field(description="address of its state; %id% is its name")
    status: str = Field("status", description="path to its state")
    done: str = Field("success", description="the state in which the picture is there")
    failed: str = Field("error", description="the state in which there will be none")


class RestService(Model):
    """A service that makes pictures."""

    method: Literal["POST", "GET", "PUT"] = Field("POST", description="of the request")
    url: str = Field(description="address; placeholders in it are quoted")
    picture: str = Field(
        "", description="path to the picture in the answer, as a.0.b; empty: the answer is the picture"
    )
    headers: dict[str, str] = Field({}, description="of the request; $NAME is taken from the environment")
    body: dict[str, Any] = Field({}, description="sent as JSON")
    size: str = Field("", description="WxH that the service knows; empty: what is asked for")
    timeout: float = Field(300, ge=1, le=86400, description="seconds for a picture")
    jobs: int = Field(1, ge=1, le=64, description="pictures at once")
    price: float | None = Field(None, ge=0, description="of a picture, for --estimate")
    job: Job | None = None


class RestPainter(Service):
    """Paints by a described service.

    Args:
        address: with the description's file in place of an address.
    """

    def __init__(self, address: PainterAddress) -> None:
        self._about = _read(address.url)
        super().__init__(address, "", {}, jobs=self._about.jobs)
        about = self._about
        self.url = _origin(about.url)
        self.timeout = address.number("timeout", about.timeout, 1, 86400)
        self.price = about.price if self.price is None else self.price
        self.identity = {
            "kind": "rest",
            **about.model_dump(exclude={"timeout", "jobs", "price", "headers"}, mode="json"),
        }
        self._text = json.dumps([about.body, about.url])
        headers, keys = _with_keys(about.headers)
        self._connection = connect(self.url, headers, timeout=self.timeout, key=" ".join(keys))
        if keys:
            self._connection = replace(self._connection, secrets=keys)

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
        about = self._about
        known = tuple(int(side) for side in about.size.split("x")) if about.size else size
        values: dict[str, Any] = {
            "prompt": prompt,
            "negative": negative,
            "seed": seed,
            "width": known[0],
            "height": known[1],
            "strength": float(strength),
        }
        if "%image%" in self._text:
            if init_image is None:
                raise PainterError(f"{self.url} starts from a picture (%image%), and there is none; give --init")
            values["image"] = base64.b64encode(png_of(init_image)).decode()
        elif init_image is not None:
            raise PainterError(f"{self.url} starts from no picture: its description holds no %image%")
        quoted = {name: quote(str(value), safe="") for name, value in values.items()}
        body = json.dumps(filled(about.body, values)).encode() if about.body else None
        answer = self._connection.request(about.method, filled(about.url, quoted), body, "application/json")
        if about.job:
            answer = self._finished(answer, about.job)
        notes = [f"the service takes no {name}" for name in ("negative", "seed") if f"%{name}%" not in self._text]
        data = self._bytes(answer)
        return Painting(fitted(picture_of(data, self.url), size), {"Seed": seed, "Model": self.url, "notes": notes})

    def _finished(self, answer: Answer, job: Job) -> Answer:
        """The answer in which the picture is, once the job is done."""
        name = at_path(self._json(answer), job.id)
        if not isinstance(name, str | int):
            raise PainterError(f"{self.url} names no job at '{job.id}': {server_message(answer.body)}")
        url = filled(job.url, {"id": quote(str(name), safe="")})
        deadline, pause = time.monotonic() + self.timeout, _POLL[0]
        while True:
            answer = self._connection.get(url)
            state = str(at_path(self._json(answer), job.status))
            if state == job.done:
                return answer
            if state == job.failed:
                raise PainterError(f"{self.url}: the job failed: {server_message(answer.body)}")
            if time.monotonic() > deadline:
                raise PainterError(f"{self.url}: the job is still '{clipped(state)}' after {self.timeout:g} s")
            time.sleep(pause)
            pause = min(_POLL[1], pause * 1.5)

    def _bytes(self, answer: Answer) -> bytes:
        if not self._about.picture:
            return answer.body
        found = at_path(self._json(answer), self._about.picture)
        if isinstance(found, str) and found.startswith(("https://", "http://")):
            return self._connection.get(found).body
        if found is None:
            raise PainterError(f"{self.url} has no picture at '{self._about.picture}': {server_message(answer.body)}")
        return from_base64(found, self.url)

    def _json(self, answer: Answer) -> Any:
        try:
            return answer.json()
        except ValueError:
            raise PainterError(f"{self.url} answers with what is no JSON: {server_message(answer.body)}") from None


def at_path(value: Any, path: str) -> Any:
    """What is at ``a.0.b`` of a JSON value; None where there is nothing."""
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _read(name: str) -> RestService:
    if not name:
        raise OptionError("painter 'rest' needs the description of the service; write rest@FILE.toml")
    try:
        table = parse_toml(Path(name).expanduser().read_text(encoding="utf-8"))
        found = RestService.model_validate(table)
    except OSError as error:
        raise OptionError(f"'{name}' cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise OptionError(f"'{name}': {'.'.join(str(k) for k in first['loc'])}: {first['msg']}") from None
    except ValueError as error:
        raise OptionError(f"'{name}' is no TOML: {error}") from None
    if found.size and not re.fullmatch(r"\d+x\d+", found.size):
        raise OptionError(f"'{name}': size '{found.size}' is none; write 1024x1024")
    return found


def _with_keys(headers: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Headers with their keys from the environment, and the keys."""
    keys: list[str] = []

    def key(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise PainterError(f"the service needs a key; set {match[1]} in the environment")
        keys.append(key_of(match[1]))
        return keys[-1]

    return {name: _VARIABLE.sub(key, value) for name, value in headers.items()}, tuple(keys)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
