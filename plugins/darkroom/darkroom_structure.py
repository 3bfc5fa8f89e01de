"""The structure of a picture: the way its edges run, its lines, its shapes without texture.

Source: Kang, Lee, Chui, "Coherent Line Drawing" (2007), for the flow of edges and the difference of
Gaussians along it; Winnemöller, Kyprianidis, Olsen, "XDoG" (2012), for what is made of it.
"""

import cv2
import numpy as np
from darkroom_plate import blurred, luminance, smoothstep

_WIDER = 1.6  # of the two Gaussians: near the Laplacian of a Gaussian


def smoothed(rgb, unit, passes=2, tolerance=0.10):
    """The picture without texture, its edges kept: repeated bilateral filtering."""
    reach = int(np.clip(round(3 * unit), 1, 5)) * 2 + 1
    for _ in range(passes):
        rgb = cv2.bilateralFilter(rgb, reach, tolerance, 2.5 * unit)
    return rgb


class Flow:
    """The direction in which edges run, everywhere.

    Args:
        grey: (height, width) float32.
        spread_px: Over how many pixels directions are averaged.
    """

    def __init__(self, grey, spread_px):
        across = cv2.Scharr(grey, cv2.CV_32F, 1, 0, scale=1 / 16)
        down = cv2.Scharr(grey, cv2.CV_32F, 0, 1, scale=1 / 16)
        xx, yy = blurred(across * across, spread_px), blurred(down * down, spread_px)
        xy = blurred(across * down, spread_px)
        angle = 0.5 * np.arctan2(2 * xy, xx - yy)  # of the gradient
        self.across_x, self.across_y = np.cos(angle), np.sin(angle)
        energy = np.sqrt((xx - yy) ** 2 + 4 * xy * xy)
        self.coherence = energy / (xx + yy + 1e-5)
        height, width = grey.shape
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        self._x, self._y = x, y

    def across(self, image, weights):
        """`image` summed across the edges; `weights` from the middle outwards, one a pixel."""
        total = image * weights[0]
        for step, weight in enumerate(weights[1:], 1):
            dx, dy = self.across_x * step, self.across_y * step
            total += weight * (_at(image, self._x + dx, self._y + dy))
            total += weight * (_at(image, self._x - dx, self._y - dy))
        return total

    def along(self, image, sigma_px, step_px=1.0):
        """`image` averaged along the edges, by a Gaussian on the bent line."""
        total, weights = image.copy(), 1.0
        steps = max(1, round(2 * sigma_px / step_px))
        for sign in (1.0, -1.0):
            x, y = self._x, self._y
            heading_x, heading_y = -sign * self.across_y, sign * self.across_x
            for step in range(1, steps + 1):
                x, y = x + heading_x * step_px, y + heading_y * step_px
                weight = float(np.exp(-((step * step_px) ** 2) / (2 * sigma_px**2)))
                total += weight * _at(image, x, y)
                weights += weight
                if step < steps:
                    heading_x, heading_y = self._turned(x, y, heading_x, heading_y)
        return total / weights

    def _turned(self, x, y, heading_x, heading_y):
        """The direction at a place, told apart from its opposite by where one comes from."""
        new_x = -_at(self.across_y, x, y, cv2.INTER_NEAREST)
        new_y = _at(self.across_x, x, y, cv2.INTER_NEAREST)
        sign = np.where(new_x * heading_x + new_y * heading_y < 0, np.float32(-1), np.float32(1))
        return new_x * sign, new_y * sign


def _at(image, x, y, interpolation=cv2.INTER_LINEAR):
    return cv2.remap(image, x, y, interpolation, borderMode=cv2.BORDER_REPLICATE)


def flow_lines(rgb, unit, width=1.0, reach=4.0, low=0.25, high=0.75):
    """Lines where a draughtsman would draw them: (height, width), 0 no line to 1 full line.

    Args:
        rgb: The picture, or one without texture.
        unit: The plate's unit of length in pixels.
        width: Of the lines, in units.
        reach: How far a line is followed, in units: longer lines are calmer.
        low, high: The contrast of an edge that begins to be drawn, and that is drawn in full.
    """
    grey = np.sqrt(np.clip(luminance(rgb), 0, 1))  # the eye's steps: shadows keep their lines
    sigma = max(0.6, width * unit)
    flow = Flow(blurred(grey, max(0.5, 0.6 * unit)), 2.2 * unit)
    near, far = _gaussian(sigma, sigma * _WIDER), _gaussian(sigma * _WIDER, sigma * _WIDER)
    darker = flow.across(grey, far - near)
    darker = flow.along(darker, max(1.0, reach * unit), max(1.0, 0.5 * reach * unit / 2))
    contrast = blurred(np.abs(darker), 14 * unit) * 2.0 + 0.012
    return smoothstep(darker / contrast, low, high) * smoothstep(darker, 0.002, 0.010)


def _gaussian(sigma, widest):
    """Half a Gaussian, from the middle to twice the widest sigma; its two sides sum to 1."""
    steps = np.arange(max(2, int(np.ceil(2 * widest)) + 1), dtype=np.float32)
    half = np.exp(-(steps**2) / (2 * sigma**2))
    return half / (half[0] + 2 * half[1:].sum())
