"""Which period a landed block really holds: its values against other files, never trusted alone."""
