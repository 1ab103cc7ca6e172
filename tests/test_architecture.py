"""The rules of the layout, held by a machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "avwalk"
STAGES = {
    "audio",
    "features",
    "score",
    "modulation",
    "walk",
    "generators",
    "restyle",
    "effects",
    "matter",
    "painters",
    "video",
}
LAYERS: tuple[set[str], ...] = (
    {"cli", "__main__"},
    {"explore", "batch", "serve", "listen"},
    {"pipeline", "scenes", "story", "codex"},
    {"rendering"},
    {"request"},
    {"frames"},
    {"plan"},
    {"speech"},
    {"presets", "words", "screenplay", "story_music", "metrics"},
    STAGES,
    {"arrays", "files", "models", "diffusion", "config", "runners"},
    {"contracts", "spec", "errors", "events", "clock", "settings", "device", "registry"},
    {"_version"},
)
"""Top to bottom. A folder or module imports from its own layer and from those below; a stage from no other stage."""
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FILES = sorted(PACKAGE.rglob("*.py"))
TOOLS = sorted((ROOT / "tools").rglob("*.py"))


def name_of(path: Path) -> str:
    """``avwalk/plan/build.py`` → ``"avwalk.plan.build"``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def imported(path: Path) -> set[str]:
    """The modules of avwalk that a file imports, wherever in it, those for types alone included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return {name for name in found if name.partition(".")[0] == "avwalk"}


def part_of(module: str) -> str:
    """``"avwalk.plan.build"`` → ``"plan"``; of the package itself, which names `avwalk.pipeline`, that."""
    return module.split(".")[1] if "." in module else "pipeline"


IMPORTS = {name: imported(path) for name, path in MODULES.items()}


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups of nodes that reach each other (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1 or node in graph.get(node, ()):
                found.append(group)

    for node in graph:
        if node not in index:
            visit(node)
    return found


def test_there_is_something_to_check() -> None:
    assert len(FILES) > 200


def test_every_folder_and_root_module_has_a_layer() -> None:
    root = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert root - {"__init__"} == set(LEVEL)


@pytest.mark.parametrize("name", [name for name in MODULES if "." in name])
def test_imports_go_downwards_only(name: str) -> None:
    own = part_of(name)
    wrong = []
    for other in IMPORTS[name]:
        part = part_of(other)
        if part != own and (LEVEL[part] < LEVEL[own] or (part in STAGES and own in STAGES)):
            wrong.append(other)
    assert not wrong, f"{name} imports {wrong}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert not circles({name: {x for x in found if x in MODULES} for name, found in IMPORTS.items() if "." in name})


def test_no_folder_imports_itself_by_way_of_others() -> None:
    folders: dict[str, set[str]] = {}
    for name, found in IMPORTS.items():
        if "." in name:
            others = {part_of(other) for other in found if "." in other}
            folders.setdefault(part_of(name), set()).update(others - {part_of(name)})
    assert not circles(folders)


def test_the_search_for_circles_finds_them() -> None:
    assert circles({"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}) == [["a", "b", "c"]]
    assert circles({"a": ["b", "c"], "b": ["c"], "c": []}) == []


def test_the_root_is_short_and_no_folder_is_long() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 12
    for folder in {path.parent for path in FILES}:
        assert len([p for p in folder.glob("*.py") if p.stem != "__init__"]) <= 20, folder


@pytest.mark.parametrize("path", [*FILES, *TOOLS], ids=name_of)
def test_modules_and_functions_are_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            code = node.body[1:] if ast.get_docstring(node) else node.body  # docstrings may be as long as need be
            assert not code or (code[-1].end_lineno or 0) - code[0].lineno < 60, node.name


MANY_PARAMETERS = {
    "avwalk.explore.seeds.explore_seeds",
    "avwalk.explore.worlds.explore_worlds",
    "avwalk.generators.cppn.generator.Cppn.__init__",  # its keywords are the options that a film stores
    "avwalk.generators.stable_diffusion.StableDiffusion.__init__",  # likewise
    "avwalk.matter.primitives.beads",  # of these the keywords are the numbers of a row
    "avwalk.matter.primitives.blobs",
    "avwalk.matter.primitives.leaves",
    "avwalk.matter.primitives.rings",
    "avwalk.matter.primitives.strokes",
    "avwalk.matter.primitives.waves",
}
"""Functions with more parameters than a reader keeps in mind; this list only becomes shorter."""


def crowded(tree: ast.AST, prefix: str) -> set[str]:
    """Functions with more than eight parameters, self and those of compiled kernels apart, by their full names."""
    found = set()
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}.{node.name}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
            compiled = any(ast.unparse(each).startswith("kernel(") for each in node.decorator_list)
            if len([each for each in every if each and each.arg not in ("self", "cls")]) > 8 and not compiled:
                found.add(name)
        found |= crowded(node, name)
    return found


def test_functions_have_at_most_eight_parameters() -> None:
    found = set()
    for name, path in (MODULES | {name_of(path): path for path in TOOLS}).items():
        if part_of(name) != "cli":  # the parameters of its commands are the command line
            found |= crowded(ast.parse(path.read_text(encoding="utf-8")), name)
    assert found == MANY_PARAMETERS


def test_the_count_of_parameters_sees_each_of_them() -> None:
    nine = "a, /, b, c, d, *e, f, g, h, **i"
    text = f"def f({nine}): ...\nclass C:\n    def f(self, {nine}): ...\n    def g(self, b, c, d, e, f, g, h, i): ...\n"
    assert crowded(ast.parse(f"{text}@kernel()\ndef k({nine}): ...\n"), "m") == {"m.f", "m.C.f"}


def test_no_bins_for_what_has_no_name() -> None:
    assert not {p.stem for p in [*FILES, *TOOLS]} & {"utils", "util", "helpers", "manager", "base", "common", "misc"}


def test_the_main_path_is_one_readable_file() -> None:
    assert len((PACKAGE / "pipeline.py").read_text(encoding="utf-8").splitlines()) <= 220


def modules_after(code: str) -> set[str]:
    code += "; import sys; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, avwalk.cli.main as m\n"
        "try: m.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('MODULES', *sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(out.split("MODULES")[1].split())
    assert "render" in out
    assert not loaded & {"numpy", "pydantic", "avwalk.config.preset", "rich", "cv2", "av"}


def test_importing_avwalk_is_cheap() -> None:
    assert not modules_after("import avwalk") & {"numpy", "pydantic", "av"}


def test_the_analysis_path_needs_neither_librosa_nor_torch() -> None:
    loaded = modules_after("import avwalk.features.analysis, avwalk.features.cache, avwalk.audio.decode")
    assert not loaded & {"librosa", "scipy.signal", "torch", "audioread"}


def test_an_analysis_that_is_there_already_needs_no_kernels() -> None:
    assert "numba" not in modules_after("import avwalk.features.cache")


def test_the_project_speaks_of_itself_alone() -> None:
    words = ["/wo" + "rk/", "sub" + "agent", "/ro" + "ot/"]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.split():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".txt", ".yml", ""} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not [w for w in words if w in text], name


def _says_any(annotation: ast.expr | None) -> bool:
    """Whether an annotation is a mapping or dict of strings to anything."""
    text = ast.unparse(annotation) if annotation else ""
    return "Mapping[str, Any]" in text or "dict[str, Any]" in text


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "spec"], ids=name_of)
def test_a_film_or_a_plan_is_no_dict(path: Path) -> None:
    """Neither by its type, nor read by string keys."""
    names, wrong = {"film", "plan", "spec"}, []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.arg) and node.arg in names and _says_any(node.annotation):
            wrong.append(f"{node.lineno}: {node.arg}")
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target).rpartition(".")[2] in names:
            wrong += [f"{node.lineno}: {ast.unparse(node)}"] * _says_any(node.annotation)
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
        ):
            of = ast.unparse(node.value).rpartition(".")[2]
            wrong += [f"{node.lineno}: {ast.unparse(node)}"] * (of in {"film", "plan", "spec"})
    assert not wrong
