"""The whole journey on simulated persons, through the real programs and real topics."""
