"""Takes curl's own words, gives what curl gives, in short: for machines that know nothing but Python."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen


def main() -> int:
    """Ask, and write the answer's body, whatever its status; exit code 0."""
    parser = argparse.ArgumentParser(prog="curl")
    for flag in ("-s", "-L"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="data")
    parser.add_argument("-o", dest="target", type=Path)
    parser.add_argument("url")
    asked = parser.parse_args()
    url = asked.url if "://" in asked.url else f"http://{asked.url}"
    headers = dict(line.split(": ", 1) for line in asked.headers)
    data = asked.data.encode() if asked.data is not None else None
    try:
        answer = urlopen(Request(url, data, headers, method=asked.method))
    except HTTPError as error:
        answer = error
    with answer:
        body = answer.read()
    if asked.target:
        asked.target.write_bytes(body)
    else:
        sys.stdout.write(body.decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
