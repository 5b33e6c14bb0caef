{{ stage_mesures('fiche_publiee') }}
