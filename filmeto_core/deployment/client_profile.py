"""The Prefect profile of the user: which API `prefect deployment run` speaks with.

A fresh Prefect speaks with a server of its own that ends with the command; it would never meet the
server of `filmeto up`.

Source: Prefect 3.8 documentation, "Settings and profiles".
"""

from prefect.context import get_settings_context
from prefect.settings import PREFECT_API_URL, load_profiles, update_current_profile


def remember_api(url: str) -> bool:
    """Have the active profile name this API, unless it does; whether it was changed."""
    if _named() == url:
        return False
    update_current_profile({PREFECT_API_URL: url})
    return True


def forget_api(url: str) -> bool:
    """Take the API out of the active profile, if it is still this one; whether it was."""
    if _named() != url:
        return False
    update_current_profile({PREFECT_API_URL: None})
    return True


def _named() -> str | None:
    profiles = load_profiles()
    name = get_settings_context().profile.name
    return profiles[name].settings.get(PREFECT_API_URL) if name in profiles.names else None
