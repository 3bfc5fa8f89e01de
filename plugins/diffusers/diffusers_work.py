"""One run of a pipeline: what it is told, its steps as progress, and its end when nobody wants it."""

import inspect

import torch
from filmeto_plugin import PluginError

FIRST, LAST = 10.0, 92.0  # percent of the call: before the first step, after the last
MOST_SEED = 2**63 - 1  # of torch's generators


class Work:
    """One call's run.

    Args:
        call: The SDK's.
        pipeline: Serves the call's tool.
    """

    def __init__(self, call, pipeline):
        self._call, self._pipeline = call, pipeline
        self.takes = inspect.signature(type(pipeline).__call__).parameters
        self.unused = []

    def told(self, **by_tool):
        """The arguments of the pipeline: what the call says, and what the tool adds.

        What the pipeline has no argument for is left out, and named in `unused` if it was asked for.
        """
        wanted = self._call.parameters
        asked = {"negative_prompt": wanted.get("negative_prompt") or None}
        asked["num_inference_steps"] = wanted.get("steps") or None
        told = {**asked, **self._guidance(wanted.get("guidance", -1)), **by_tool}
        told["output_type"] = "pil"
        told = {name: value for name, value in told.items() if value is not None}
        for name in [name for name in told if name not in self.takes]:
            del told[name]
            if name in _WISHES:
                self.unused.append(_WISHES[name])
        # On the processor, whatever the device: the same seed then begins everywhere alike.
        told["generator"] = torch.Generator("cpu").manual_seed(wanted["seed"] % MOST_SEED)
        return told

    def _guidance(self, guidance):
        if guidance < 0:
            return {}
        found = next((n for n in ("guidance_scale", "max_guidance_scale") if n in self.takes), None)
        return {found or "guidance_scale": guidance}

    def run(self, told):
        """The pipeline's output; told step by step, and ended between two of them on a cancel.

        Raises:
            Cancelled: The caller gave up.
        """
        pipeline = self._pipeline
        if "callback_on_step_end" in self.takes:
            told = {**told, "callback_on_step_end": self._after_step}
        else:
            pipeline.progress_bar = lambda iterable=None, total=None: _Bar(self, iterable, total)
        self._call.check_cancelled()
        self._call.progress(FIRST, "drawing")
        try:
            made = pipeline(**told)
        finally:
            pipeline.__dict__.pop("progress_bar", None)
            pipeline.maybe_free_model_hooks()
        self._call.check_cancelled()
        return made

    def _after_step(self, pipeline, step, _timestep, tensors):
        steps = getattr(pipeline, "num_timesteps", None) or getattr(
            pipeline, "_num_timesteps", None
        )
        self.step(step + 1, steps)
        return tensors

    def step(self, done, steps):
        """So many steps are done."""
        self._call.check_cancelled()
        steps = max(done, steps or done)
        data = {"step": done, "steps": steps}
        percent = FIRST + (LAST - FIRST) * done / steps
        self._call.progress(percent, f"step {done} of {steps}", data)


# What of a call is named when a pipeline has no argument for it.
_WISHES = {
    "prompt": "prompt",
    "negative_prompt": "negative_prompt",
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
    "strength": "strength",
}


class _Bar:
    """Stands in for the bar of a pipeline that tells of its steps by nothing else."""

    def __init__(self, work, iterable, total):
        self._work, self._iterable, self._done = work, iterable, 0
        self._total = total or (len(iterable) if hasattr(iterable, "__len__") else None)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None

    def __iter__(self):
        for item in self._iterable:
            yield item
            self.update()

    def update(self, steps=1):
        """So many more steps are done."""
        self._done += steps
        self._work.step(self._done, self._total)


def check_serves(call, pipeline, name):
    """Refuse a model whose pipeline does not make what the tool is for.

    Raises:
        PluginError: "wrong_model".
    """
    takes = inspect.signature(type(pipeline).__call__).parameters
    clips = any(n in takes for n in ("num_frames", "video_length", "frames"))
    fits = {
        "text2image": "prompt" in takes and not clips and not _needs_picture(takes),
        "image2image": "image" in takes and not clips,
        "image2video": "image" in takes and clips,
    }
    if not fits[call.tool]:
        kind = type(pipeline).__name__
        told = f"model: {name} is a {kind}, which does not serve {call.tool}; {_ADVICE[call.tool]}"
        raise PluginError(told, code="wrong_model", details={"pipeline": kind})


_ADVICE = {
    "text2image": "take one that makes pictures from text, such as a StableDiffusionXLPipeline",
    "image2image": "take one that has an Img2Img pipeline, or edits pictures",
    "image2video": "take one that makes clips from a picture, such as a StableVideoDiffusionPipeline",
}


def _needs_picture(takes):
    image = takes.get("image")
    return image is not None and image.default is inspect.Parameter.empty
