select
    code_qpv::varchar as code_territoire,
    perimetre::varchar as perimetre,
    code_indicateur::varchar as code_indicateur,
    periode::varchar as periode,
    valeur::double as valeur,
    rang_france::integer as rang_france,
    nb_france::integer as nb_france,
    cinquieme_france::integer as cinquieme_france,
    classe_taille::varchar as classe_taille,
    rang_taille::integer as rang_taille,
    nb_taille::integer as nb_taille,
    cinquieme_taille::integer as cinquieme_taille,
    rang_semblables::integer as rang_semblables,
    nb_semblables::integer as nb_semblables,
    cinquieme_semblables::integer as cinquieme_semblables,
    niveau::varchar as niveau,
    periode_comparaison::varchar as periode_comparaison,
    rang_mouvement::integer as rang_mouvement,
    nb_mouvement::integer as nb_mouvement,
    mouvement::varchar as mouvement
from {{ ref('int_positions') }}
order by code_indicateur, perimetre, code_territoire
