{# The Python that dbt-duckdb runs for a model whose SQL a cluster counts (docs/grappe.md): the text of
   the model is given as it is. What dbt calls after, there is nothing left to make. #}
{% macro counted_on_cluster(made, query) -%}
from warehouse.cluster.counting import count


def model(dbt, con):
    count(con, {{ tojson(made.identifier) }}, {{ tojson(made | string) }}, {{ tojson(query) }})


class dbtObj:
    def __init__(self, load):
        pass


def materialize(made, con):
    pass
{%- endmacro %}
