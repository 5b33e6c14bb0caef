{{ stage_mesures('insee_filosofi') }}
