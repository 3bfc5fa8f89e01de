"""The clip that pieces were joined to, in the index of finished calls: never joined twice."""

import threading
import uuid
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from filmeto_core.film.pieces import join_pieces, last_picture
from filmeto_core.resources.calls import CallRecord, canonical_digest
from filmeto_core.resources.durable import store_errors
from filmeto_core.resources.store import Store
from filmeto_core.service import FilmetoService
from filmeto_core.types import ResourceOutput, utc_now
from filmeto_core.uninterrupted import uninterrupted
from filmeto_core.work_folder import work_folder

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


class Joining:
    """Joins the pieces of one shot, or takes what they were joined to.

    Args:
        service: Where clips lie.
        frames: As `piece_frames` told of each.
        size: Width and height in pixels.
        rate: Frames a second.
        shot: Its id.
    """

    def __init__(
        self,
        service: FilmetoService,
        frames: Sequence[int],
        size: tuple[int, int],
        rate: Fraction,
        shot: str,
    ) -> None:
        self._service, self._frames, self._size = service, frames, size
        self._rate, self._shot = rate, shot
        self._cancelled = threading.Event()

    async def joined(self, pieces: Sequence[ResourceOutput]) -> ResourceOutput:
        """The one clip.

        Raises:
            AssemblyError: They cannot be joined.
        """
        calls = self._service.calls
        key = join_key([p.digest for p in pieces], self._frames, self._size, self._rate)
        async with calls.lock(key):
            record = calls.get(key)
            if record is None:
                async with work_folder(self._service.settings.work_dir) as work:
                    with store_errors(work.parent):
                        record = await uninterrupted(
                            self._made, key, pieces, work, hurry=self._cancelled.set
                        )
        return record.outputs[0]

    def _made(self, key: str, pieces: Sequence[ResourceOutput], work: Path) -> CallRecord:
        out = work / "clip.mp4"
        paths = [Path(piece.path) for piece in pieces]
        join_pieces(
            paths,
            self._frames,
            self._size,
            self._rate,
            out,
            shot=self._shot,
            cancelled=self._cancelled,
        )
        stored = self._service.store.put_file(out, name=out.name)
        output = ResourceOutput(
            type=stored.kind,
            path=str(stored.path),
            mime_type=stored.mime_type,
            size=stored.size,
            metadata={"digest": stored.digest, "duration_s": stored.info.duration_s},
        )
        record = CallRecord(
            key=key,
            id=uuid.uuid4().hex,
            tool=JOIN,
            plugin="filmeto",
            plugin_version=str(JOIN_VERSION),
            resources=tuple(piece.digest or "" for piece in pieces),
            outputs=(output,),
            created_at=utc_now(),
        )
        self._service.calls.put(record)
        return record


def continuing_picture(store: Store, clip: ResourceOutput, shot: str) -> ResourceOutput:
    """The last frame of a piece, in the store: what the next piece is made from."""
    stored = store.put_bytes(last_picture(Path(clip.path), shot), name="last frame")
    return ResourceOutput(
        type=stored.kind,
        path=str(stored.path),
        mime_type=stored.mime_type,
        size=stored.size,
        metadata={"digest": stored.digest},
    )
