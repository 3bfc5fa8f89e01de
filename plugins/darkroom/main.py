"""The darkroom plugin: `image2image` as real image processing, without a model."""

from darkroom_develop import develop
from darkroom_words import read_looks
from filmeto_plugin import Output, PluginError, run


def image2image(call):
    """Restyle the call's picture; see README.md for the parameters."""
    if len(call.inputs) != 1:
        told = f"darkroom needs one picture, got {len(call.inputs)} inputs"
        raise PluginError(told, code="bad_input")
    wanted = call.parameters

    def progress(percent, message):
        call.check_cancelled()
        call.progress(percent, message)

    path = call.output("picture.png")
    try:
        looks = read_looks(wanted["prompt"], wanted.get("negative_prompt", ""))
        strength, seed = wanted.get("strength", 1.0), wanted.get("seed", 0)
        about = develop(call.inputs[0].path, path, looks, strength, seed, progress)
    except ValueError as error:
        raise PluginError(str(error), code="bad_input") from error
    return Output(path, "image/png", about)


if __name__ == "__main__":
    run(image2image=image2image)
