"""Where a contract stands: its objectives beside the release's figures, its euros, what changed."""
