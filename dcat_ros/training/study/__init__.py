"""Studies: rows of methods beside each other over seeds, splits and shares of labels, reported."""
