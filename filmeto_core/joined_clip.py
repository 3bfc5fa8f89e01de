"""The clip that pieces were joined to, in the index of finished calls: never joined twice."""

import threading
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from filmeto_core.film.pieces import join_pieces, last_picture
from filmeto_core.made_once import Making, made_once, stored_output
from filmeto_core.resources.calls import canonical_digest
from filmeto_core.resources.store import Store
from filmeto_core.service import FilmetoService
from filmeto_core.types import ResourceOutput

JOIN = "join"
JOIN_VERSION = 1  # raise it when the same pieces give another clip


def join_key(
    digests: Sequence[str | None], frames: Sequence[int], size: tuple[int, int], rate: Fraction
) -> str:
    """The key of the clip that these pieces make."""
    return canonical_digest(
        {
            "tool": JOIN,
            "version": JOIN_VERSION,
            "pieces": list(digests),
            "frames": list(frames),
            "size": list(size),
            "rate": str(rate),
        }
    )


async def joined(
    service: FilmetoService,
    pieces: Sequence[ResourceOutput],
    frames: Sequence[int],
    size: tuple[int, int],
    rate: Fraction,
    shot: str,
) -> ResourceOutput:
    """The one clip that the pieces of a shot make.

    Args:
        service: Where clips lie.
        pieces: In their order.
        frames: Of each, as `film_calls.frames_of` tells.
        size: Width and height in pixels.
        rate: Frames a second.
        shot: Its id.

    Raises:
        AssemblyError: They cannot be joined.
    """
    paths = [Path(piece.path) for piece in pieces]

    def join(out: Path, cancelled: threading.Event) -> None:
        join_pieces(paths, frames, size, rate, out, shot=shot, cancelled=cancelled)

    key = join_key([piece.digest for piece in pieces], frames, size, rate)
    return await made_once(service, Making(key, JOIN, JOIN_VERSION, pieces, "clip.mp4", join))


def continuing_picture(store: Store, clip: ResourceOutput, shot: str) -> ResourceOutput:
    """The last frame of a piece, in the store: what the next piece is made from."""
    return stored_output(store.put_bytes(last_picture(Path(clip.path), shot), name="last frame"))
