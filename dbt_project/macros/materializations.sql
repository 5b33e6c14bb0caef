{# Tables and views made under their own name. dbt-duckdb's own makes each under another, renames it
   and drops the one before: a tenth of dbt's time on a database that is new at each build. No model
   here has hooks, grants, indexes or descriptions to keep in the database. #}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set on_cluster = config.get('meta', {}).get('grappe') if env_var('QPV_SPARK', '') | trim else none -%}
  {%- set made = this.incorporate(type='view' if on_cluster == 'lignes' else 'table') -%}
  {%- do drop_relation_if_exists(load_cached_relation(this)) -%}
  {%- if on_cluster == 'comptes' -%}
    {%- call statement('main', language='python') -%}
      {{- counted_on_cluster(made, compiled_code) }}
    {%- endcall %}
  {%- elif on_cluster == 'lignes' -%}
    {%- call statement('main') -%}
      {{- get_create_view_as_sql(made, compiled_code) }}
    {%- endcall %}
  {%- else -%}
    {%- call statement('main', language=model['language']) -%}
      {{- create_table_as(False, made, compiled_code, model['language']) }}
    {%- endcall %}
  {%- endif -%}
  {%- do adapter.commit() -%}
  {{ return({'relations': [made]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
  {%- set made = this.incorporate(type='view') -%}
  {%- do drop_relation_if_exists(load_cached_relation(this)) -%}
  {%- call statement('main') -%}
    {{- get_create_view_as_sql(made, sql) }}
  {%- endcall %}
  {%- do adapter.commit() -%}
  {{ return({'relations': [made]}) }}
{% endmaterialization %}
