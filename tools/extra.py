"""Print the requirements of one extra of pyproject.toml, one on a line, for `pip install -r`.

Installing `tensorsym[test]` instead would build the package again for each extra.
"""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
print(*project["optional-dependencies"][sys.argv[1]], sep="\n")
