"""Problems that the controller explains: a code of its catalog, with parameters."""


class Problem(Exception):
    """A known problem. The controller words it."""

    def __init__(self, code: str, **params: str | float) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params


class Cancelled(Exception):
    """The controller gave a request up, or has gone."""
