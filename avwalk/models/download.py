"""Downloads one file: resumes partial downloads, verifies the sha256, renames when complete.

During the download it is ``NAME.part``; ``NAME.part.json`` holds the address and the version of the file on the server
(ETag or date). A partial download of another version is not continued.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from filelock import FileLock, Timeout

from avwalk.errors import ModelError, clipped
from avwalk.files.atomic import part_of, rename_whole
from avwalk.models.weights import sha256_of

if TYPE_CHECKING:
    from requests import Response

SCHEMES: tuple[str, ...] = ("https",)
MAX_REDIRECTS = 10
TRIES = 5
"""Consecutive attempts without progress before giving up."""
_TIMEOUT = 30  # seconds without a byte
_BLOCK = 1 << 18
_ROOM = 3  # times the size: the file, its conversion, and a reserve
Progress = Callable[[int, int], None]


def fetch(url: str, target: Path, *, sha256: str = "", progress: Progress | None = None, waits: float = 1.0) -> str:
    """Downloads ``url`` to ``target``, which must not be there; resumes what an earlier call left.

    Args:
        url: https; so is every address that it leads to.
        target: where it goes; its folder is made.
        sha256: known leading digits of its sha256, or empty.
        progress: called with bytes there, and bytes in all (0 if the server does not say).
        waits: seconds before the second attempt; doubled each time.

    Returns:
        The sha256 of what was fetched, 64 hex digits.

    Raises:
        ModelError: no such file, no network, broken off for good, no room, or the sha256 is another (the file is
            removed then). What came so far stays for the next call in all cases but this.
    """
    if urlsplit(url).scheme not in SCHEMES:
        raise ModelError(f"'{url}' is no https address; name a folder or a file with --from, or an https address")
    part = part_of(target)  # kept when it breaks off: not `atomic_file`
    if find_spec("requests") is None:
        raise ModelError("requests is not installed; install it with: pip install 'avwalk[models]' or 'avwalk[voice]'")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(str(part) + ".lock", timeout=0):
            _complete(url, part, progress or (lambda done, total: None), waits)
            return _accept(url, part, target, sha256)
    except Timeout:
        raise ModelError(f"another avwalk is fetching {url}; wait for it") from None
    except OSError as error:
        raise ModelError(
            f"{part} cannot be written ({error.strerror or error}); make room, or set AVWALK_MODEL_CACHE_DIR"
        ) from None


def requested(url: str, headers: dict[str, str], most: int, advice: str) -> bytes:
    """A small answer of a server.

    Args:
        url: https; so is every address that it leads to.
        headers: of the request.
        most: bytes that are read.
        advice: what to do when there is none.

    Raises:
        ModelError: there is none, or it is longer.
    """
    import requests

    try:
        with _answer(url, headers) as answer:
            answer.raise_for_status()
            data = b""
            for block in answer.iter_content(_BLOCK):
                data += block
                if len(data) > most:
                    raise ModelError(f"{url} answers with more than {most >> 20} MiB; {advice}")
    except requests.RequestException as error:
        raise ModelError(_why(url, 0, error).replace("try another source: --from URL, or --from DIR", advice)) from None
    return data


def _complete(url: str, part: Path, progress: Progress, waits: float) -> None:
    """Downloads the rest of the file, reconnecting as needed."""
    import requests

    failed, there = 0, _size(part)
    while True:
        try:
            return _once(url, part, progress)
        except requests.RequestException as error:
            gained, there = _size(part) > there, _size(part)
            failed = 0 if gained else failed + 1
            if failed >= TRIES or _is_hopeless(error):
                raise ModelError(_why(url, there, error)) from None
            time.sleep(0 if gained else waits * 2 ** (failed - 1))


def _once(url: str, part: Path, progress: Progress) -> None:
    """One request for what is missing."""
    import requests

    asked = _resumable(url, part)
    headers = {"Accept-Encoding": "identity"}
    if asked:
        headers |= {"Range": f"bytes={asked[0]}-", "If-Range": asked[1]}
    with _answer(url, headers) as answer:
        if asked and answer.status_code == requests.codes.requested_range_not_satisfiable:
            if answer.headers.get("Content-Range") == f"bytes */{asked[0]}":
                return  # it was whole already
            part.unlink()
            raise requests.ConnectionError("the server has another file now")
        answer.raise_for_status()
        goes_on = asked is not None and _goes_on(answer, asked[0])
        start = asked[0] if asked and goes_on else 0
        length = int(answer.headers.get("Content-Length") or 0)
        _check_room(part, length)
        if not goes_on:
            _remember(url, part, answer)
        with part.open("ab" if goes_on else "wb") as file:
            for block in answer.iter_content(_BLOCK):
                file.write(block)
                progress(file.tell(), start + length if length else 0)


def _answer(url: str, headers: dict[str, str]) -> Response:
    """The answer of a server, through redirects, none of which leaves https.

    Raises:
        ModelError: one does, or there are too many.
    """
    import requests

    at = url
    for _ in range(MAX_REDIRECTS):
        answer = requests.get(at, headers=headers, stream=True, timeout=_TIMEOUT, allow_redirects=False)
        if not answer.is_redirect:
            return answer
        answer.close()
        at = urljoin(at, answer.headers["Location"])
        if urlsplit(at).scheme not in SCHEMES:
            raise ModelError(f"{url} leads to '{clipped(at)}', which is no https address: refused; try another source")
    raise ModelError(f"{url} leads on and on, more than {MAX_REDIRECTS} times; try another source: --from URL")


def _goes_on(answer: Response, start: int) -> bool:
    """Whether the answer is the rest from ``start``; servers that ignore Range send all."""
    if answer.status_code != 206:
        return False
    return answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")


def _resumable(url: str, part: Path) -> tuple[int, str] | None:
    """Bytes present and their version; None to restart."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        left = json.loads(_notes(part).read_text(encoding="utf-8"))
        if left["url"] == url and left["version"] and _size(part):
            return _size(part), str(left["version"])
    return None


