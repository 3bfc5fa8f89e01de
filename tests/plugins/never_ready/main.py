"""Never says that it is ready."""

import sys
import time

sys.stderr.write("still loading\n")
sys.stderr.flush()
while True:
    time.sleep(60)
