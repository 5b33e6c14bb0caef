-- Those by which the territories of the edition lie: a later one only says what its own year was.
select c.*
from {{ ref('stg_insee__compositions') }} as c
cross join {{ ref('stg_edition__parametres') }} as e
where c.millesime <= coalesce(e.composition, c.millesime)
