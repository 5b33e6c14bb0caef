"""The `qpv` command: words in, words and exit codes out."""
