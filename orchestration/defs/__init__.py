"""What Dagster runs, one concept per file: assets, checks, job, schedules, resources."""
