"""Retries and caching as the flow wants them, in place of what the plugin's manifest says.

python examples/recipes/options.py
"""

import asyncio
from datetime import timedelta

from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then

from prefect import flow  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402

from filmeto_core.tasks import text2image  # noqa: E402

stubborn = text2image.with_options(retries=5, retry_delay_seconds=[1, 5, 30])
refreshed = text2image.with_options(refresh_cache=True)  # computes, and replaces what is there
weekly = text2image.with_options(cache_expiration=timedelta(days=7))  # replaces what is older
uncached = text2image.with_options(cache_policy=NO_CACHE)  # computes, and leaves what is there


@flow
async def options(prompt: str, width: int = 320, height: int = 180) -> dict[str, str]:
    """The id of the computation that each way of asking for the same picture came from."""
    ways = {
        "at first": stubborn,
        "again": text2image,
        "not over a week old": weekly,
        "not from the cache": uncached,
        "refreshed": refreshed,
        "after that": text2image,
    }
    made = {}
    for way, tool in ways.items():
        picture = await tool(prompt, width=width, height=height)
        made[way] = picture.metadata["call"]["id"]
    return made


if __name__ == "__main__":
    for way, computation in asyncio.run(options("a lamp in the fog")).items():
        print(f"{way:20} {computation}")
