"""The wheel: what it holds, and that it works far from the checkout."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from filmeto_core.plugin_host.environment import uv_binary

ROOT = Path(__file__).resolve().parents[1]
BUILD_TIMEOUT_S = 120


def uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [uv_binary(), *arguments], capture_output=True, text=True, timeout=BUILD_TIMEOUT_S
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The built wheel; it needs hatchling, from uv's cache or the network."""
    folder = tmp_path_factory.mktemp("wheel")
    built = uv("build", "--wheel", "--quiet", "--out-dir", str(folder), str(ROOT))
    if built.returncode != 0 and "hatchling" in built.stderr:
        pytest.skip("hatchling cannot be had without a network")
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel) -> list[PurePosixPath]:
    with zipfile.ZipFile(wheel) as archive:
        return [PurePosixPath(name) for name in archive.namelist()]


def test_only_filmeto_core_is_importable(names):
    assert {name.parts[0] for name in names if ".dist-info" not in name.parts[0]} == {
        "filmeto_core"
    }


def test_flows_plugins_deployments_and_examples_lie_inside(names):
    bundled = PurePosixPath("filmeto_core/_bundled")
    for name in (
        "flows/film.py",
        "plugins/sketch/plugin.yaml",
        "plugins/camera/requirements.txt",
        "deployments/prefect.yaml",
        "examples/lighthouse.yaml",
    ):
        assert bundled / name in names


def test_the_servers_documentation_page_is_in_it_with_its_licence(names):
    folder = PurePosixPath("filmeto_core/web/docs_ui")
    for name in ("index.html", "docs.js", "swagger-ui-bundle.js", "swagger-ui.css", "LICENSE.txt"):
        assert folder / name in names


def test_every_tracked_file_of_the_bundled_folders_is_in_it_and_no_other(names):
    git = ["git", "-C", str(ROOT), "ls-files"]
    tracked = subprocess.run(
        [*git, "flows", "plugins", "deployments", "examples"], capture_output=True, text=True
    )
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    inside = {
        str(name.relative_to("filmeto_core/_bundled"))
        for name in names
        if name.is_relative_to("filmeto_core/_bundled")
        # What plugins that tests ran meanwhile have written; a fresh clone has none of it.
        and "outputs" not in name.parts
    }
    assert inside == set(tracked.stdout.split())


def test_every_file_of_the_page_is_in_it(names):
    page = ROOT / "filmeto_core" / "web" / "page"
    files = [path.relative_to(ROOT) for path in page.rglob("*") if path.is_file()]
    assert files and {PurePosixPath(path.as_posix()) for path in files} <= set(names)


def test_no_byte_code_and_the_licence_in_its_place(names):
    assert not [name for name in names if "__pycache__" in name.parts or name.suffix == ".pyc"]
    assert [name for name in names if name.match("*.dist-info/licenses/LICENSE")]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The folder of a fresh environment's programs, which sees this one's packages but filmeto."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    made = uv("venv", "--quiet", "--python", sys.executable, str(folder))
    assert made.returncode == 0, made.stderr
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    # Appended to the path: the wheel's own filmeto_core comes first.
    (site / "site-packages" / "seen.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = str(folder / "bin" / "python")
    put = uv("pip", "install", "--quiet", "--no-deps", "--python", python, str(wheel))
    assert put.returncode == 0, put.stderr
    return folder / "bin"


@pytest.fixture
def elsewhere(installed, home):
    """Runs the installed command line, in a folder that is no checkout."""

    def run(*argv: str) -> subprocess.CompletedProcess[str]:
        env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        return subprocess.run(
            [str(installed / "filmeto"), *argv], capture_output=True, text=True, timeout=60, env=env
        )

    return run


def test_the_installed_command_finds_its_plugins(elsewhere, installed):
    done = elsewhere("plugins", "show", "sketch")
    assert done.returncode == 0, done.stderr
    assert str(installed.parent) in done.stdout
    assert "sketch" in elsewhere("tools").stdout


def test_the_installed_command_makes_a_plugin_that_passes_its_check(elsewhere):
    done = elsewhere("plugins", "new", "brush", "--tool", "text2image", "--tool", "text2music")
    assert done.returncode == 0, done.stderr
    done = elsewhere("plugins", "check", "./brush", "--param", "duration_s=1")
    assert done.returncode == 0, done.stdout


def test_the_installed_command_calls_a_tool(elsewhere):
    command = ("run", "text2image", "--plugin", "text2image_demo", "--direct")
    done = elsewhere(*command, "--param", "prompt=far away", "--param", "width=64")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).read_bytes().startswith(b"\x89PNG")
