"""How long to wait before a call is tried again."""

import logging
import random

from filmeto_core.errors import FilmetoError

logger = logging.getLogger(__name__)

FIRST_RETRY_S = 1.0  # doubled at each further one, with jitter, so that callers spread out
LONGEST_RETRY_S = 60.0


def retry_pause_s(error: FilmetoError, attempt: int) -> float:
    """Seconds to wait, at least as long as whoever failed asked for.

    Args:
        attempt: 1 before the first time again.
    """
    pause = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** (attempt - 1)) * random.uniform(0.5, 1.5)
    pause = max(pause, error.details.get("retry_after_s", 0))
    logger.warning("%s Trying again in %.1f s.", error, pause)
    return pause
