"""Tells an address of each film that fails or crashes: a Prefect automation, made once.

    python examples/automations/notify_on_failure.py https://hooks.example.org/films

The address gets a POST with JSON: film, state, reason (its first line says what to do), url. Run it
again with another address to change it; the automation is in the Prefect UI, under Automations. For
Slack, e-mail and others, choose "Send a notification" there instead, with a block of that kind.
"""

import sys

from filmeto_core.prefect_server import ensure_server, ui_url

PAGES = ui_url(ensure_server(print))  # before Prefect is imported, which reads its settings then

from prefect.automations import Automation  # noqa: E402
from prefect.blocks.webhook import Webhook  # noqa: E402
from prefect.events.actions import CallWebhook  # noqa: E402
from prefect.events.schemas.automations import EventTrigger, Posture  # noqa: E402

NAME = "Tell of films that fail"
BLOCK = "film-failures"
BODY = """{
  "film": {{ flow_run.name | tojson }},
  "state": {{ flow_run.state.name | tojson }},
  "reason": {{ flow_run.state.message | tojson }},
  "url": "PAGES/runs/flow-run/{{ flow_run.id }}"
}""".replace("PAGES", PAGES)


def main(url: str) -> None:
    """Make the automation, or change the address of the one that is there."""
    told = {"Content-Type": "application/json"}
    block = Webhook(method="POST", url=url, headers=told).save(BLOCK, overwrite=True)
    trigger = EventTrigger(
        expect={"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
        match={"prefect.resource.id": "prefect.flow-run.*"},
        match_related={"prefect.resource.role": "flow", "prefect.resource.name": "film"},
        posture=Posture.Reactive,
        threshold=1,
    )
    actions = [CallWebhook(block_document_id=block, payload=BODY)]
    try:
        automation = Automation.read(name=NAME)
    except ValueError:
        Automation(name=NAME, trigger=trigger, actions=actions).create()
    else:
        automation.trigger, automation.actions = trigger, actions
        automation.update()
    print(f'"{NAME}": {url}')


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
