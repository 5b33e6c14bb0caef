"""What producers have published, beside what the registry declares: asked once a day."""
