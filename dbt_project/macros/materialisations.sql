{# A build database is new and its writer alone: a model is made under its own name. dbt's own
   materializations make it under another one and rename twice, for readers that we do not have. #}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set relation = this.incorporate(type='table') -%}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% call statement('main', language=model['language']) %}
        {{- create_table_as(False, relation, compiled_code, model['language']) }}
    {% endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='view') -%}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% call statement('main') %}
        {{- create_view_as(relation, sql) }}
    {% endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}
