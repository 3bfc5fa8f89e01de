"""The upscale plugin: `image2image` as super-resolution, tile by tile, on the processor."""

from filmeto_plugin import Output, PluginError, run
from upscale_network import Network
from upscale_picture import TooLarge, enlarge_file
from upscale_words import factor_of


class Upscale:
    """Keeps the network of the last call loaded."""

    def __init__(self):
        self._network = None

    def image2image(self, call):
        """Enlarge the call's picture; see README.md for the parameters."""
        if len(call.inputs) != 1:
            told = f"upscale needs one picture, got {len(call.inputs)} inputs"
            raise PluginError(told, code="bad_input")
        wanted = call.parameters

        def progress(percent, message):
            call.check_cancelled()
            call.progress(percent, message)

        path = call.output("picture.png")
        try:
            scale = factor_of(wanted.get("prompt", ""), wanted.get("scale", 0))
            if self._network is None or self._network.scale != scale:
                self._network = Network(scale)
            tile_px, strength = wanted.get("tile_px", 256), wanted.get("strength", 1.0)
            source = call.inputs[0].path
            about = enlarge_file(
                source, path, self._network, tile_px, strength, progress, call.check_cancelled
            )
        except TooLarge as error:
            details = {"limit": error.limit}
            raise PluginError(str(error), code="beyond_limits", details=details) from error
        except ValueError as error:
            raise PluginError(str(error), code="bad_input") from error
        return Output(path, "image/png", about)


if __name__ == "__main__":
    run(Upscale())
