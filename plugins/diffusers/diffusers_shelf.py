"""The models that are in memory: one a device, or as many as the user says, the last used the last to go."""

from collections import OrderedDict

import torch
from diffusers_loading import load_pipeline, pipeline_for
from diffusers_memory import (
    arrange,
    free,
    is_out_of_memory,
    policies,
    return_what_is_freed,
    too_large,
)


class Loaded:
    """A model in memory, with the memory that it turned out to need.

    Args:
        pipeline: As it was loaded.
        tries: The policies that are left for it, the present one first.
    """

    def __init__(self, pipeline, tries):
        self.base, self.tries = pipeline, list(tries)
        self._views, self._arranged = {}, None

    @property
    def policy(self):
        """How it is held."""
        return self.tries[0]

    def hold_by(self, tries):
        """From its next call on; what a failed one left of the last is swept away."""
        self.tries, self._arranged = list(tries), None

    def pipeline(self, tool, device):
        """The pipeline that serves the tool, on the device by the present policy."""
        if tool not in self._views:
            self._views[tool] = pipeline_for(tool, self.base)
        view = self._views[tool]
        if self._arranged != (id(view), self.policy):
            for other in (self.base, *self._views.values()):
                other.remove_all_hooks()
            arrange(view, self.policy, device)
            self._arranged = (id(view), self.policy)
        return view


class Shelf:
    """Models by device; the least recently used goes where a new one needs its place.

    Args:
        settings: How many, and how they are held.
    """

    def __init__(self, settings):
        return_what_is_freed()
        self.settings = settings
        self._loaded = {}  # device -> OrderedDict: what it is -> Loaded, the last used at the end

    def work(self, model, dtype, device, attempt, tell):
        """What `attempt(loaded)` makes with the model, tried again with less memory where it fails for it.

        Args:
            model: A Model.
            dtype: torch's.
            device: torch's.
            attempt: Works with a Loaded.
            tell: Called with a line for people.

        Raises:
            PluginError: "out_of_memory": it does not fit, whatever was tried.
        """
        tries = policies(self.settings, device)
        while True:
            try:
                loaded = self._take(model, dtype, device, tries, tell)
                with torch.backends.mkldnn.flags(enabled=loaded.policy.onednn):
                    return attempt(loaded), loaded.policy
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                failed = (
                    str(error).strip().splitlines()[0][:200] if str(error).strip() else "no room"
                )
            # Only here, past the handler, is nothing held any more that the failed call had made.
            loaded = None
            tries = self._with_less(model, dtype, device, tries, failed, tell)

    def _with_less(self, model, dtype, device, tries, failed, tell):
        """The policies that are left, after the present one did not do."""
        shelf, key = self._loaded.get(device, {}), _key(model, dtype)
        others = [other for other in shelf if other != key]
        loaded = shelf.get(key)
        left = loaded.tries if loaded else tries
        if others:
            for other in others:
                del shelf[other]
            tell("out of memory; the other models are put away")
        elif len(left) > 1:
            left = left[1:]
            tell(f"out of memory; trying again with less ({left[0]})")
        else:
            self._loaded.pop(device, None)
            del loaded
            free(device)
            raise too_large(device, left[0], failed)
        if loaded:
            loaded.hold_by(left)
        free(device)
        return left

    def _take(self, model, dtype, device, tries, tell):
        shelf, key = self._loaded.setdefault(device, OrderedDict()), _key(model, dtype)
        if key in shelf:
            shelf.move_to_end(key)
            return shelf[key]
        while len(shelf) >= self.settings.most_models:
            shelf.popitem(last=False)
            free(device)
        tell(f"loading {model.name}")
        shelf[key] = Loaded(load_pipeline(model, dtype), tries)
        return shelf[key]


def _key(model, dtype):
    """What must be the same for a model in memory to be the one that is asked for."""
    return (str(model.folder), model.revision, model.stamp, str(dtype))
