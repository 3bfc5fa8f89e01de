"""A flow of the project's own: several takes of one picture, each moving, to choose from.

Each tool of filmeto is a Prefect task, so a flow reads like what is to be made. Run it here:

    python teaser.py

or deploy it (prefect.yaml) and start it from the Prefect UI.
"""

import asyncio
import shutil
from pathlib import Path

from prefect import flow

from filmeto_core.tasks import image2video, text2image


@flow(flow_run_name="teaser: {prompt}")
async def teaser(
    prompt: str = "a small ferry in the fog, lamps", takes: int = 3, out: Path = Path("out/teaser")
) -> list[str]:
    """Make several takes of one picture, each moving, to choose from.

    Args:
        prompt: What the picture shows.
        takes: How many to choose from.
        out: The folder that they go to.
    """
    stills = await asyncio.gather(
        *(text2image(prompt, width=640, height=360, take=take) for take in range(1, takes + 1))
    )
    clips = await asyncio.gather(
        *(image2video(still, motion="parallax", duration_s=2) for still in stills)
    )
    out.mkdir(parents=True, exist_ok=True)
    return [
        shutil.copy(clip.path, out / f"take-{number}.mp4") for number, clip in enumerate(clips, 1)
    ]


if __name__ == "__main__":
    asyncio.run(teaser())
