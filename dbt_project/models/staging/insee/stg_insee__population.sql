{{ stage_mesures('insee_population') }}
