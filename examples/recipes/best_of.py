"""Several takes of one picture, of which the sharpest is kept.

    python examples/recipes/best_of.py

Another take is another seed, and so another result. All of them stay in the store: asking for more takes
later computes only those that are new.
"""

import asyncio

from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then

from PIL import Image, ImageFilter, ImageStat  # noqa: E402
from prefect import flow, task  # noqa: E402

from filmeto_core.tasks import text2image  # noqa: E402
from filmeto_core.types import ResourceOutput  # noqa: E402


@task
async def sharpness(picture: ResourceOutput) -> float:
    """How much the picture's edges stand out: their standard deviation, 0 for a plain one."""
    with Image.open(picture.path) as image:
        edges = image.convert("L").filter(ImageFilter.FIND_EDGES)
        return ImageStat.Stat(edges).stddev[0]


@flow
async def best_of(
    prompt: str, takes: int = 4, width: int = 320, height: int = 180
) -> tuple[ResourceOutput, list[float]]:
    """The sharpest of several takes, and the scores of all."""
    asked = {"width": width, "height": height}
    numbers = range(1, takes + 1)
    made = await asyncio.gather(*(text2image(prompt, take=n, **asked) for n in numbers))
    scores = await asyncio.gather(*map(sharpness, made))
    return made[scores.index(max(scores))], scores


if __name__ == "__main__":
    best, scores = asyncio.run(best_of("a boat in a storm"))
    print(" ".join(f"{score:.2f}" for score in scores))
    print(best.path)
