def render_fiches(db, out, **k):
    out.mkdir(parents=True); return []
