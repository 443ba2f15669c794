"""Tables out of a Plan's kernels: programs of the tile machine. No compiler is called here."""
