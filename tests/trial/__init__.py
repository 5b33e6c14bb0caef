"""The trial: hostile files, hostile servers and kills, each judged; `make trial` runs it."""
