"""Fiches chiffres clés: from a release's tables to pages. Decides no figure and masks none."""
