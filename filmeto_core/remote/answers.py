"""What a server answers when something is wrong, as the error that it had: class, hint, details."""

from typing import TYPE_CHECKING, Any

from filmeto_core.errors import FilmetoError, ServerUnreachableError, ValidationError

if TYPE_CHECKING:
    import httpx

    from filmeto_core.remote.address import Address

_OF_THE_ANSWER = ("type", "title", "status", "detail", "code", "message", "hint", "retryable")


def error_of(answer: "httpx.Response", address: "Address") -> FilmetoError:
    """The error that an answer tells of; its body is read."""
    told = _json(answer)
    if told is None or "code" not in told or "message" not in told:
        return _no_server(answer, address)
    details = {k: v for k, v in told.items() if k not in _OF_THE_ANSWER and v is not None}
    return FilmetoError.from_dict({**told, "details": details})


def error_of_event(event: dict[str, Any]) -> FilmetoError:
    """The error that the last event of a task tells of."""
    details = dict(event.get("details") or {})
    told = {name: details.pop(name, None) for name in ("hint", "retryable")}
    return FilmetoError.from_dict(
        {
            "code": event.get("code", ""),
            "message": event.get("message", ""),
            "hint": told["hint"] or "",
            "retryable": told["retryable"],
            "details": details,
        }
    )


def unreachable(address: "Address", why: object) -> ServerUnreachableError:
    """Nothing answers there."""
    return ServerUnreachableError(
        f"the filmeto server at {address.text} does not answer ({_in_words(why)}).",
        hint="Start it (`filmeto serve`), correct FILMETO_API_URL, or unset it to work without one.",
        address=address.text,
    )


def _in_words(why: object) -> str:
    return str(why) or type(why).__name__


def _json(answer: "httpx.Response") -> dict[str, Any] | None:
    try:
        told = answer.json()
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _no_server(answer: "httpx.Response", address: "Address") -> FilmetoError:
    """It is another program that answers, or something between here and the server."""
    what = f"{answer.request.method} {answer.url.path} was answered with {answer.status_code}"
    if answer.status_code >= 500:  # of a proxy whose server is away
        return unreachable(address, what)
    return ValidationError(
        f"what answers at {address.text} is no filmeto server that can be used: {what}.",
        hint="Check FILMETO_API_URL; both sides should be of one release of filmeto.",
        field="FILMETO_API_URL",
        value=address.text,
    )
