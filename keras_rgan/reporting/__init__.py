"""What a user is told of how good samples are: scores, faults, pictures, on one page."""
