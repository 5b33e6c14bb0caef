{{ stage_mesures('insee_ipro') }}
