"""Runs MLflow's own REST tracking tests against a tunewise server: a pytest plug-in, loaded with `-p`.

MLflow's fixture creates its store in the test process and serves it from a thread. The plug-in replaces the thread by
our server with a new store for every test, without editing MLflow's code. `TUNEWISE_REST_SERVER` is the command that
starts the server: it reads folders, one per line, and answers each with the URL of a server on a new store there. An
empty line closes the last one.
"""

import os
import shlex
import subprocess
from urllib.parse import unquote, urlparse

# Topics of tests that do not count; docs/tracking.md lists them with the reasons.
LEFT_OUT = {
    "GraphQL, which MLflow's own page alone speaks": ["graphql"],
    "workspaces": ["workspace"],
    "spans one by one, searched or counted: they are files here": [
        "otel",
        "get_trace_handler",
        "get_trace_artifact_handler",
        "traces_match_text",
        "filter_correlation",
        "trace_metrics",
    ],
    "scorers": ["scorer", "online_scoring"],
    "a gateway to models, and its secrets": [
        "secret",
        "endpoint",
        "model_definition",
        "provider",
        "list_models",
    ],
    "issues": ["issue"],
    "datasets of evaluations": [
        "evaluation_dataset",
        "dataset_to_experiments",
        "dataset_from_experiments",
        "multiple_experiments_at_once",
        "dataset_experiment_association",
        "idempotent_add_experiments",
        "idempotent_remove_experiments",
        "add_remove_experiments",
    ],
    "needs MLflow's own server in the test": [
        "bulk_calls_optimized_impl",
        "model_version_with_validation_regex",
        "gateway_proxy",
    ],
}


class Server:
    """A tunewise process that serves one store after another."""

    def __init__(self):
        self.process = None
        self.folder = None

    def ask(self, line):
        if self.process is None:
            command = shlex.split(os.environ["TUNEWISE_REST_SERVER"])
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise RuntimeError("the tunewise server ended")
        return answer

    def stop(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait(timeout=30)


class OurServer:
    """Replaces MLflow's ServerThread."""

    def __init__(self, app, port):
        pass

    def __enter__(self):
        return server.ask(server.folder)

    def __exit__(self, *failure):
        server.ask("")


server = Server()


def pytest_configure(config):
    from mlflow.server import handlers
    from mlflow.utils import workspace_context
    from tests.tracking import integration_test_utils

    # The tests may be older than the package, which has renamed a function that their setup calls.
    if not hasattr(workspace_context, "clear_workspace"):
        workspace_context.clear_workspace = workspace_context.clear_server_request_workspace

    original = handlers.initialize_backend_stores

    def remember(*args, **kwargs):
        root = kwargs.get("default_artifact_root") or (args[2] if len(args) > 2 else None)
        server.folder = unquote(urlparse(root).path)
        return original(*args, **kwargs)

    handlers.initialize_backend_stores = remember
    integration_test_utils.ServerThread = OurServer


def pytest_collection_modifyitems(config, items):
    words = [word for group in LEFT_OUT.values() for word in group]
    kept, dropped = [], []
    for item in items:
        name = item.function.__name__
        store = getattr(item, "callspec", None) and item.callspec.params.get("store_type")
        left_out = any(word in name for word in words) or store == "file"
        (dropped if left_out else kept).append(item)
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


def pytest_unconfigure(config):
    server.stop()


def pytest_terminal_summary(terminalreporter):
    """Prints a summary by test function, so that a parametrized test counts once."""
    outcomes = {}
    for kind, reports in terminalreporter.stats.items():
        for report in reports:
            if kind in ("passed", "failed", "error", "skipped", "xfailed", "xpassed"):
                name = report.nodeid.split("[")[0].split("::")[-1]
                outcomes.setdefault(name, set()).add(kind)
    # Tests that MLflow expects to fail but that pass here count as passed.
    passed = [name for name, kinds in outcomes.items() if kinds <= {"passed", "xpassed"}]
    expected = [name for name, kinds in outcomes.items() if kinds == {"xfailed"}]
    for name in sorted(outcomes.keys() - set(passed)):
        how = "MLflow expects it to fail" if name in expected else "not passed"
        terminalreporter.write_line(f"{how}: {name}")
    terminalreporter.write_line(f"MLFLOW {len(passed)} passed, {len(expected)} expected to fail, of {len(outcomes)}")
