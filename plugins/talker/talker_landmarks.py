"""Faces in a picture: where they are, and the 468 points of MediaPipe's face mesh on one of them.

Two small networks (in models/) run by OpenCV on the CPU. Whole pictures first; where no face is
found there, parts of it, so that small faces in wide pictures are found too.

Source: V. Bazarevsky et al., "BlazeFace" (2019), for the anchors and the decoding of its outputs;
Y. Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs" (2019).
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

_MODELS = Path(__file__).parent / "models"
_DETECTOR_PX, _MESH_PX = 128, 192
_SURE = 0.6  # of the detector: below it textures and hands come in
_MESH_SURE = 0.0  # the mesh's own opinion whether this is a face, as a logit
_SAME = 0.3  # overlap (intersection over union) from which two finds are one face
_ROOM = 1.5  # the mesh sees the face with half its size around it
_REFINEMENTS = 3  # the mesh is run again on the crop that it found itself
_LEFT_EYE, _RIGHT_EYE = 33, 263  # outer corners, as seen in the picture


@dataclass(frozen=True)
class Found:
    """One face: how sure, its box (x, y, width, height) and its tilt in radians."""

    score: float
    box: tuple
    tilt: float

    @property
    def area(self):
        return self.box[2] * self.box[3]


class FaceFinder:
    """The two networks, loaded once."""

    def __init__(self):
        classic = cv2.dnn.ENGINE_CLASSIC  # the new engine gives the first of several outputs alone
        detector, mesh = (
            str(_MODELS / name)
            for name in ("face_detection_short_range.tflite", "face_landmark.tflite")
        )
        self._detector = cv2.dnn.readNetFromTFLite(detector, classic)
        self._mesh = cv2.dnn.readNetFromTFLite(mesh, classic)
        self._anchors = _anchors()

    def faces(self, rgb, check=lambda: None):
        """The faces in a picture, the largest first.

        Args:
            rgb: uint8, (height, width, 3).
            check: Called between the looks; raises to stop the work.

        Returns:
            A list of (Found, points): float64 (468, 2), pixels of the picture.
        """
        for parts in (_whole(rgb), _parts(rgb, 2), _parts(rgb, 4)):
            found = []
            for x, y, size in parts:
                check()
                found += self._detected(rgb, x, y, size)
            faces = [(f, self._points(rgb, f)) for f in _distinct(found)]
            faces = [(f, points) for f, points in faces if points is not None]
            if faces:
                return sorted(faces, key=lambda face: -face[0].area)
        return []

    def _detected(self, rgb, x, y, size):
        """The finds in a square part of the picture, which may reach beyond it."""
        to_part = np.array([[size / _DETECTOR_PX, 0, x], [0, size / _DETECTOR_PX, y]])
        part = _cut(rgb, to_part, _DETECTOR_PX)
        self._detector.setInput(cv2.dnn.blobFromImage(part.astype(np.float32) / 127.5 - 1))
        boxes, scores = self._detector.forward(["regressors", "classificators"])
        scores = 1 / (1 + np.exp(-scores.reshape(-1).clip(-80, 80)))
        made = []
        for i in np.flatnonzero(scores >= _SURE):
            values = boxes[0, i].reshape(-1, 2) * (size / _DETECTOR_PX)
            anchor = self._anchors[i] * size + (x, y)
            centre, (w, h) = values[0] + anchor, values[1]
            eyes = values[3] - values[2]
            box = (centre[0] - w / 2, centre[1] - h / 2, w, h)
            tilt = float(np.arctan2(eyes[1], eyes[0]))
            made.append(Found(float(scores[i]), tuple(map(float, box)), tilt))
        return made

    def _points(self, rgb, found):
        """The mesh on a found face, or None where it sees none, or one upside down."""
        x, y, w, h = found.box
        centre, size, tilt = np.array([x + w / 2, y + h / 2]), max(w, h) * _ROOM, found.tilt
        for _ in range(_REFINEMENTS):
            points, sure = self._meshed(rgb, centre, size, tilt)
            if sure < _MESH_SURE:
                return None
            eyes = points[_RIGHT_EYE] - points[_LEFT_EYE]
            low, high = points.min(axis=0), points.max(axis=0)
            centre, size = (low + high) / 2, float((high - low).max()) * _ROOM
            tilt = float(np.arctan2(eyes[1], eyes[0]))
        # The mesh fits itself onto a face that stands on its head, but is less sure of it.
        turned = self._meshed(rgb, centre, size, tilt + np.pi)[1]
        return None if turned > sure else points

    def _meshed(self, rgb, centre, size, tilt):
        """(points in the picture, how sure the mesh is that this is a face: above 0 is yes)."""
        c, s = np.cos(tilt) * size / _MESH_PX, np.sin(tilt) * size / _MESH_PX
        turn = np.array([[c, -s], [s, c]])
        corner = centre - turn @ np.full(2, _MESH_PX / 2)
        crop = _cut(rgb, np.column_stack([turn, corner]), _MESH_PX)
        self._mesh.setInput(cv2.dnn.blobFromImage(crop.astype(np.float32) / 255))
        raw, sure = self._mesh.forward(["conv2d_20", "conv2d_30"])
        points = raw.reshape(-1, 3)[:, :2].astype(np.float64) @ turn.T + corner
        return points, float(sure.reshape(-1)[0])


def _anchors():
    """The middles of the detector's cells, 0 to 1: two for each of 16 x 16, six for each of 8 x 8."""
    made = []
    for cells, times in ((16, 2), (8, 6)):
        axis = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        made.append(np.repeat(grid, times, axis=0))
    return np.concatenate(made)


def _cut(rgb, matrix, size):
    """A square of the picture, softened first where it is made smaller, black beyond the edges."""
    shrink = np.hypot(matrix[0, 0], matrix[1, 0])
    if shrink > 2:
        factor = 1 / int(shrink)
        rgb = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        matrix = matrix * factor
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(rgb, matrix, (size, size), flags=flags)


def _whole(rgb):
    h, w = rgb.shape[:2]
    size = max(w, h)
    return [((w - size) / 2, (h - size) / 2, size)]


def _parts(rgb, times):
    """Overlapping squares, each a `times`-th of the longer side."""
    h, w = rgb.shape[:2]
    size = max(w, h) / times
    columns = np.linspace(0, max(w - size, 0), max(1, int(np.ceil(w / size * 1.6)) - 1))
    rows = np.linspace(0, max(h - size, 0), max(1, int(np.ceil(h / size * 1.6)) - 1))
    return [(x, y, size) for y in rows for x in columns]


def _distinct(found):
    """One find for each face, the surest."""
    kept = []
    for one in sorted(found, key=lambda f: (-f.score, f.box)):
        if all(_overlap(one.box, other.box) < _SAME for other in kept):
            kept.append(one)
    return kept


def _overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return both / (a[2] * a[3] + b[2] * b[3] - both)
