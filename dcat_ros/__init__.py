"""Activity recognition from one sensor, trained across sensors (D-CAT, arXiv 2509.09747)."""
