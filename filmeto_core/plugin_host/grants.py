"""What the user allows a plugin beyond what every plugin may: `grants:` of the project's filmeto.yaml.

How that file is read is the project's; what a grant opens is `sandbox`'s and `spawn`'s.
"""

from pathlib import Path

from pydantic import Field

from filmeto_core.types import Model


class Grant(Model):
    """What one plugin is allowed on top."""

    write: tuple[Path, ...] = Field((), description="Folders or files that it may write to")
    environment: tuple[str, ...] = Field((), description="Variables that it may see")
    sandbox: bool | None = Field(None, description="Whether it is sandboxed; None: the default")


NO_GRANT = Grant()
