{{ stage_mesures('cnaf_minima_territoires') }}
