#!/usr/bin/env bash
# Runs MLflow's own REST tracking tests against this server and prints how many passed.
#   test/clients/mlflow-rest.sh PYTHON CHECKOUT [PYTEST FLAGS...]
# PYTHON: an interpreter with mlflow, scikit-learn, pytest, pytest-asyncio and pytest-timeout.
# CHECKOUT: a folder with `tests` and `pyproject.toml` of MLflow's repository; this script does not modify it.
set -eu
if [ $# -lt 2 ]; then
  sed -n '2,5s/^# *//p' "$0"
  exit 64
fi
here=$(cd "$(dirname "$0")/../.." && pwd)
python=$1 checkout=$2
shift 2
export TUNEWISE_REST_SERVER="'$here/node_modules/.bin/tsx' '$here/test/clients/mlflow-rest-server.ts'"
export PYTHONPATH="$here/test/clients:$checkout" PYTHONDONTWRITEBYTECODE=1 CI=false
cd "$checkout"
exec "$python" -m pytest -p mlflow_rest_plugin -p no:cacheprovider tests/tracking/test_rest_tracking.py -q --tb=short "$@"
