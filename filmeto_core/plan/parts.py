"""What a film is put together from, as far as it is known before it is made."""

from dataclasses import dataclass
from pathlib import Path

from filmeto_core.media import probe
from filmeto_core.resources.incoming import digest_of
from filmeto_core.types import ResourceOutput


@dataclass(frozen=True)
class Part:
    """A still, clip, voice, sound or score.

    Args:
        output: The file, as its call or its owner gives it; None: still to be made. Of one that is
            made again it is what was there before, which its maker may well give once more.
        certain: Whether the run will have this very file.
    """

    output: ResourceOutput | None
    certain: bool = True

    @property
    def digest(self) -> str | None:
        """Of the file."""
        return self.output.digest if self.output else None

    @property
    def duration_s(self) -> float | None:
        """Of a clip or sound, where it is known."""
        return self.output.metadata.get("duration_s") if self.output else None


def own_part(path: str | Path | None) -> Part | None:
    """The part that a file of one's own will be; None where there is none."""
    if path is None:
        return None
    file = Path(path)
    # As long as it will be told to be; that it is whole is found out when it enters the store.
    info = probe(file, trusted=True)
    return Part(
        ResourceOutput(
            type=info.kind,
            path=str(file),
            mime_type=info.mime_type,
            metadata={"digest": digest_of(file), "duration_s": info.duration_s},
        )
    )
