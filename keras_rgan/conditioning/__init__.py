"""What sequences may come with beyond their values, one capability a file."""
