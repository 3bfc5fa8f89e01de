"""Pictures, voices and clips from a server that speaks OpenAI's protocol: wires the tools up."""

from filmeto_plugin import run
from openai_images import image2image, text2image
from openai_speech import text2speak
from openai_videos import image2video, text2video

if __name__ == "__main__":
    run(
        text2image=text2image,
        image2image=image2image,
        text2speak=text2speak,
        text2video=text2video,
        image2video=image2video,
    )
