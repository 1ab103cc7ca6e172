"""A codex as it is in its folder: from the index of a picture to all that it is painted of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from avwalk.codex.design import NONE, DesignColumn, design
from avwalk.codex.folder import MAX_PICTURES, CodexFolder
from avwalk.codex.record import Record
from avwalk.codex.settings_file import CodexSettings, read_settings
from avwalk.codex.tables import PREFIX, Matrix, read_matrix
from avwalk.config.lock import SCENE
from avwalk.errors import CodexError, OptionError, clipped, did_you_mean
from avwalk.painters.address import parse_address
from avwalk.painters.registry import PAINTERS


@dataclass(frozen=True)
class Codex:
    """Scenes, attributes and settings.

    Attributes:
        name: of the codex.
        settings: as ``codex.toml`` has them.
        matrix: as the tables have it.
    """

    name: str
    settings: CodexSettings
    matrix: Matrix

    @property
    def categories(self) -> Mapping[str, tuple[str, ...]]:
        """The categories that go into prompts: none with an override, which stands in their place."""
        return {} if self.settings.override else self.matrix.categories

    @property
    def rates(self) -> dict[str, float]:
        """Category → share of the pictures that have a value of it, 0 to 1."""
        own = self.settings.rates
        return {name: own.get(name, self.settings.inclusion) for name in self.categories}

    @property
    def painters(self) -> tuple[str, ...]:
        """Addresses of the painters, each in one spelling.

        Raises:
            OptionError: one is unknown, or two cannot be told apart in what pictures say of them.
        """
        names = [each.strip() for each in self.settings.painter.split(",") if each.strip()]
        if not names:
            raise OptionError(f"--painter '{self.settings.painter}' names no painter; use {', '.join(PAINTERS)}")
        found = tuple(dict.fromkeys(parse_address(name, PAINTERS).text for name in names))
        public = [public_address(each) for each in found]
        if twice := next((each for each in public if public.count(each) > 1), ""):
            raise OptionError(
                f"two painters would be '{clipped(twice)}' in what pictures say; rename one's folder or file"
            )
        return found

    @property
    def each_prompt(self) -> int:
        """Pictures of a prompt: variations, and painters if every one paints it."""
        return self.settings.variations * (len(self.painters) if self.settings.several == "all" else 1)

    @property
    def total(self) -> int:
        """Pictures of all cycles."""
        return len(self.matrix.scenes) * self.settings.cycles * self.each_prompt

    @property
    def combinations(self) -> int:
        """How many different prompts there are."""
        return len(self.matrix.scenes) if self.settings.override else self.matrix.combinations(self.rates)

    def records(self, count: int | None = None) -> list[Record]:
        """How the first pictures come about; each depends on the codex and its index alone.

        Args:
            count: of pictures; None: all cycles. More than all go on with further cycles.

        Raises:
            OptionError: far too many, or none.
        """
        count = self.total if count is None else count
        if not 1 <= count <= MAX_PICTURES:
            raise OptionError(
                f"{count} pictures are out of range; a codex has 1 to {MAX_PICTURES}: take fewer cycles, or --count"
            )
        names = list(self.categories)
        prompts = -(-count // self.each_prompt)
        columns = [DesignColumn(len(self.categories[name]), _rate(self.rates[name])) for name in names]
        rows = design(prompts, len(self.matrix.scenes), columns, self.settings.seed)
        chosen = [
            {name: self.categories[name][k] for name, k in zip(names, row, strict=True) if k != NONE} for row in rows
        ]
        each, painters = self.each_prompt, self.painters
        return [self._record(divmod(index, each), index, chosen[index // each], painters) for index in range(count)]

    def _record(
        self, place: tuple[int, int], index: int, attributes: Mapping[str, str], painters: Sequence[str]
    ) -> Record:
        settings, (number, rest) = self.settings, place
        scene = self.matrix.scenes[number % len(self.matrix.scenes)]
        if settings.several == "all":
            variation, which = divmod(rest, len(painters))
        else:
            variation, which = rest, _hashed(settings.seed, number, rest, "painter") % len(painters)
        width, height = settings.size
        return Record(
            index=index,
            codex=self.name,
            scene=scene,
            attributes=attributes,
            prompt=prompt_of(scene, attributes, settings),
            negative=settings.negative,
            style=settings.style,
            seed=_hashed(settings.seed, number, variation, "seed"),
            painter=public_address(painters[which]),
            width=width,
            height=height,
        )


def prompt_of(scene: str, attributes: Mapping[str, str], settings: CodexSettings) -> str:
    """The prompt of a picture: ``PREFIX UNIVERSE scene, value, value, STYLE``; or the override with the scene in it."""
    if settings.override:
        parts: Sequence[str] = [settings.template.replace(SCENE, scene), settings.style]
    else:
        head = " ".join(part for part in (attributes.get(PREFIX, ""), settings.universe.strip(), scene) if part)
        parts = [head, *(value for name, value in attributes.items() if name != PREFIX), settings.style]
    return ", ".join(part for part in (each.strip(" ,") for each in parts) if part)


def public_address(text: str) -> str:
    """The address of a painter as pictures carry it: of a file or folder only the name, of a service no password."""
    address = parse_address(text, PAINTERS)
    scheme, sign, rest = address.url.partition("://")
    if sign:
        host, slash, path = rest.partition("/")
        return replace(address, url=f"{scheme}://{host.rpartition('@')[2]}{slash}{path}").text
    return replace(address, url=address.url.replace("\\", "/").rstrip("/").rpartition("/")[2]).text


def load_codex(folder: CodexFolder) -> Codex:
    """The codex of a folder.

    Raises:
        CodexError: there is none, or its settings or tables are wrong; a line for each problem.
    """
    settings = read_settings(folder.settings)
    matrix = read_matrix(folder.scenes, folder.structure if folder.structure.exists() else None)
    if unknown := [name for name in settings.rates if name not in matrix.categories]:
        near = did_you_mean(unknown[0], matrix.categories)
        raise CodexError(
            f"{folder.settings.name}: [rates] has '{clipped(unknown[0])}', which is no category with values{near}"
        )
    return Codex(settings.name or folder.path.absolute().name[:200] or "codex", settings, matrix)


def _rate(rate: float) -> Fraction:
    return Fraction(rate).limit_denominator(1000)


def _hashed(seed: int, number: int, variation: int, purpose: str) -> int:
    """0 to 2³² − 1: all programs that draw pictures take such a seed."""
    digest = hashlib.sha256(f"{seed} {number} {variation} {purpose}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
