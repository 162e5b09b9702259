"""Problems that the controller explains: a code of its catalog, with parameters."""

from .contract import ExecutionEventFindingFinding


class Problem(Exception):
    """A known problem. The controller words it."""

    def __init__(self, code: str, **params: str | float) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params


def finding_of(problem: Problem, count: int) -> ExecutionEventFindingFinding:
    """A warning about something that does not stop the run. The controller words it, with the number.

    :param count: how many there are
    """
    worded: ExecutionEventFindingFinding = {
        "code": problem.code,
        "severity": "warning",
        "title": "",
        "detail": "",
        "where": [],
        "count": count,
        "fix": "",
    }
    return worded


class Cancelled(Exception):
    """The controller gave a request up, or has gone."""
