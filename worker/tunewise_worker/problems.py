"""Problems as codes of the controller's catalog with parameters. The controller writes the messages."""

from .contract import ExecutionEventFindingFinding


class Problem(Exception):
    """A known problem. The controller writes its message."""

    def __init__(self, code: str, **params: str | float) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params


def finding_of(problem: Problem, count: int) -> ExecutionEventFindingFinding:
    """A warning that does not stop the run. The controller writes its message, including the count.

    :param count: how many items the warning is about
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
    """The controller cancelled a query or disconnected."""
