"""A subflow for a scene: the film's flow calls it once a scene, and Prefect shows each as a run of its own.

python examples/recipes/scenes.py
"""

import asyncio

from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then

from prefect import flow  # noqa: E402

from filmeto_core.tasks import image2video, text2image  # noqa: E402
from filmeto_core.types import ResourceOutput  # noqa: E402

SCENES = {"the harbour": ["boats", "a gull"], "the lighthouse": ["the stairs", "the lamp"]}


@flow(flow_run_name="scene: {place}")
async def scene(
    place: str, shots: list[str], width: int = 320, height: int = 180
) -> list[ResourceOutput]:
    """The clips of one scene, in the order of its shots."""
    asked = {"width": width, "height": height}

    async def clip(what: str) -> ResourceOutput:
        still = await text2image(f"{place}: {what}", **asked)
        return await image2video(still, motion="pan-right", duration_s=2, **asked)

    return await asyncio.gather(*map(clip, shots))


@flow
async def story(
    scenes: dict[str, list[str]], width: int = 320, height: int = 180
) -> dict[str, list[ResourceOutput]]:
    """Every scene's clips, scenes side by side."""
    made = await asyncio.gather(*(scene(*item, width, height) for item in scenes.items()))
    return dict(zip(scenes, made, strict=True))


if __name__ == "__main__":
    for place, clips in asyncio.run(story(SCENES)).items():
        print(place, *(clip.path for clip in clips), sep="\n  ")
