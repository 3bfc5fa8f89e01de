"""A machine that makes films: what `filmeto up` starts, `filmeto status` tells of, `filmeto down` ends.

Four parts: a Prefect server (unless it is another machine's), the work pool with the project's
deployments, a worker, and the warm host, which is `filmeto serve`.
"""
