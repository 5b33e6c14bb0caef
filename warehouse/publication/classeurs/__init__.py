"""One xlsx workbook per EPCI, for those who live in spreadsheets."""
