"""Environments: shared, never half built, built once by two, and what is told when they fail."""

import contextlib
import http.server
import multiprocessing
import os
import shutil
import socket
import subprocess
import threading
import time
import zipfile

import pytest

from filmeto_core import process
from filmeto_core.errors import PluginEnvironmentError
from filmeto_core.plugin_host import environment_build
from filmeto_core.plugin_host.discovery import Registry, load_plugin
from filmeto_core.plugin_host.environment import Environments, locked
from filmeto_core.plugin_host.pythons import version_fits


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder with one package, `sable` 1.0, where uv finds it; no index is asked."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    info = "sable-1.0.dist-info"
    with zipfile.ZipFile(folder / "sable-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("sable.py", "HAIR = 'fine'\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: sable\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\nsable = sable:HAIR.title\n")
    for name in [n for n in os.environ if n.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    return folder


def plugin(tmp_path, name, requirements="", extra=""):
    """A plugin that needs something."""
    folder = tmp_path / "plugins" / name
    folder.mkdir(parents=True)
    (folder / "plugin.yaml").write_text(f"name: {name}\ntool_type: text2image\n{extra}")
    (folder / "main.py").write_text("")
    if requirements:
        (folder / "requirements.txt").write_text(requirements)
    return load_plugin(folder)[0]


def says(python, code):
    """What an interpreter prints."""
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_without_requirements_a_plugin_sees_the_standard_library_alone(tmp_path, wheels):
    environments = Environments(tmp_path / "environments")
    bare = plugin(tmp_path, "bare")
    assert environments.python_of(bare) is None
    python = environments.build(bare, lambda text: None)
    code = "import importlib.util as i; print(i.find_spec('pydantic'), i.find_spec('json') is None)"
    assert says(python, code) == "None False"
    assert environments.python_of(bare) == python


def test_requirements_are_installed_compiled_and_shared_by_equal_ones(tmp_path, wheels):
    environments, told = Environments(tmp_path / "environments"), []
    one = plugin(tmp_path, "one", "# a brush\nsable==1.0  # fine\n\n")
    other = plugin(tmp_path, "other", "sable==1.0\n")
    python = environments.build(one, told.append)
    assert says(python, "import sable; print(sable.HAIR, sable.__cached__)").startswith("fine /")
    assert os.path.exists(says(python, "import sable; print(sable.__cached__)"))
    assert any("sable==1.0" in text for text in told)
    assert environments.build(other, lambda text: None) == python
    assert says(python.parent / "python", "print(1)") == "1"
    script = (python.parent / "sable").read_text()
    assert ".tmp" not in script  # it was built elsewhere, and moved


def test_packages_in_the_manifest_count_as_well(tmp_path, wheels):
    needs = plugin(tmp_path, "needs", extra="requirements: {packages: [sable]}\n")
    python = Environments(tmp_path / "environments").build(needs, lambda text: None)
    assert says(python, "import sable; print(sable.HAIR)") == "fine"


def test_a_failed_build_says_why_and_what_to_do_and_leaves_nothing(tmp_path, wheels):
    environments = Environments(tmp_path / "environments")
    needs = plugin(tmp_path, "needs", "hog-bristle==9\n")
    with pytest.raises(PluginEnvironmentError) as failed:
        environments.build(needs, lambda text: None)
    assert "hog-bristle" in str(failed.value)
    assert "Mend its requirements, the network or the disk's room" in str(failed.value)
    assert environments.python_of(needs) is None
    left = [p for p in (tmp_path / "environments").iterdir() if p.suffix != ".lock"]
    assert left == []


def test_what_a_killed_build_left_is_cleared_and_never_taken(tmp_path, wheels):
    environments = Environments(tmp_path / "environments")
    needs = plugin(tmp_path, "needs", "sable==1.0\n")
    python = environments.build(needs, lambda text: None)
    built = python.parent.parent
    half = built.with_name(built.name + ".dead.tmp")
    built.rename(half)
    assert environments.python_of(needs) is None
    assert environments.build(needs, lambda text: None) == python
    assert not half.exists()


def test_two_hosts_that_build_at_the_same_time_build_one(tmp_path, wheels):
    needs = plugin(tmp_path, "needs", "sable==1.0\n")
    told, made = [], []

    def build():
        made.append(Environments(tmp_path / "environments").build(needs, told.append))

    threads = [threading.Thread(target=build) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(made) == 3 and len(set(made)) == 1
    assert sum(text.startswith("installing") for text in told) == 1


def test_a_build_ends_when_its_caller_gives_up(tmp_path, wheels):
    cancelled = threading.Event()
    needs = plugin(tmp_path, "needs", "sable==1.0\n")
    with pytest.raises(process.Interrupted):
        cancelled.set()
        Environments(tmp_path / "environments").build(needs, lambda text: None, cancelled)


def test_a_python_that_is_not_there_is_told_and_never_downloaded(tmp_path, wheels):
    needs = plugin(tmp_path, "needs", extra="requirements: {python: '>=3.99'}\n")
    started = time.monotonic()
    with pytest.raises(PluginEnvironmentError, match="needs Python >=3.99"):
        Environments(tmp_path / "environments").build(needs, lambda text: None)
    assert time.monotonic() - started < 30


@pytest.mark.parametrize(
    ("specifier", "fits"),
    [
        ("", True),
        (">=3.11", True),
        (">= 3.9, < 3.12", True),
        (">3.11.7", False),
        (">=3.12", False),
        ("==3.11.*", True),
        ("3.11", True),
        ("~=3.10", True),
        ("~=3.11.2", True),
        ("~=3.10.1", False),
        ("!=3.11.*", False),
        ("<4", True),
        ("cpython", None),
    ],
)
def test_a_version_of_python_fits_as_pep_440_says(specifier, fits):
    assert version_fits(specifier, (3, 11, 7)) is fits


def _build(folder, plugin_folder, begun, made):
    begun.set()
    python = Environments(folder).build(load_plugin(plugin_folder)[0], lambda text: None)
    made.put((str(python), python.stat().st_ino))


def test_two_processes_that_build_at_the_same_time_build_one(tmp_path, wheels):
    needs = plugin(tmp_path, "needs", "sable==1.0\n")
    spawn = multiprocessing.get_context("spawn")
    made, begun = spawn.Queue(), [spawn.Event(), spawn.Event()]
    lock = Environments(tmp_path / "environments")
    (tmp_path / "environments").mkdir()
    target = lock.build(needs, lambda text: None).parent.parent
    lock.close()
    shutil.rmtree(target)
    with locked(target.with_suffix(".lock")):  # so that both wait, and go on together
        args = [(tmp_path / "environments", needs.folder, event, made) for event in begun]
        builders = [spawn.Process(target=_build, args=each) for each in args]
        for builder in builders:
            builder.start()
        assert all(event.wait(20) for event in begun)
    assert made.get(timeout=30) == made.get(timeout=30)
    for builder in builders:
        builder.join(10)
    names = {p.name for p in (tmp_path / "environments").iterdir()}
    assert names == {target.name, target.name + ".lock"}


def test_an_environment_is_built_anew_only_if_the_requirements_changed(tmp_path, wheels):
    needs = plugin(tmp_path, "needs", "sable==1.0\n")
    registry = Registry([needs])
    environments, told = Environments(tmp_path / "environments"), []

    def python():
        return environments.build(registry.get("needs"), told.append)

    first = python()
    (needs.folder / "main.py").write_text("# changed\n")
    (needs.folder / "requirements.txt").write_text("# a brush\n\nsable == 1.0\n".replace(" ", ""))
    assert python() == first and sum(text.startswith("installing") for text in told) == 1
    (needs.folder / "requirements.txt").write_text("sable\n")
    assert python() != first
    environments.close()


def test_a_file_that_the_requirements_include_counts(tmp_path, wheels):
    needs = plugin(tmp_path, "needs", "-r more.txt\n")
    (needs.folder / "more.txt").write_text("")
    environments = Environments(tmp_path / "environments")
    environments.build(needs, lambda text: None)
    (needs.folder / "more.txt").write_text("sable==1.0\n")
    assert environments.python_of(needs) is None
    python = environments.build(needs, lambda text: None)
    assert says(python, "import sable; print(sable.HAIR)") == "fine"
    environments.close()


@pytest.fixture
def index(wheels, monkeypatch):
    """Starts a package index that answers after a while, or never: index(wait_s) -> its URL."""
    servers = []
    monkeypatch.delenv("UV_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    wheel = (wheels / "sable-1.0-py3-none-any.whl").read_bytes()
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            over.wait(self.server.wait_s)
            body, kind = wheel, "application/octet-stream"
            if not self.path.endswith(".whl"):
                kind = "text/html"
                body = b"<a href='/sable-1.0-py3-none-any.whl'>sable-1.0-py3-none-any.whl</a>"
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_args):
            pass

        def handle(self):
            with contextlib.suppress(OSError):  # the client gave up
                super().handle()

    def start(wait_s):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.wait_s = wait_s
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        servers.append(server)
        url = f"http://127.0.0.1:{server.server_port}/simple/"
        monkeypatch.setenv("UV_DEFAULT_INDEX", url)
        return url

    yield start
    over.set()
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_slow_network_still_works(tmp_path, index):
    index(0.7)
    needs, told = plugin(tmp_path, "needs", "sable==1.0\n"), []
    environments = Environments(tmp_path / "environments")
    python = environments.build(needs, told.append)
    assert says(python, "import sable; print(sable.HAIR)") == "fine"
    assert any(text.startswith("Resolved") for text in told)
    environments.close()


@pytest.mark.parametrize("network", ["refused", "proxy", "silent"])
def test_without_a_network_an_uncached_one_fails_soon_and_says_what_to_do(
    tmp_path, index, network, monkeypatch
):
    assert environment_build.ANSWER_TIMEOUT_S + environment_build.LAST_TRY_S <= 7
    if network == "silent":
        index(60)
        monkeypatch.setattr(environment_build, "ANSWER_TIMEOUT_S", 1.0)
        monkeypatch.setattr(environment_build, "LAST_TRY_S", 1)
    elif network == "refused":
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{closed_port()}/simple/")
    else:
        monkeypatch.setenv("UV_DEFAULT_INDEX", "http://index.invalid/simple/")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    needs = plugin(tmp_path, "needs", "sable==1.0\n")
    started = time.monotonic()
    with pytest.raises(PluginEnvironmentError) as failed:
        Environments(tmp_path / "environments").build(needs, lambda text: None)
    assert time.monotonic() - started < 30
    assert "cannot be reached" in str(failed.value)
    assert "`filmeto plugins install needs`" in failed.value.hint


def test_without_a_network_a_cached_one_is_built(tmp_path, wheels, monkeypatch):
    environments = Environments(tmp_path / "environments")
    environments.build(plugin(tmp_path, "one", "sable==1.0\n"), lambda text: None)
    monkeypatch.delenv("UV_NO_INDEX")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{closed_port()}/simple/")
    started = time.monotonic()
    python = environments.build(plugin(tmp_path, "other", "sable\n"), lambda text: None)
    assert says(python, "import sable; print(sable.HAIR)") == "fine"
    assert time.monotonic() - started < 30
    environments.close()


def test_a_long_install_is_told_of_while_it_lasts(tmp_path, index, monkeypatch):
    monkeypatch.setattr(environment_build, "STILL_S", 0.1)
    index(0.3)
    told, environments = [], Environments(tmp_path / "environments")
    environments.build(plugin(tmp_path, "needs", "sable==1.0\n"), told.append)
    assert any(text.startswith("still installing, ") for text in told)
    environments.close()


def closed_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
