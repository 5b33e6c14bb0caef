{% test evolution_si_comparable(model) %}
-- A figure only where the verdict allows it, and a forbidden one says it by its statut.
select * from {{ model }}
where
    (
        coalesce(evolution_nb, evolution_pct, evolution_pts) is not null
        and (statut <> 'diffuse' or coalesce(comparabilite, 'non_comparable') = 'non_comparable')
    )
    or (comparabilite is not distinct from 'non_comparable') <> (statut = 'non_comparable')
{% endtest %}
