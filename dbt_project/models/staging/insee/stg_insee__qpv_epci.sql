-- A workbook saved through a number type writes 245901160.0: the decimals are dropped.
select
    code as code_qpv,
    perimetre,
    regexp_replace(code_epci, '\.0$', '') as code_epci,
    regexp_replace(code_epci_deux, '\.0$', '') as code_epci_deux,
    codes_communes,
    source_id,
    millesime
from {{ source('landing', 'insee_qpv_epci') }}
