"""What a picture, clip or sound is, as `media.probe` tells it."""

from fractions import Fraction
from typing import Literal

from pydantic import Field

from filmeto_core.types import Model

Kind = Literal["image", "video", "audio"]


class MediaInfo(Model):
    """What a picture, clip or sound is; what does not apply to its kind is None."""

    kind: Kind = Field(description="An animated picture counts as a picture: its first frame")
    mime_type: str = Field(description="Told from the content")
    width_px: int | None = Field(None, description="As shown, after `rotation_deg`")
    height_px: int | None = Field(None, description="As shown, after `rotation_deg`")
    rotation_deg: int = Field(
        0, description="0, 90, 180, 270: the clockwise turn that a viewer makes before showing it"
    )
    frame_rate: Fraction | None = Field(None, description='Frames a second, such as "24000/1001"')
    frames: int | None = Field(None, description="Of a clip, or of an animated picture")
    duration_s: float | None = Field(None, description="Of the pictures in a clip, or of a sound")
    sample_rate_hz: int | None = Field(None, description="Of the sound")
    channels: int | None = Field(None, description="Of the sound")
    has_audio: bool = Field(False, description="Whether there is sound")
