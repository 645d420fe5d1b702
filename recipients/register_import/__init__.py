"""A register as a spreadsheet: headings recognised, cells read, verdicts given, each in a room of its own."""
