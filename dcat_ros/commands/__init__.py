"""Programs of the command line beside the nodes."""
