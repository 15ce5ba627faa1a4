"""How a table's columns become sequences and conditions, and these a table's columns."""
