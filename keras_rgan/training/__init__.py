"""The game of the two networks: a step, its recipe, its optimizers."""
