"""The text of messages equals JavaScript's, so that the controller can verify a hash of it."""

import json
import subprocess

import pytest

from tunewise_worker.wire import dumps, loads

NUMBERS = [0, -0.0, 1, -7, 0.1, 1.5, 1e21, 1e20, 123456789012345680000.0, 1e-6, 1e-7, 5e-324, 1.7976931348623157e308]
NUMBERS += [0.000001234, 2.5e-8, 100.0, 1 / 3, -2 / 3, 1e15 + 0.3, 2**53, 4.35, 9007199254740993.0]


def test_numbers_are_written_as_javascript_writes_them() -> None:
    script = f"console.log(JSON.stringify({json.dumps(NUMBERS)}))"
    expected = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout.strip()
    assert dumps(NUMBERS) == expected


def test_text_is_written_as_javascript_writes_it() -> None:
    text = 'a"b\\c\n\t\u0001\u007f é 😀 \u2028'
    script = f"console.log(JSON.stringify({json.dumps(text)}))"
    expected = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout
    assert dumps(text) == expected.removesuffix("\n")


@pytest.mark.parametrize(("value", "text"), [(float("nan"), '"NaN"'), (float("-inf"), '"-Infinity"')])
def test_what_json_cannot_hold_is_text(value: float, text: str) -> None:
    assert dumps({"loss": value}) == f'{{"loss":{text}}}'
    assert str(float(loads(text))) == str(value)
