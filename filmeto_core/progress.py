"""Percentages of a whole call, from those of its parts: numbers from 0 to 100 that never fall."""

import math
from collections.abc import Callable

from filmeto_core.plugin_host.wire import Notification
from filmeto_core.types import ProgressType, TaskProgress

PREPARED_PERCENT = 10.0  # reached by a call that has to fetch or install something first


class ProgressMeter:
    """Turns what happens in a call into `TaskProgress`, and hands it to `update`.

    A call that fetches inputs or installs an environment has the first tenth for that; the plugin's
    own 0 to 100 then fill the rest. Otherwise the plugin's figures stand as they are.
    """

    def __init__(self, task_id: str, update: Callable[[TaskProgress], None]) -> None:
        self._task_id, self._update = task_id, update
        self._percent = 0.0
        self._start = 0.0

    def fetching(self, got_bytes: int, total_bytes: int | None) -> None:
        """A download went on."""
        self._start = PREPARED_PERCENT
        share = got_bytes / total_bytes if total_bytes else 0.5
        message = f"fetching: {got_bytes / 1e6:.1f} MB"
        if total_bytes:
            message += f" of {total_bytes / 1e6:.1f} MB"
        self._tell(share * PREPARED_PERCENT / 2, message, {"stage": "inputs"})

    def preparing(self, message: str) -> None:
        """The plugin's environment is being built."""
        self._start = PREPARED_PERCENT
        self._tell(PREPARED_PERCENT * 0.6, message, {"stage": "environment"})

    def notified(self, notification: Notification) -> None:
        """The plugin told something."""
        if notification.type == ProgressType.HEARTBEAT:
            kind, percent = ProgressType.HEARTBEAT, self._percent
        else:
            kind = ProgressType.PROGRESS
            percent = self._start + notification.percent * (100 - self._start) / 100
        self._tell(percent, notification.message, notification.data, kind)

    def _tell(
        self,
        percent: float,
        message: str,
        data: dict[str, object],
        kind: ProgressType = ProgressType.PROGRESS,
    ) -> None:
        if math.isfinite(percent):
            self._percent = max(self._percent, min(100.0, percent))
        self._update(
            TaskProgress(
                task_id=self._task_id,
                type=kind,
                percent=self._percent,
                message=message,
                data=dict(data),
            )
        )
