"""What leaves: tables, map, fiches, explorer, workbooks, change log, descriptors, explanations."""
