{{ stage_mesures('insee_filosofi_territoires') }}
