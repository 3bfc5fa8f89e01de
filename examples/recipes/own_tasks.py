"""Tasks of one's own between the tools: a picture is cut to a wide screen before it moves.

    python examples/recipes/own_tasks.py

What a tool makes lies in the store and is never changed. A task of one's own reads it there and writes a
file of its own; the next tool takes that file by its path.
"""

import asyncio
from pathlib import Path

from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then

from PIL import Image, ImageOps  # noqa: E402
from prefect import flow, task  # noqa: E402

from filmeto_core.tasks import image2video, text2image  # noqa: E402
from filmeto_core.types import ResourceOutput  # noqa: E402

WIDE_SCREEN = 2.39  # width to height, the ratio of cinemas


@task
async def widen(picture: ResourceOutput, folder: Path) -> Path:
    """The middle of the picture in the ratio of a cinema's screen."""
    file = folder / f"{picture.digest.removeprefix('sha256:')}.png"
    with Image.open(picture.path) as image:
        height = round(image.width / WIDE_SCREEN / 2) * 2
        ImageOps.fit(image, (image.width, height)).save(file)
    return file


@flow
async def wide_shot(
    prompt: str, folder: Path, width: int = 320, height: int = 180
) -> ResourceOutput:
    """A clip in wide screen."""
    still = await text2image(prompt, width=width, height=height)
    wide = await widen(still, folder)
    with Image.open(wide) as image:
        size = {"width": image.width, "height": image.height}
    return await image2video(wide, motion="pan-left", duration_s=2, **size)


if __name__ == "__main__":
    made = Path("wide")
    made.mkdir(exist_ok=True)
    print(asyncio.run(wide_shot("a road to the horizon", made)).path)
