"""What a batch is, and how a user's data becomes one."""
