"""White space out of JSON texts by Python's json, as minify.cpp does it: prints nanoseconds and passes.

minify.py FILE line|whole SECONDS|PASSESx
"""

import json
import sys
import time

path, unit, limit = sys.argv[1:4]
counts, limit = limit.endswith("x"), float(limit.rstrip("x"))
with open(path, encoding="utf-8") as file:
    texts = file.read().splitlines() if unit == "line" else [file.read()]
passes, start = 0, time.monotonic_ns()
while True:
    for text in texts:
        json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
    passes += 1
    end = time.monotonic_ns()
    if (passes if counts else (end - start) / 1e9) >= limit:
        break
print(end - start, passes)
