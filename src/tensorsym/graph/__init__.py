"""Expression graphs: nodes, types, the op protocol, function graphs, walks. Knows no tensors.

In: ops and variables from any room above. Out: `Apply` graphs that other rooms read and rewrite.
"""

import tensorsym.graph.recipe  # noqa: F401 - it teaches variables to pickle
