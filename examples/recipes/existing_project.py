"""A plugin called from a Prefect project that was there before: none of our flows, no server of ours.

    PREFECT_API_URL=http://127.0.0.1:4200/api python examples/recipes/existing_project.py

`headlines`, `front_page` and the flow stand for what the project has. Only `text2image` is new, and it is a
task like the others: here in a sync flow, with the tags, the name and the plugin that the project wants.
"""

from pathlib import Path

from PIL import Image
from prefect import flow, tags, task

from filmeto_core.tasks import text2image

illustration = text2image.with_options(task_run_name="illustration", retries=2)


@task
def headlines(day: str) -> list[str]:
    return [f"{day}: harbour reopens", f"{day}: storm expected"]


@task
def front_page(pictures: list[Path], file: Path) -> Path:
    """The pictures, which are of one size, below each other."""
    for n, picture in enumerate(pictures):
        with Image.open(picture) as image:
            if n == 0:
                page = Image.new("RGB", (image.width, image.height * len(pictures)))
            page.paste(image, (0, image.height * n))
    page.save(file)
    return file


@flow
def newspaper(day: str, file: Path, width: int = 320, height: int = 180) -> Path:
    asked = {"plugin": "text2image_demo", "width": width, "height": height}
    with tags("pictures"):
        drawn = [illustration.submit(line, **asked) for line in headlines(day)]
    return front_page([Path(future.result().path) for future in drawn], file)


if __name__ == "__main__":
    print(newspaper("Monday", Path("front_page.png")))
