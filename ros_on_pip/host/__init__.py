"""Set-up of a clone: what this host offers, what has to be installed, and where to run."""
