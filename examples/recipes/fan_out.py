"""Fan out: one call for each of many prompts, as many at once as the plugin allows.

python examples/recipes/fan_out.py
"""

from filmeto_core.tasks import ensure_server

ensure_server(print)  # before Prefect is imported, which reads its settings then

from prefect import flow  # noqa: E402

from filmeto_core.tasks import text2image  # noqa: E402
from filmeto_core.types import ResourceOutput  # noqa: E402

PROMPTS = ["a harbour at dawn", "a harbour at noon", "a harbour at night"]


@flow
def pictures(prompts: list[str], width: int = 320, height: int = 180) -> list[ResourceOutput]:
    """A picture of each prompt, in their order."""
    return text2image.map(prompts, width=width, height=height).result()


if __name__ == "__main__":
    for picture in pictures(PROMPTS):
        print(picture.path)
