"""Registers what a studio of two machines needs with Prefect's server, from one of its machines."""

from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker

from filmeto_core.cli.flow_run import load_flow
from filmeto_core.deployment.zombies import ensure

ROOT = Path(__file__).resolve().parents[2]


def register(project: str) -> None:
    with get_client(sync_client=True) as client:
        template = ProcessWorker.get_default_base_job_template()
        client.create_work_pool(
            WorkPoolCreate(name="filmeto", type="process", base_job_template=template)
        )
        client.create_work_queue("gpu", work_pool_name="filmeto")
        for file, name in (("film.py", "studio"), ("tool.py", "tool")):
            flow = load_flow(file, file.removesuffix(".py"))
            client.create_deployment(
                client.create_flow_from_name(flow.name),
                name,
                entrypoint=f"{ROOT}/flows/{file}:{flow.name}",
                pull_steps=[
                    {"prefect.deployments.steps.set_working_directory": {"directory": project}}
                ],
                parameter_openapi_schema=parameter_schema(flow).model_dump(),
                job_variables={"command": "python -m prefect.engine"},
                work_pool_name="filmeto",
                work_queue_name="default",
            )
        print(ensure(client), ensure(client))
