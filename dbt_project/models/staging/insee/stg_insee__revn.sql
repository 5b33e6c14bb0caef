{{ stage_mesures('insee_revn') }}
