"""The labelling program: keys in, labels out, and what the operator sees meanwhile."""
