"""A chain: what one tool makes is what the next one takes.

    python examples/recipes/chain.py

Run it again, and nothing is computed: each call is found by what went into it.
"""

import asyncio

from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then

from prefect import flow  # noqa: E402

from filmeto_core.tasks import image2video, text2image  # noqa: E402
from filmeto_core.types import ResourceOutput  # noqa: E402


@flow
async def moving_picture(prompt: str, width: int = 320, height: int = 180) -> ResourceOutput:
    """A picture of `prompt`, and a clip that moves in on it."""
    still = await text2image(prompt, width=width, height=height)
    return await image2video(still, motion="push-in", duration_s=2, width=width, height=height)


if __name__ == "__main__":
    print(asyncio.run(moving_picture("wide shot: a lighthouse on a cliff at dawn")).path)
