"""The GPU backend: runs placed plans through PyCUDA. Importing it probes nothing."""
