"""A server's plugins, where a service of this process has its own: nothing is started here."""

from filmeto_core.plugin_host.discovery import Registry
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.plugin_host.pool import OnMessage
from filmeto_core.remote.transport import Connection
from filmeto_core.settings import Settings


class RemotePlugins(PluginManager):
    """In place of the plugins of this process.

    Args:
        connection: To the server.
        registry: Its plugins.
        settings: Of this process.
    """

    def __init__(self, connection: Connection, registry: Registry, settings: Settings) -> None:
        super().__init__(registry, settings)
        self._connection = connection

    async def prepare(self, plugin_name: str, on_message: OnMessage = lambda text: None) -> None:
        """Nothing: the plugin's first call has the server build its environment, and tells of it."""