def _remember(url: str, part: Path, answer: Response) -> None:
    tag = answer.headers.get("ETag", "")
    version = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
    part.unlink(missing_ok=True)
    _notes(part).write_text(json.dumps({"url": url, "version": version}), encoding="utf-8")


def _accept(url: str, part: Path, target: Path, expected: str) -> str:
    """Verifies the sha256; renames the file, or removes it on a mismatch."""
    found = sha256_of(part)
    _notes(part).unlink(missing_ok=True)
    if not found.startswith(expected.lower()):
        size = _size(part)
        part.unlink()
        raise ModelError(
            f"{url} gave {size} bytes of sha256 {found[:16]}…, not {expected[:16]}…: refused and removed; "
            "try again, or another source with --from"
        )
    rename_whole(part, target)
    return found


def _check_room(part: Path, length: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if length and free < _ROOM * length:
        raise ModelError(
            f"{part.parent} has {free >> 20} MB left, the model needs {_ROOM * length >> 20} MB; "
            "make room, or set AVWALK_MODEL_CACHE_DIR"
        )


def _is_hopeless(error: Exception) -> bool:
    """Whether a retry is pointless: the server refused (4xx), or is unreachable."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return (status is not None and 400 <= status < 500) or _is_unreachable(error)


def _is_unreachable(error: Exception) -> bool:
    text = repr(error)
    return any(name in text for name in ("NameResolutionError", "NewConnectionError", "ProxyError", "SSLError"))


def _why(url: str, there: int, error: Any) -> str:
    host = urlsplit(url).netloc
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status is not None:
        return f"{url} answers {status} {error.response.reason}; try another source: --from URL, or --from DIR"
    if _is_unreachable(error):
        return (
            f"{host} cannot be reached; connect to the internet and run it again, or copy the files here by other "
            "means and use --from DIR"
        )
    kept = f" at {there >> 20} MB" if there else ""
    return f"the download from {host} broke off{kept} ({type(error).__name__}); run it again, it goes on from there"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _notes(part: Path) -> Path:
    return part.with_name(part.name + ".json")
