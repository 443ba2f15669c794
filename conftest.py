"""What tests need before tensorsym is imported: compiled kernels go to a folder of their own."""

import os
import tempfile

os.environ.setdefault("TENSORSYM_CACHE", tempfile.mkdtemp(prefix="tensorsym-tests-"))
