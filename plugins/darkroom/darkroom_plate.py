"""The plate: a picture at working size, its unit of length, and seeded noise of the same size."""

import zlib

import cv2
import numpy as np

_UNIT_SIDE_PX = 960  # of the square as large as a frame of 1280x720, in which strokes are measured
_LEAST_UNIT = 0.45  # below, strokes would be thinner than a pixel can show


class Plate:
    """A picture that looks are put on.

    Args:
        rgb: float32 (height, width, 3), 0 to 1, as coded for a screen (sRGB).
        seed: Of everything that is drawn at random.
        looks: The `Looks` of the prompt.
    """

    def __init__(self, rgb, seed, looks):
        self.original, self.seed, self.looks = rgb, seed & 0x7FFFFFFFFFFFFFFF, looks
        self.height, self.width = rgb.shape[:2]
        # Strokes keep their share of the frame whatever its size in pixels.
        self.unit = max(_LEAST_UNIT, (self.width * self.height) ** 0.5 / _UNIT_SIDE_PX)
        self._regions = None

    @property
    def regions(self):
        """The `Regions` of the original, told when first asked for."""
        if self._regions is None:
            from darkroom_regions import find_regions  # only some looks need them

            self._regions = find_regions(self.original, self.looks.indoors)
        return self._regions

    @property
    def daylight(self):
        """How light the original is, 0.3 (a night) to 1 (a day)."""
        return float(np.clip(np.percentile(luminance(self.original)[::3, ::3], 80) / 0.5, 0.3, 1))

    def without(self, detail):
        """Whether the prompt asks to leave a detail out."""
        return detail in self.looks.without

    def random(self, name):
        """A generator of random numbers for one purpose, so that looks do not shift each other's."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])

    def noise(self, name, cell_px, octaves=1, stretch=(1.0, 1.0)):
        """Smooth noise of the plate's size, about -1 to 1.

        Args:
            name: What it is for.
            cell_px: The size of its largest lumps.
            octaves: How many finer layers, each half as large and strong.
            stretch: Factors on the lumps' (width, height).
        """
        random = self.random(name)
        total = np.zeros((self.height, self.width), np.float32)
        weight = 0.0
        for octave in range(octaves):
            cell = max(1.0, cell_px / 2**octave)
            rows = max(2, round(self.height / (cell * stretch[1])) + 2)
            columns = max(2, round(self.width / (cell * stretch[0])) + 2)
            shape = (min(rows, self.height + 2), min(columns, self.width + 2))
            lumps = random.uniform(-1, 1, shape)
            total += 0.5**octave * self.fit(lumps.astype(np.float32), cv2.INTER_CUBIC)
            weight += 0.5**octave
        return total * np.float32(1.6 / weight)  # cubic interpolation flattens: about 1 again

    def grain(self, name, soft_px=0.0):
        """White noise, softened, with a standard deviation of 1."""
        white = self.random(name).standard_normal((self.height, self.width), np.float32)
        if soft_px > 0.2:
            white = blurred(white, soft_px)
        return white / (float(white.std()) + 1e-6)

    def fit(self, image, interpolation=cv2.INTER_LINEAR):
        """An image brought to the plate's size."""
        return cv2.resize(image, (self.width, self.height), interpolation=interpolation)

    def grid(self):
        """(x, y): the coordinates of every pixel, float32 (height, width)."""
        y, x = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32)
        return x, y


def blurred(image, sigma_px):
    """A Gaussian blur; wide ones are made small first, which nobody sees and costs less."""
    sigma_px = max(float(sigma_px), 0.1)
    shrink = int(min(sigma_px / 4, 16, min(image.shape[:2]) / 4))
    if shrink < 2:
        return cv2.GaussianBlur(image, (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE)
    height, width = image.shape[:2]
    size = (max(1, width // shrink), max(1, height // shrink))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / shrink, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def smoothstep(values, low, high):
    """0 at and below `low`, 1 at and above `high`, eased between; `low` may be above `high`."""
    t = np.clip((values - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)


def luminance(rgb):
    """How bright a picture looks, (height, width), by the weights of ITU-R BT.601."""
    return cv2.transform(rgb, np.array([[0.299, 0.587, 0.114]], np.float32))


def mixed(under, over, amount):
    """`over` laid on `under` by a map (height, width) or a number of opacity."""
    if np.ndim(amount) == 2:
        amount = amount[..., None]
    return under + (over - under) * amount


def colour(red, green, blue):
    """A colour that broadcasts over a picture."""
    return np.array([red, green, blue], np.float32)
