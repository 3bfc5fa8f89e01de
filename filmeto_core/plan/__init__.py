"""What a run of a film would do: which calls it would reuse, resume or make, why, and what for.

`planner.plan_film` makes a plan; nothing is started for it, and Prefect is not needed.
"""
