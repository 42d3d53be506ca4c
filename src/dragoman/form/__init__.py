"""The report form: a source's accounts as people write them, and its text to write them from."""
