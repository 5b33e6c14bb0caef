"""The ground: errors, paths, bounded files, strict YAML, printed numbers. No word of the domain."""
