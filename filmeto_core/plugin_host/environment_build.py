"""How uv builds one environment: offline first, told as it goes, quick to fail without a network."""

import contextlib
import os
import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from filmeto_core import process
from filmeto_core.errors import PluginEnvironmentError
from filmeto_core.plugin_host.network import ANSWER_TIMEOUT_S, indexes, reachable
from filmeto_core.plugin_host.plugin import Plugin
from filmeto_core.plugin_host.pythons import uv_binary
from filmeto_core.plugin_host.wire import LineSplitter, LineTooLong
from filmeto_core.settings import installer_environment

INSTALL_TIMEOUT_S = 3600.0  # a model's runtime is gigabytes over a slow line
STILL_S = 10.0  # how often a silent install is told of
HEARD_BYTES = 65536  # a line of uv's is a screen at most
TAIL_LINES = 12
TOLD = (b"Resolved", b"Downloading", b"Downloaded", b"Building", b"Prepared", b"Installed")
# Where no index answers, one short attempt is made all the same: uv may be told to ask another.
LAST_TRY_S = 3
TMP_SUFFIX = ".tmp"

OnMessage = Callable[[str], None]


class Build:
    """One environment's making.

    Args:
        plugin: For whom.
        packages: Of its manifest.
        lines: Of its requirements.txt, without comments.
        file: That requirements.txt, None if it asks for nothing.
        base: The interpreter under it.
        target: Where it will lie; the caller holds its lock.
    """

    def __init__(
        self,
        plugin: Plugin,
        packages: tuple[str, ...],
        lines: tuple[str, ...],
        file: Path | None,
        base: Path,
        target: Path,
    ) -> None:
        self.plugin, self.packages, self.lines = plugin, packages, lines
        self.file, self.base, self.target = file, base, target
        self.env = {**installer_environment(), "UV_PYTHON_DOWNLOADS": "never"}
        if "PIP_CERT" in self.env:
            self.env.setdefault("SSL_CERT_FILE", self.env["PIP_CERT"])
        self.tail: list[str] = []
        self.heard = LineSplitter(HEARD_BYTES)
        self.on_message: OnMessage = lambda text: None
        self.cancelled = threading.Event()
        self.dead = ""  # the indexes that do not answer

    def run(self, on_message: OnMessage, cancelled: threading.Event | None) -> None:
        """Build it, or raise PluginEnvironmentError and leave nothing."""
        self.on_message, self.cancelled = on_message, cancelled or self.cancelled
        started = time.monotonic()
        clear_leftovers(self.target)
        # No dot: a dot would make it look hidden to tools that skip such folders.
        name = f"{self.target.name}.{uuid.uuid4().hex[:8]}{TMP_SUFFIX}"
        building = self.target.with_name(name)
        try:
            self._uv("venv", "--clear", "--relocatable", "--python", str(self.base), str(building))
            if self.packages or self.lines:
                on_message(f"installing what {self.plugin.name} needs ({self._named()})")
                with self._telling_that_it_goes_on(started):
                    self._install(building)
                on_message(f"installed in {time.monotonic() - started:.0f} s")
            try:
                os.rename(building, self.target)
            except OSError as error:
                raise self._failed(str(error)) from error
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def _named(self) -> str:
        names = [*self.packages, *self.lines]
        return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")

    def _install(self, building: Path) -> None:
        argv = ["pip", "install", "--python", str(building / "bin" / "python")]
        argv += ["--link-mode=copy", "--compile-bytecode", *_index_options(self.env)]
        argv += ["-r", str(self.file)] if self.file else []
        argv += list(self.packages)
        # With all cached, a dead network would cost seconds of retries: so without it first.
        if self._try_uv(*argv, "--offline") == 0:
            return
        asked = indexes(self.env, self.lines)
        if asked and not reachable(asked, ANSWER_TIMEOUT_S):
            self.dead = ", ".join(asked)
            limits = dict.fromkeys(("UV_HTTP_TIMEOUT", "UV_HTTP_CONNECT_TIMEOUT"), str(LAST_TRY_S))
            self.env = {**self.env, **limits, "UV_HTTP_RETRIES": "0"}
        self._uv(*argv)

    def _uv(self, *arguments: str) -> None:
        if self._try_uv(*arguments) != 0:
            raise self._failed(_why(self.tail))

    def _try_uv(self, *arguments: str) -> int:
        argv = [uv_binary(), "--no-python-downloads", "--no-progress", "--color=never", *arguments]
        self.tail = []
        try:
            done = process.run(
                argv,
                env=self.env,
                cwd=self.plugin.folder,
                timeout_s=INSTALL_TIMEOUT_S,
                cancelled=self.cancelled,
                on_stderr=self._heard if "install" in arguments else None,
            )
        except subprocess.TimeoutExpired:
            raise self._failed(
                f"it was not installed in {INSTALL_TIMEOUT_S / 60:.0f} min"
            ) from None
        self.tail = done.stderr.strip().splitlines()
        return done.returncode

    def _heard(self, piece: bytes) -> None:
        with contextlib.suppress(LineTooLong):
            for line in self.heard.feed(piece):
                if line.lstrip().startswith(TOLD):
                    self.on_message(line.decode("utf-8", "replace").strip())

    @contextlib.contextmanager
    def _telling_that_it_goes_on(self, started: float) -> Iterator[None]:
        over = threading.Event()

        def tell() -> None:
            while not over.wait(STILL_S):
                self.on_message(f"still installing, {time.monotonic() - started:.0f} s so far")

        teller = threading.Thread(target=tell, name="filmeto-install", daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()

    def _failed(self, why: str) -> PluginEnvironmentError:
        name = self.plugin.name
        hint = f"Mend its requirements, the network or the disk's room; then `filmeto plugins install {name}` goes on."
        if self.dead:
            why = f"{self.dead} cannot be reached, and not all of what it needs was installed before ({why.rstrip('.')})"
            hint = f"`filmeto plugins install {name}` builds it when the network is back."
        return PluginEnvironmentError(
            f"its environment could not be built: {why.rstrip('.')}.",
            hint=hint,
            plugin=name,
            stderr="\n".join(self.tail[-TAIL_LINES:]),
        )


def clear_leftovers(target: Path) -> None:
    """Remove builds of this environment that died; the caller holds its lock: none is alive."""
    for left in target.parent.glob(f"{target.name}.*{TMP_SUFFIX}"):
        shutil.rmtree(left, ignore_errors=True)
    if target.exists():  # without its interpreter: the Python under it was removed
        shutil.rmtree(target)


def _why(lines: list[str]) -> str:
    """uv's error and its last cause, of all that it said."""
    said = [line.strip().lstrip("×╰─▶├│ ") for line in lines if line.strip()]
    said = [line for line in said if not line.startswith(("Using ", "Resolved ", "warning:"))]
    told = dict.fromkeys([said[0], said[-1]] if said else ["uv failed and said nothing"])
    return "; ".join(line.removeprefix("error: ").removeprefix("cause: ") for line in told)


def _index_options(env: dict[str, str]) -> list[str]:
    """pip's variables for uv, which reads its own alone; its own stand where both are set."""
    options: list[str] = []
    for where in env.get("PIP_FIND_LINKS", "").split():
        options += ["--find-links", where]
    if "PIP_INDEX_URL" in env and not {"UV_INDEX_URL", "UV_DEFAULT_INDEX"} & env.keys():
        options += ["--default-index", env["PIP_INDEX_URL"]]
    if not {"UV_EXTRA_INDEX_URL", "UV_INDEX"} & env.keys():
        for where in env.get("PIP_EXTRA_INDEX_URL", "").split():
            options += ["--index", where]
    return options
