"""The sketch plugin: `text2image` as a drawn storyboard frame."""

from filmeto_plugin import Output, run
from sketch_engine import draw


def text2image(call):
    """Draw the prompt and save it as frame.png."""
    p = call.parameters

    def progress(percent, message):
        call.check_cancelled()
        call.progress(percent, message)

    picture, facts = draw(
        p["prompt"],
        p.get("negative_prompt", ""),
        p.get("width", 1280),
        p.get("height", 720),
        p.get("seed", 0),
        p.get("style", ""),
        progress,
    )
    progress(93, "saving")
    path = call.output("frame.png")
    picture.save(path, compress_level=3)
    progress(99, "saved")
    return Output(path, "image/png", facts)


if __name__ == "__main__":
    run(text2image=text2image)
