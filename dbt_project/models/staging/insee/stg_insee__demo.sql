{{ stage_mesures('insee_demo') }}
