"""text2image for learning: a gradient with the prompt's words, in as many steps as asked for."""

import time

from demo_picture import draw
from filmeto_plugin import Output, PluginError, run

STEP_S = 0.005  # what a step of a real model would take, made short


def text2image(call):
    """Draw one picture; `call.parameters` holds every parameter of plugin.yaml."""
    wanted = call.parameters
    prompt = wanted["prompt"].strip()
    if not prompt:
        raise PluginError("the prompt is empty; write what to draw", code="empty_prompt")
    steps, seed = wanted.get("steps", 20), wanted.get("seed", 0)
    width, height = wanted.get("width", 512), wanted.get("height", 512)

    for step in range(1, steps + 1):
        call.check_cancelled()  # ends the call here if its caller gave up
        time.sleep(STEP_S)
        data = {"step": step, "steps": steps}
        call.progress(95 * step / steps, f"step {step} of {steps}", data)

    picture, left_out = draw(prompt, width, height, seed)
    path = call.output("picture.png")
    picture.save(path)
    about = {
        "width": width,
        "height": height,
        "prompt": prompt,
        "negative_prompt": wanted.get("negative_prompt", ""),
        "steps": steps,
        "seed": seed,
    }
    if left_out:
        call.logger.warning("the font cannot draw %s", left_out)
        about["characters_left_out"] = left_out
    return Output(path, "image/png", about)


if __name__ == "__main__":
    run(text2image=text2image)
