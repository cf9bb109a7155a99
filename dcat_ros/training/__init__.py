"""From labelled bags to a bundle: data sets, fit, evaluation, calibration, export (torch)."""
