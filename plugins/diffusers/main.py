"""text2image, image2image and image2video with models on this machine."""

import os

from diffusers_model import find_model
from diffusers_settings import read_settings
from filmeto_plugin import run


class Studio:
    """One process: the models that are in memory, and the tools that use them."""

    def __init__(self):
        self._shelf = None

    def text2image(self, call):
        """Draw `prompt`."""
        model = _model(call, "FILMETO_DIFFUSERS_MODEL")
        call.progress(1, "starting torch")
        from diffusers_stills import text2image

        return text2image(call, model, self._models())

    def image2image(self, call):
        """Draw the picture anew."""
        model = _model(call, "FILMETO_DIFFUSERS_MODEL")
        call.progress(1, "starting torch")
        from diffusers_stills import image2image

        return image2image(call, model, self._models())

    def image2video(self, call):
        """Have the picture move."""
        model = _model(call, "FILMETO_DIFFUSERS_VIDEO_MODEL")
        call.progress(1, "starting torch")
        from diffusers_clip import image2video

        return image2video(call, model, self._models())

    def _models(self):
        from diffusers_shelf import Shelf

        if self._shelf is None:
            self._shelf = Shelf(read_settings())
        return self._shelf


def _model(call, variable):
    asked = call.parameters
    return find_model(asked.get("model") or "", asked.get("revision") or "", variable)


if __name__ == "__main__":
    run(Studio())
    os._exit(0)  # taking torch apart in order would take seconds, and nothing is left to be kept
