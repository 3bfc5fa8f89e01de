"""Imports point downwards only, and heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "filmeto_core"

LAYERS = [
    {"types", "errors", "settings", "media", "process", "bundled", "languages", "daemon"}
    | {"process_linux", "process_portable", "process_usage"}
    | {"frame_rate", "signature", "own_sqlite", "plugin_sdk", "money", "uninterrupted", "steps"}
    | {"media_info", "media_refusal", "media_lengths", "media_picture", "media_decode"}
    | {"media_stream", "media_ogg"},
    {"resources", "plugin_host", "film", "journal"},
    {
        "service",
        "call",
        "progress",
        "profiles",
        "profile_choice",
        "serving",
        "standing_in",
        "profile_trial",
        "joined_clip",
        "made_once",
        "delayed_voice",
        "passing_on",
        "task_checks",
        "retry_pause",
        "api",
        "results",
        "readiness",
        "work_folder",
        "out_folder",
    }
    | {"place", "remote", "remote_call", "computation", "asked"}
    | {"plugin_check", "plugin_new", "project_new", "project_errors", "project_grants"}
    | {"film_board", "film_calls", "film_preflight", "film_pins", "tool_arguments"}
    | {"assembly_key", "plan", "refreshing", "write", "review"},
    {"tasks", "deployment", "prefect_server", "prefect_api", "run_marks"},
    {"cli", "web", "chaos", "doctor", "studio", "__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}

# Which part of the tree may import which library, by top-level name.
ALLOWED = {"prefect": {"tasks", "deployment", "cli"}, "fastapi": {"web"}, "uvicorn": {"web"}}

STARTERS = {"Popen", "run", "call", "check_call", "check_output", "system", "fork", "execv"}


def modules() -> list[Path]:
    return sorted(p for p in CORE.rglob("*.py") if not {"_bundled", "templates"} & set(p.parts))


def part(path: Path) -> str:
    """ "resources" of filmeto_core/resources/store.py, "types" of filmeto_core/types.py."""
    return path.relative_to(CORE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield node.module or ""


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(CORE)))
def test_imports_point_downwards_only(path):
    own = part(path)
    if own == "__init__":
        return
    for name in imports(path):
        if not name.startswith("filmeto_core"):
            assert name.split(".")[0] not in ("flows", "plugins", "tests"), name
            continue
        other = name.split(".")[1] if "." in name else own
        assert RANK[other] <= RANK[own], f"{own} imports {other}, which lies above it"
        if RANK[own] == 1 and RANK[other] == 1:
            assert other == own, f"{own} imports its sibling {other}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(CORE)))
def test_heavy_libraries_stay_where_they_belong(path):
    own = part(path)
    for name in imports(path):
        owners = ALLOWED.get(name.split(".")[0])
        assert owners is None or own in owners, f"{own} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(CORE)))
def test_processes_are_started_in_one_place_only(path):
    if part(path).startswith("process"):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            starts = isinstance(owner, ast.Name) and owner.id in ("subprocess", "os")
            assert not (starts and node.func.attr in STARTERS), f"line {node.lineno}"


@pytest.mark.parametrize(
    "code",
    ["import filmeto_core", "import sys; sys.argv[1:] = ['--help']; import filmeto_core.__main__"],
)
def test_start_up_loads_neither_prefect_nor_fastapi(code):
    script = (
        "import sys\ntry:\n    exec(sys.argv[1])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'prefect', 'fastapi', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
