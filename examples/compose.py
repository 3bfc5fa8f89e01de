"""A pipeline of one's own: three pictures of one place, moved over, one line spoken, one score.

    python examples/compose.py

Run it twice: the second time, Prefect shows every call as Cached.
"""

import asyncio

from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then

from prefect import flow  # noqa: E402

from filmeto_core.tasks import image2video, text2image, text2music, text2speak  # noqa: E402

PLACE = "a lighthouse on a cliff"


@flow
async def three_times_of_day(place: str = PLACE) -> list[str]:
    """Dawn, dusk and night of a place: clips, a voice, music."""
    hours = ["dawn", "dusk", "night"]
    stills = await asyncio.gather(
        *(text2image(f"wide shot: {place}, {hour}", width=640, height=360) for hour in hours)
    )
    clips = await asyncio.gather(
        *(
            image2video.with_options(retries=1)(still, motion="pan-right", duration_s=1.5)
            for still in stills
        )
    )
    voice, music = await asyncio.gather(
        text2speak(f"{place.capitalize()}, three times.", language="en"),
        text2music("calm piano", duration_s=sum(c.metadata["duration_s"] for c in clips)),
    )
    return [made.path for made in (*clips, voice, music)]


if __name__ == "__main__":
    for path in asyncio.run(three_times_of_day()):
        print(path)
