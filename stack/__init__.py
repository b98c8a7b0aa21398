"""Ladle and all that it stands on as processes of this machine, without Docker: `make stack`."""
