"""The sketch plugin: `text2image` as a drawn storyboard frame, `text2video` as a drawn moving shot."""

from filmeto_plugin import Output, PluginError, run
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


def text2video(call):
    """Draw the prompt as a moving shot and save it as clip.mp4."""
    # Here, so that stills neither wait for OpenCV to load nor need it.
    from sketch_clip import Clip, film_prompt
    from sketch_encoder import EncoderFailed
    from sketch_rate import parse_rate

    told_percent = 0

    def progress(percent, message, written, frames):
        nonlocal told_percent
        if percent > told_percent:
            told_percent = percent
            call.progress(percent, message, {"frames": written, "frames_total": frames})

    try:
        clip = Clip(_shot(call.parameters), parse_rate(call.parameters.get("fps", "24")))
        path = call.output("clip.mp4")
        about = film_prompt(path, clip, progress, call.check_cancelled)
    except ValueError as error:
        raise PluginError(str(error), code="bad_input") from error
    except EncoderFailed as error:
        raise PluginError(str(error), code="encoder_failed") from error
    return Output(path, "video/mp4", about)


def _shot(p):
    from sketch_film import Shot

    return Shot(
        prompt=p["prompt"],
        negative_prompt=p.get("negative_prompt", ""),
        style=p.get("style", ""),
        size=(p.get("width", 1280), p.get("height", 720)),
        duration_s=p.get("duration_s", 4.0),
        motion=p.get("motion", "static"),
        seed=p.get("seed", 0),
    )


if __name__ == "__main__":
    run(text2image=text2image, text2video=text2video)
