"""The training's interface to its controller, the same in every process: the first talks to it, the others follow."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from .contract import RunCommand
from .controller import Controller, Message
from .preemption import Preemption
from .problems import Cancelled, Problem, finding_of
from .world import World

Query = Callable[[Message, Callable[[int], None]], Any]


class Control:
    """The controller as seen by all processes, which must call its methods in the same order."""

    def __init__(self, controller: Controller | None, world: World, deadline: float) -> None:
        """
        :param controller: the connection of the first process; `None` in the others
        :param deadline: monotonic time at which the execution reaches its time limit
        """
        self._controller = controller
        self._world = world
        self._deadline = deadline
        self._queries: dict[str, Query] = {}
        self._returned: list[RunCommand] = []
        self._preemption: Preemption | None = None
        self._at_notice: RunCommand = {"kind": "stop"}

    def watch_preemption(self, preemption: Preemption, *, is_shared: bool) -> None:
        """
        Save a checkpoint when one of the machines is about to be preempted.

        :param is_shared: whether checkpoints outlive the machine, so others can resume from them. Otherwise the run
            stops, so that its controller can fetch the checkpoint while the machine still exists.
        """
        self._preemption = preemption
        self._at_notice = {"kind": "checkpoint"} if is_shared else {"kind": "stop"}

    def report(self, kind: str, **fields: Any) -> None:
        """Report an event. Waits until a controller, if there is one, has processed it, unless it may run ahead."""
        if self._controller is not None:
            self._controller.report(kind, **fields)

    def progress(self, name: str, done: int, total: int) -> None:
        """Report progress. Progress is not logged."""
        if self._controller is not None:
            self._controller.progress(name, done, total)

    def reached(self) -> int | None:
        """The last step that an earlier process of this execution reported; `None` if training had not started."""
        return self._world.broadcast(None if self._controller is None else self._controller.reached)

    def poll(self) -> None:
        """Process messages that have arrived, without waiting."""
        if self._controller is not None:
            self._controller.poll()

    def commands(self) -> list[RunCommand]:
        """Commands of the controller since the last call. Reaching the time limit adds a `stop`."""
        taken: list[RunCommand] | None = None
        if self._controller is not None:
            taken = [*self._returned, *self._controller.take_commands()]
            self._returned = []
            if time.monotonic() >= self._deadline:
                taken.append({"kind": "stop"})
            if self._preemption is not None and self._preemption.is_noticed():
                self._preemption = None  # reported once
                self.report("finding", finding=finding_of(Problem("MACHINE_PREEMPTED"), 1))
                taken.append(self._at_notice)
        return self._world.broadcast(taken)

    def give_back(self, commands: list[RunCommand]) -> None:
        """Queue commands again, to be carried out later."""
        if self._controller is not None:
            self._returned.extend(commands)

    def offer(self, queries: dict[str, Query]) -> None:
        """Let the controller send queries at pauses. Every process computes the answer, and the first one sends it."""
        self._queries = queries
        if self._controller is not None:
            self._controller.queries.update({name: self._shared(name) for name in queries})

    def pause(self, reason: str, state: Mapping[str, Any]) -> None:
        """Pause for the controller, which may send queries."""
        if self._controller is not None:
            self._controller.pause(reason, state)
            self._world.broadcast(None)
            return
        while (asked := self._world.broadcast(None)) is not None:
            name, given = asked
            try:
                self._queries[name](given, self._follow)
            except Cancelled:
                pass

    def _shared(self, name: str) -> Query:
        def answer(given: Message, on_progress: Callable[[int], None]) -> Any:
            self._world.broadcast((name, given))

            def reached(done: int) -> None:
                cancelled: Cancelled | None = None
                try:
                    on_progress(done)
                except Cancelled as error:
                    cancelled = error
                self._world.broadcast(cancelled is not None)
                if cancelled is not None:
                    raise cancelled

            return self._queries[name](given, reached)

        return answer

    def _follow(self, _: int) -> None:
        if self._world.broadcast(None):
            raise Cancelled
