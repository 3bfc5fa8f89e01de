"""How a server was asked to serve."""

import ipaddress
from pathlib import Path

from pydantic import Field

from filmeto_core.types import Model

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class ServeOptions(Model):
    """What `filmeto serve` was given."""

    host: str = Field("127.0.0.1", description="The address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="0: any free one")
    socket: Path | None = Field(None, description="A Unix socket to listen on as well")
    allow_paths: tuple[Path, ...] = Field((), description="Folders whose files callers may name")
    allow_hosts: tuple[str, ...] = Field(
        (), description="Host names that are served, besides local"
    )
    allow_origins: tuple[str, ...] = Field((), description="Origins that CORS lets in")
    require_keys: bool = Field(False, description="Ask for a key on this machine's own address too")
    certificate: Path | None = Field(None, description="TLS: the certificate chain, PEM")
    private_key: Path | None = Field(None, description="TLS: its private key, PEM")

    @property
    def is_local(self) -> bool:
        """Whether no other machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:  # a name: what it means is the system's to say
            return self.host == "localhost"
