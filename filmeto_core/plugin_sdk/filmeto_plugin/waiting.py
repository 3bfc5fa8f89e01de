"""Waiting for work in another thread, which is given up when the call is cancelled."""

import concurrent.futures

LOOK_S = 0.05  # between looks at whether to stop


def result_of(work, check, stop):
    """What some work gives, for a library whose one call takes seconds and can be told to end.

    Args:
        work: A concurrent.futures.Future.
        check: Called often; what it raises ends the waiting, as `call.check_cancelled` does.
        stop: Called then; has the work end soon, which is waited for.

    Raises:
        BaseException: What the work, or `check`, raised.
    """
    while True:
        try:
            return work.result(LOOK_S)
        except concurrent.futures.TimeoutError:
            if work.done():  # just now, or it was the work's own
                return work.result()
        try:
            check()
        except BaseException:
            stop()
            concurrent.futures.wait([work])
            raise
