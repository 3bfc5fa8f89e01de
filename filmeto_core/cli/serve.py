"""`filmeto serve`: the web API and its page, until Ctrl-C or SIGTERM."""

import argparse
import sys
from pathlib import Path

from filmeto_core.out_folder import data_folder
from filmeto_core.service import FilmetoService
from filmeto_core.settings import current_settings
from filmeto_core.web.desk import open_desk
from filmeto_core.web.options import ServeOptions
from filmeto_core.web.server import serve as serve_desk
from filmeto_core.web.server_log import log_kind, logging_to


def serve(options: argparse.Namespace) -> int:
    """Serve; the addresses go to stderr."""
    settings = current_settings()
    data_folder(settings.home.expanduser().absolute())
    socket = Path(options.socket) if options.socket else settings.serve_dir / "filmeto.sock"
    wanted = ServeOptions(
        host=options.host,
        port=options.port,
        socket=socket.absolute(),
        allow_paths=tuple(Path(folder).absolute() for folder in options.allow_path),
        allow_hosts=tuple(options.allow_host),
        allow_origins=tuple(options.allow_origin),
        require_keys=options.require_keys,
        certificate=options.certificate,
        private_key=options.private_key,
    )
    with logging_to(log_kind(options.log)):
        serve_desk(open_desk(FilmetoService(settings), wanted), _say)
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"filmeto: {line}\n")
    sys.stderr.flush()
