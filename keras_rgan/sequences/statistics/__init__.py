"""What is learned of data that comes in parts: accumulators, each with `update`, which layers adopt."""
