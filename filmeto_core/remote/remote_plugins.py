"""A server's plugins, where a service of this process has its own: nothing is started here."""

import json
import logging
from urllib.parse import quote

from filmeto_core.plugin_host.discovery import Registry
from filmeto_core.plugin_host.host import PluginManager
from filmeto_core.plugin_host.pool import OnMessage
from filmeto_core.remote.answers import error_of, error_of_event
from filmeto_core.remote.event_reader import EventReader
from filmeto_core.remote.transport import ANSWER_S, API, SILENCE_S, Connection
from filmeto_core.settings import Settings

logger = logging.getLogger(__name__)


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
        """Have the server build the plugin's environment, if it is not there.

        Where the connection is cut meanwhile, the plugin's first call sees to it.

        Raises:
            PluginEnvironmentError: It could not be built.
        """
        import httpx

        try:
            await self._prepared(quote(plugin_name, safe=""), on_message)
        except httpx.TransportError as error:
            logger.info("the server's word on %s was cut: %s", plugin_name, error)

    async def _prepared(self, name: str, on_message: OnMessage) -> None:
        import httpx

        timeout = httpx.Timeout(ANSWER_S, read=SILENCE_S)
        async with (
            self._connection.client() as client,
            client.stream("POST", f"{API}/plugins/{name}/prepare", timeout=timeout) as answer,
        ):
            if answer.status_code >= 400:
                await answer.aread()
                raise error_of(answer, self._connection.address)
            reader = EventReader()
            async for chunk in answer.aiter_bytes():
                for told in reader.feed(chunk):
                    event = json.loads(told.data)
                    if event["_type"] == "error":
                        raise error_of_event(event)
                    if event["_type"] == "progress":
                        on_message(event["message"])
