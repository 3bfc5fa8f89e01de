"""image2video without a model: a camera that moves over a still."""

from camera_clip import Move, film_still
from camera_encoder import EncoderFailed
from camera_rate import parse_rate
from camera_words import pace_of
from filmeto_plugin import Output, PluginError, run


def image2video(call):
    """Film the call's picture; see README.md for the parameters."""
    if len(call.inputs) != 1:
        told = f"camera needs one picture, got {len(call.inputs)} inputs"
        raise PluginError(told, code="bad_input")
    wanted = call.parameters
    told_percent = 0

    def progress(written, frames):
        nonlocal told_percent
        percent = min(99, 100 * written // frames)
        if percent > told_percent:
            told_percent = percent
            data = {"frames": written, "frames_total": frames}
            call.progress(percent, f"frame {written} of {frames}", data)

    try:
        move = Move(
            motion=wanted.get("motion", "push-in"),
            duration_s=wanted.get("duration_s", 4.0),
            rate=parse_rate(wanted.get("fps", "24")),
            width_px=wanted.get("width", 0),
            height_px=wanted.get("height", 0),
            strength=min(1.0, wanted.get("strength", 0.5) * pace_of(wanted.get("prompt", ""))),
        )
        clip = call.output("clip.mp4")
        about = film_still(call.inputs[0].path, clip, move, progress, call.check_cancelled)
    except ValueError as error:
        raise PluginError(str(error), code="bad_input") from error
    except EncoderFailed as error:
        raise PluginError(str(error), code="encoder_failed") from error
    return Output(clip, "video/mp4", about)


if __name__ == "__main__":
    run(image2video=image2video)
