"""Expression graphs: nodes, types, the op protocol, function graphs and walks. Knows nothing of tensors.

In: ops and variables from any room above. Out: `Apply` graphs that other rooms read and rewrite.
"""

import tensorsym.graph.recipe  # noqa: F401 - it teaches variables to pickle
