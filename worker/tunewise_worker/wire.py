"""JSON as the controller writes and reads it: one object per line, numbers as in JavaScript."""

import json
import math
from typing import Any


def dumps(value: Any) -> str:
    """Serialize like `messageLine` of the contract: no spaces, non-finite numbers as strings.

    The text equals that of JavaScript's `JSON.stringify`, so that the controller can verify a hash of it.
    """
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{dumps(str(key))}:{dumps(one)}" for key, one in value.items()) + "}"
    return "[" + ",".join(dumps(one) for one in value) + "]"


def _number(value: float) -> str:
    """Shortest digits that parse to the same value, in the notation of ECMA-262, section 6.1.6.1.20."""
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    if value == 0:
        return "0"
    mantissa, _, power = repr(value).partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    if fraction == "0":
        fraction = ""
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(power or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    exponent = point - 1
    rest = "." + digits[1:] if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if exponent > 0 else '-'}{abs(exponent)}"


def loads(text: str | bytes) -> Any:
    """Parse a message. Non-finite numbers stay strings; `as_float` reads them."""
    return json.loads(text)


def as_float(value: float | str) -> float:
    """Read a number of the contract, where `NaN`, `Infinity` and `-Infinity` are strings."""
    return float(value)
