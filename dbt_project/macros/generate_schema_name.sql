{# Schemas bear the names of the rooms (landing, staging, intermediate, marts), without prefix. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
