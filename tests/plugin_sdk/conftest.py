"""The SDK is imported here as plugins import it: from what the host puts on their path."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "filmeto_core" / "plugin_sdk"))
