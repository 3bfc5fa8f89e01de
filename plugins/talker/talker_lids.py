"""Eyes that blink and look aside, and brows that rise, warped out of the picture's own."""

import cv2
import numpy as np

# How far, in eye distances, a lid's dark line reaches beyond its edge, and above it.
_LASHES, _RIM = 0.02, 0.05
_SKIN = 0.72  # of the way from the eye to the brow: the skin that a closing lid is made of
_BROW_U, _BROW_V = 0.42, 0.17  # reach of a raised brow
_STILL = 0.01


class Lids:
    """The eyes and brows of one face in one picture; arguments as of `Lips`."""

    def __init__(self, picture, face, tones):
        self._picture, self._face = picture, face
        self._ink, self._line_px = np.array(tones.ink, np.float32), 1.5 * tones.line_px
        brow_v = min(eye.brow[1] for eye in face.eyes)
        low = max(eye.lower[:, 1].max() for eye in face.eyes)
        left, right = face.eyes[0].upper[0, 0] - 0.25, face.eyes[1].upper[-1, 0] + 0.25
        size = picture.shape[1::-1]
        self.box = face.box(left - 0.1, brow_v - 0.5, right + 0.1, low + 0.12, size)
        x0, y0, x1, y1 = self.box
        self._x, self._y = np.meshgrid(
            np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32)
        )
        self._u, self._v = (c.astype(np.float32) for c in face.to_face(self._x, self._y))
        self._eyes = [self._edges(eye) for eye in face.eyes]
        self._within = sum(
            self._opening(eye, edges) for eye, edges in zip(face.eyes, self._eyes, strict=True)
        )
        self._brows = sum(
            np.exp(
                -(((self._u - eye.brow[0]) / _BROW_U) ** 4)
                - ((self._v - eye.brow[1]) / _BROW_V) ** 2
            )
            for eye in face.eyes
        )

    def _edges(self, eye):
        """(upper edge, lower edge, height of the lid's skin, where the eye is), each (h, w)."""
        upper = np.interp(self._u, eye.upper[:, 0], eye.upper[:, 1]).astype(np.float32)
        lower = np.interp(self._u, eye.lower[:, 0], eye.lower[:, 1]).astype(np.float32)
        skin = _SKIN * float(eye.upper[:, 1].mean() - eye.brow[1])
        inside = (self._u > eye.upper[0, 0] - 0.02) & (self._u < eye.upper[-1, 0] + 0.02)
        return upper, lower, max(skin, 0.08), inside

    def _opening(self, eye, edges):
        """Where the eyeball shows: 1 in its middle, 0 from its edges on."""
        upper, lower, _, inside = edges
        left, right = eye.upper[0, 0], eye.upper[-1, 0]
        across = ((2 * self._u - left - right) / (right - left)).clip(-1, 1)
        down = (2 * (self._v - upper) / np.maximum(lower - upper, 1e-3) - 1).clip(-1, 1)
        return (1 - across**2) * (1 - down**4) * inside

    def look(self, closed, lift, gaze=0.0):
        """The picture within `box` with the lids closed so far (0 to 1) and the brows lifted.

        Args:
            lift: In eye distances; negative draws them down.
            gaze: How far the eyes look to the right, in eye distances.

        Returns:
            uint8, or None where nothing moves.
        """
        if closed < _STILL and max(abs(lift), abs(gaze)) < _STILL * 0.3:
            return None
        open_eyes = self._warped(self._v + lift * self._brows, -gaze * self._within)
        if closed < _STILL:
            return open_eyes
        source, cover, lash = self._v.copy(), np.zeros_like(self._v), np.zeros_like(self._v)
        for upper, lower, skin, inside in self._eyes:
            edge = upper + closed * (lower - upper + _LASHES * 0.6)
            begin = upper - skin
            # The lashes go down as they are; the skin above them is stretched.
            down = edge - upper - _LASHES * closed
            rim = edge - _RIM
            stretch = (rim - down - begin) / (rim - begin)
            skinned = begin + (self._v - begin) * stretch
            lid = inside & (self._v > begin) & (self._v < edge + 2 / self._face.unit_px)
            source = np.where(lid, np.where(self._v < rim, skinned, self._v - down), source)
            soft = ((edge - self._v) * self._face.unit_px + 0.5).clip(0, 1)
            cover = np.maximum(cover, soft * lid * ((self._v - begin) * 40).clip(0, 1))
            thin = (1 - np.abs(edge - self._v) * self._face.unit_px / self._line_px).clip(0, 1)
            lash = np.maximum(lash, thin * inside * closed)
        lids = self._warped(source + lift * self._brows)
        mixed = open_eyes + (lids.astype(np.float32) - open_eyes) * cover[..., None]
        mixed[..., :3] += (self._ink - mixed[..., :3]) * (0.8 * lash)[..., None]
        return (mixed + 0.5).clip(0, 255).astype(np.uint8)

    def _warped(self, source_v, du=0.0):
        face = self._face
        dv = source_v - self._v
        s, c = np.sin(face.tilt) * face.unit_px, np.cos(face.tilt) * face.unit_px
        map_x = self._x + (c * du - s * dv).astype(np.float32)
        map_y = self._y + (s * du + c * dv).astype(np.float32)
        return cv2.remap(
            self._picture, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
