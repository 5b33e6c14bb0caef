{{ stage_mesures('sdes_rpls') }}
