"""Gets ready and reads nothing ever after."""

import signal
import sys

sys.stdout.write('{"jsonrpc":"2.0","method":"ready","params":{}}\n')
sys.stdout.flush()
signal.pause()
