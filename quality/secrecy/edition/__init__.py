"""The mask of an edition: from the tables of its build to one state per confidential cell."""
