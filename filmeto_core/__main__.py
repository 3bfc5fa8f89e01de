"""`python -m filmeto_core` is `filmeto`."""

import sys

from filmeto_core.cli import main

sys.exit(main())
