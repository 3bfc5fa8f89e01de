"""The shortest flow worth copying: a picture, a clip of it, and a line that is spoken."""

from prefect import flow

from filmeto_core.tasks import image2video, text2image, text2speak


@flow
async def talking_shot(prompt: str, line: str):
    """A moving picture of `prompt`, and `line` spoken."""
    still = await text2image(prompt, width=1280, height=720)
    clip = await image2video(still, motion="push-in", duration_s=4)
    voice = await text2speak(line)
    return clip, voice
