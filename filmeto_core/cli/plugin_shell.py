"""`filmeto plugins shell DIR-OR-NAME`: a plugin's wire on the terminal."""

import argparse
import contextlib
import functools
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

from filmeto_core.cli.interrupt import on_interrupt, unwind
from filmeto_core.errors import EXIT_INTERRUPTED, PluginNotFoundError
from filmeto_core.plugin_check.shell import Kind, Shell
from filmeto_core.plugin_check.target import find_folder
from filmeto_core.plugin_check.workshop import work_folder, workshop
from filmeto_core.plugin_host.grants import NO_GRANT
from filmeto_core.plugin_host.plugin import Plugin, load_plugin
from filmeto_core.profiles import find_project
from filmeto_core.settings import Settings

PROMPT = "> "
_LOOKS: dict[Kind, tuple[str, str]] = {
    "sent": ("-> ", "cyan"),
    "got": ("<- ", "green"),
    "text": (" ? ", "yellow"),
    "stderr": (" | ", "dim"),
    "shell": (" # ", "bold"),
}


def shell(options: argparse.Namespace) -> int:
    """Exit code 1 if the plugin did not get ready, or ended before it was told to."""
    from filmeto_core.tasks.runtime import local_service

    folder = find_folder(options.plugin, lambda: local_service().registry)
    plugin, problems = load_plugin(folder)
    if plugin is None:
        raise PluginNotFoundError("; ".join(map(str, problems)), hint="Correct it first.")
    settings = Settings()
    screen = _Screen(sys.stdin.isatty() and sys.stdout.isatty())
    on_interrupt(unwind)
    try:
        return _opened(plugin, settings, options.out, screen)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _opened(plugin: Plugin, settings: Settings, chosen: str | None, screen: "_Screen") -> int:
    say = functools.partial(screen.show, "shell")
    with workshop(plugin, settings, say) as python, _out(plugin, settings, chosen) as out:
        grant = find_project().grants.get(plugin.name, NO_GRANT)
        talk = Shell(plugin, python, settings, out, screen.show, grant)
        try:
            return _converse(talk, screen)
        finally:
            screen.leave()
            talk.close()


def _converse(talk: Shell, screen: "_Screen") -> int:
    if not talk.start():
        return 1
    if screen.interactive:
        screen.show("shell", "type `call`, `help`, a line of JSON-RPC; Ctrl-D ends it")
    for line in screen.lines():
        if not talk.do(line):
            return 0
    if not screen.interactive:  # what a script asked for is waited for
        talk.wait()
    return 0 if talk.alive else 1


@contextlib.contextmanager
def _out(plugin: Plugin, settings: Settings, chosen: str | None) -> Iterator[Path]:
    """Where its calls write; what they made is then copied to where the person wants it."""
    with work_folder(plugin, settings) as folder:
        try:
            yield folder
        finally:
            if chosen:
                shutil.copytree(folder, Path(chosen).expanduser(), dirs_exist_ok=True)


class _Screen:
    """Lines in and out; what comes while a person types goes above the line being typed."""

    def __init__(self, interactive: bool) -> None:
        self.interactive = interactive
        self._console = Console(highlight=False, soft_wrap=True)
        self._lock = threading.Lock()
        self._typing = False

    def show(self, kind: Kind, text: str) -> None:
        """Print one entry, marked by where it comes from."""
        mark, style = _LOOKS[kind]
        with self._lock:
            if self._typing:
                self._console.file.write("\r\x1b[K")
            for line in text.splitlines() or [""]:
                self._console.print(Text(mark + line, style=style))
            if self._typing:
                self._console.file.write(PROMPT + _typed())
            self._console.file.flush()

    def lines(self) -> Iterator[str]:
        """What the person types, or the script says."""
        if not self.interactive:
            yield from sys.stdin
            return
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  (gives `input` a history and an editor)
        while True:
            self._typing = True
            try:
                line = input(PROMPT)
            except EOFError:
                return
            self._typing = False
            yield line

    def leave(self) -> None:
        """Nobody types any more."""
        if self._typing:  # Ctrl-C came amid a line
            self._console.print()
        self._typing = False


def _typed() -> str:
    try:
        import readline
    except ImportError:
        return ""
    return readline.get_line_buffer()
