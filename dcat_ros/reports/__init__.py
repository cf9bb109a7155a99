"""What a recorded bag is worth: counts, gaps, offsets, labels, and a verdict on them."""
