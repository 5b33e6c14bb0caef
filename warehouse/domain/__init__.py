"""The nouns of the domain, each declared once in `dbt_project/domain`. Reads no data."""
