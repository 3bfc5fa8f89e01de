"""text2image and image2image: one picture each."""

import math

from diffusers_loading import choose_dtype
from diffusers_memory import choose_device
from diffusers_pictures import asked_size, check_drawn, drawn_size, filled, given_picture
from diffusers_work import Work, check_serves
from filmeto_plugin import Output, PluginError

LEAST_STRENGTH = 0.01  # less is no step of a hundred, and nothing that is seen


def text2image(call, model, shelf):
    """A picture from a prompt."""
    wanted = call.parameters
    size = asked_size(wanted)

    def draw(work, drawn):
        told = work.told(prompt=wanted["prompt"], width=drawn[0], height=drawn[1])
        return work.run(told)

    return _still(call, model, shelf, size, draw)


def image2image(call, model, shelf):
    """A picture from a picture and a prompt."""
    wanted, picture = call.parameters, given_picture(call)
    size = asked_size(wanted, picture)
    if wanted["strength"] < LEAST_STRENGTH:
        path = call.output("picture.png")
        filled(picture, size).save(path)
        return Output(path, "image/png", {"unused": ["prompt"]})

    def draw(work, drawn):
        told = work.told(
            prompt=wanted["prompt"],
            image=filled(picture, drawn),
            strength=wanted["strength"],
            width=drawn[0],
            height=drawn[1],
        )
        return work.run(_enough_steps(told, work.takes))

    return _still(call, model, shelf, size, draw)


def _enough_steps(told, takes):
    """With little strength few of the steps are made: as many are asked for that one is left."""
    steps = told.get("num_inference_steps")
    steps = steps or getattr(takes.get("num_inference_steps"), "default", None)
    if "strength" in told and isinstance(steps, int):
        told["num_inference_steps"] = max(steps, math.ceil(1 / told["strength"] + 1e-9))
    return told


def _still(call, model, shelf, size, draw):
    device = choose_device(shelf.settings)
    dtype = choose_dtype(call.parameters["dtype"], device)
    about = {}

    def attempt(loaded):
        pipeline = loaded.pipeline(call.tool, device)
        check_serves(call, pipeline, model.name)
        work = Work(call, pipeline)
        drawn = drawn_size(size, pipeline, call.parameters.get("megapixels") or 0)
        made = draw(work, drawn)
        about.update(pipeline=type(pipeline).__name__, drawn=f"{drawn[0]}x{drawn[1]}")
        about.update(unused=work.unused)
        return made

    made, policy = shelf.work(model, dtype, device, attempt, lambda told: call.progress(2, told))
    _check_harmless(made)
    picture = made.images[0]
    check_drawn([picture])
    path = call.output("picture.png")
    filled(picture.convert("RGB"), size).save(path)
    return Output(path, "image/png", {**told_of(call, model, dtype, device, policy), **about})


def _check_harmless(made):
    """Raises PluginError "refused" where the model's own checker blackened the picture."""
    found = getattr(made, "nsfw_content_detected", None)
    if found and any(found):
        told = "the model's safety checker refused the picture; change the prompt or the seed"
        raise PluginError(told, code="refused", permanent=True)


def told_of(call, model, dtype, device, policy):
    """What is told with every result: who made it, and how."""
    return {
        "model": model.name,
        "revision": model.revision,
        "seed": call.parameters["seed"],
        "dtype": str(dtype).removeprefix("torch."),
        "device": str(device),
        "memory": str(policy),
    }
