"""What the user set in the environment: how this machine holds models. None of it changes a picture."""

import os
from dataclasses import dataclass

from filmeto_plugin import PluginError

OFFLOADS = ("none", "model", "sequential")  # each takes less of a GPU's memory, and more time


@dataclass(frozen=True)
class Settings:
    """How models are held.

    Args:
        device: "auto", or a device as torch names it: "cuda", "cuda:1", "mps", "cpu".
        offload: Where to begin: one of OFFLOADS.
        sliced: Whether pictures are decoded in tiles, and clips in few frames, from the start.
        most_models: How many stay in a device's memory.
    """

    device: str = "auto"
    offload: str = "none"
    sliced: bool = False
    most_models: int = 1


def read_settings(environment=os.environ):
    """The settings.

    Raises:
        PluginError: "bad_setting": a variable holds what it cannot.
    """
    offload = _one_of(environment, "FILMETO_DIFFUSERS_OFFLOAD", ("auto", *OFFLOADS))
    most = environment.get("FILMETO_DIFFUSERS_MODELS", "").strip() or "1"
    if not (most.isdecimal() and most.isascii() and 1 <= int(most) <= 100):
        raise wrong("FILMETO_DIFFUSERS_MODELS", "a number from 1 to 100", most)
    return Settings(
        device=environment.get("FILMETO_DIFFUSERS_DEVICE", "").strip().lower() or "auto",
        offload=OFFLOADS[0] if offload == "auto" else offload,
        sliced=_one_of(environment, "FILMETO_DIFFUSERS_SLICING", ("auto", "on")) == "on",
        most_models=int(most),
    )


def _one_of(environment, name, words):
    told = environment.get(name, "").strip().lower() or words[0]
    if told not in words:
        raise wrong(name, ", ".join(words[:-1]) + f" or {words[-1]}", told)
    return told


def wrong(variable, expected, got):
    """A setting that cannot be used."""
    return PluginError(f"{variable}: expected {expected}, got {got!r}", code="bad_setting")
