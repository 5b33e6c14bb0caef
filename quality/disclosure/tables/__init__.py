"""The format of tables, relations and rules, shared by what masks and by what attacks."""
