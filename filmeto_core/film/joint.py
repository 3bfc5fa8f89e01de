"""The filter graph that draws one joint: dissolves and fades, frame by frame where they belong."""

from collections.abc import Mapping
from fractions import Fraction

from filmeto_core.film.clip_index import ClipIndex
from filmeto_core.film.encoder import COLOURS_FILTER
from filmeto_core.film.picture_plan import Dissolve, Joint, Take
from filmeto_core.film.reader import input_of


class JointGraph:
    """ffmpeg's inputs and filters for one joint."""

    def __init__(self, rate: Fraction, indexes: Mapping[str, ClipIndex]) -> None:
        self.shots: list[str] = []
        self._rate = rate
        self._indexes = indexes
        self._inputs: list[str] = []
        self._chains: list[str] = []
        # Frames by their order, whatever their times were; fps tells that the rate is constant.
        self._numbered = f"settb={rate.denominator}/{rate.numerator},setpts=N,fps={rate}"

    def arguments(self, joint: Joint) -> tuple[list[str], str]:
        """The input arguments, and the text of the filter graph; its output is [out]."""
        labels = []
        for i, step in enumerate(joint.steps):
            labels.append(f"[s{i}]")
            if isinstance(step, Dissolve):
                self._dissolve(step, labels[-1])
            else:
                self._take(step, labels[-1])
        joined = f"{''.join(labels)}concat=n={len(labels)}"
        fade = ""
        if joint.fade_out is not None:
            start, frames = joint.fade_out
            # One less, so that the film's last frame is all black.
            fade = f",fade=t=out:start_frame={start}:nb_frames={max(1, frames - 1)}"
        self._chains.append(f"{joined},{self._numbered}{fade},{COLOURS_FILTER}[out]")
        return self._inputs, ";".join(self._chains)

    def _take(self, take: Take, label: str, more: str = "") -> None:
        fade = f",fade=t=in:start_frame=0:nb_frames={take.frames}" if take.fade_in else ""
        self._chains.append(f"{self._open(take)}{more}{fade}{label}")

    def _dissolve(self, step: Dissolve, label: str) -> None:
        # xfade's first frame shows the outgoing picture alone: a spare one, dropped again, is that
        # frame. Spare ones behind keep xfade from ending a frame early.
        spare = ",tpad=start=1:start_mode=clone:stop=2:stop_mode=clone"
        a, b = label.replace("s", "a"), label.replace("s", "b")
        self._take(step.outgoing, a, spare)
        self._take(step.incoming, b, spare)
        length = (step.frames + 1) / self._rate
        self._chains.append(
            f"{a}{b}xfade=transition=fade:offset=0:duration={float(length):.9f},"
            f"trim=start_frame=1:end_frame={step.frames + 1},{self._numbered}{label}"
        )

    def _open(self, take: Take) -> str:
        """An input that starts with the take's first frame, and the filters that end it."""
        number = self._inputs.count("-i")
        if take.first:
            # Half a frame early, so that rounding never drops the frame itself.
            start = (take.first - Fraction(1, 2)) / self._rate
            self._inputs += ["-ss", f"{float(start):.9f}"]
        self._inputs += ["-threads", "1", *input_of(self._indexes[take.shot_id].path)]
        self.shots.append(take.shot_id)
        return f"[{number}:v:0]trim=end_frame={take.frames},{self._numbered},format=yuv420p"
