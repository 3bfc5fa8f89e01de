"""What a plugin says, without the secrets that it was given: its errors go to whoever calls it.

A plugin's key for its provider comes from the variables that its manifest names. One that prints its
environment, or a library that quotes a request, would tell that key to every caller.
"""

import re
from collections.abc import Mapping

from filmeto_core.plugin_host.discovery import Plugin
from filmeto_core.plugin_host.grants import Grant
from filmeto_core.settings import inherited_environment

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH", re.I)
_LEAST_CHARACTERS = 8  # a shorter value is no secret, and stands in many a word


class Hidden:
    """Puts the names of secrets in their places.

    Args:
        secrets: By the names of their variables.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        known = sorted(secrets.items(), key=lambda item: -len(item[1]))  # one may be within another
        self._secrets = [(value.encode(), f"[{name}]".encode()) for name, value in known]

    def in_bytes(self, data: bytes) -> bytes:
        """What was said, without them."""
        for secret, name in self._secrets:
            if secret in data:
                data = data.replace(secret, name)
        return data

    def in_text(self, text: str) -> str:
        """As `in_bytes`."""
        if not self._secrets:
            return text
        return self.in_bytes(text.encode("utf-8", "replace")).decode("utf-8", "replace")


NOTHING_HIDDEN = Hidden({})


def secrets_of(plugin: Plugin, grant: Grant) -> Hidden:
    """The secrets among the variables that a plugin is given."""
    names = (*plugin.manifest.environment, *grant.environment)
    wanted = [name for name in names if _SECRET_NAME.search(name)]
    if not wanted:
        return NOTHING_HIDDEN
    given = inherited_environment(tuple(wanted))
    secrets = {name: given.get(name, "") for name in wanted}
    return Hidden({n: value for n, value in secrets.items() if len(value) >= _LEAST_CHARACTERS})
